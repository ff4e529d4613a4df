import { expect, test } from "vitest";
import { scaleEnd } from "./charts";

test.each([
  [[], 1],
  [[0], 1],
  [[1], 1],
  [[3, 4], 5],
  [[7], 10],
  [[10], 10],
  [[11], 20],
  [[499, 20], 500],
])("a scale for %j ends at %i", (values, end) => {
  expect(scaleEnd(values)).toBe(end);
});
