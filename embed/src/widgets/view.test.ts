import { expect, test } from "vitest";
import { ago, isWeb } from "./view";

const NOW = Date.parse("2026-11-26T12:00:00Z");

test("how long ago is said in one unit, and a day by its name", () => {
  expect(ago("2026-11-26T11:59:40Z", "en", NOW)).toBe("this minute");
  expect(ago("2026-11-26T11:15:00Z", "en", NOW)).toBe("45 minutes ago");
  expect(ago("2026-11-26T08:00:00Z", "de", NOW)).toBe("vor 4 Stunden");
  expect(ago("2026-11-25T11:00:00Z", "en", NOW)).toBe("yesterday");
  expect(ago("2026-09-01T12:00:00Z", "en", NOW)).toBe("Sep 1, 2026");
});

test("a reader whose clock is slow is told no future", () => {
  expect(ago("2026-11-26T12:05:00Z", "en", NOW)).toBe("this minute");
});

test("links lead to the web and nowhere else", () => {
  expect(isWeb("https://courier.example/2026/tram#comment-1")).toBe(true);
  expect(isWeb("javascript:alert(1)")).toBe(false);
  expect(isWeb("//evil.example")).toBe(false);
});
