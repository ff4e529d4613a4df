import { expect, test } from "vitest";
import { inOrder, moved } from "./order";

const ids = (items: readonly { id: string }[]): string => items.map((one) => one.id).join("");
const list = (written: string): { id: string }[] => [...written].map((id) => ({ id }));

test("one's own order, and what it does not name behind it as it came", () => {
  expect(ids(inOrder(list("abcd"), ["d", "b"]))).toBe("dbac");
  expect(ids(inOrder(list("abc"), ["x", "c"]))).toBe("cab");
  expect(ids(inOrder(list("abc")))).toBe("abc");
});

test.each([
  ["b", -1, "bac"],
  ["b", 1, "acb"],
  ["a", -1, "abc"],
  ["c", 1, "abc"],
  ["x", 1, "abc"],
] as const)("%s moved by %i", (id, step, wanted) => {
  expect(moved(["a", "b", "c"], id, step).join("")).toBe(wanted);
});
