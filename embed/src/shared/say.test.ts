import { expect, test } from "vitest";
import { clock, duration, say } from "./say";

test.each([
  [0, "0:00"],
  [0.2, "0:01"],
  [59.5, "1:00"],
  [245, "4:05"],
  [-3, "0:00"],
])("%d seconds are %s on the clock", (seconds, words) => {
  expect(clock(seconds)).toBe(words);
});

test.each([
  [1, "1 second"],
  [12.1, "13 seconds"],
  [89, "89 seconds"],
  [90, "2 minutes"],
  [3600, "60 minutes"],
])("%d seconds last %s", (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});

test("one is not many", () => {
  expect([say.left(1), say.left(2), say.tooLong(1), say.more(1), say.folded(3)]).toEqual([
    "1 character left",
    "2 characters left",
    "1 character too many.",
    "1 more comment.",
    "Show 3 replies",
  ]);
});

test("a held comment says why", () => {
  expect(say.held(["It holds a link."])).toMatch(/waits for a moderator.* It holds a link\.$/);
  expect(say.held([])).toMatch(/can see it\.$/);
});
