import { expect, test } from "vitest";
import { ago } from "./times";

const NOW = new Date("2026-11-24T18:00:00Z");
const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

test.each([
  ["2026-11-24T18:02:00Z", "now"],
  ["2026-11-24T17:59:01Z", "now"],
  ["2026-11-24T17:59:00Z", "1 minute ago"],
  ["2026-11-24T17:00:01Z", "59 minutes ago"],
  ["2026-11-24T15:10:00Z", "2 hours ago"],
  ["2026-11-23T17:00:00Z", "yesterday"],
  ["2026-11-17T18:00:01Z", "6 days ago"],
  ["2026-11-17T18:00:00Z", null],
])("%s was %s", (at, words) => {
  expect(ago(new Date(at), NOW, format)).toBe(words);
});
