import { expect, test } from "vitest";
import { after } from "./votes";

test.each([
  [{ value: 0, up: 3, down: 1 }, 1, { value: 1, up: 4, down: 1 }],
  [{ value: 1, up: 4, down: 1 }, 1, { value: 0, up: 3, down: 1 }],
  [{ value: 1, up: 4, down: 1 }, -1, { value: -1, up: 3, down: 2 }],
  [{ value: 0, up: 3, down: 1 }, -1, { value: -1, up: 3, down: 2 }],
  [{ value: -1, up: 3, down: 2 }, -1, { value: 0, up: 3, down: 1 }],
  [{ value: -1, up: 3, down: 2 }, 1, { value: 1, up: 4, down: 1 }],
] as const)("from %j a click on %d leads to %j", (now, clicked, next) => {
  expect(after(now, clicked)).toEqual(next);
});
