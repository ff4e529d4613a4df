import { expect, test } from "vitest";
import { differences } from "./diff";

const told = (before: string, after: string) => differences(before, after).map(({ kind, text }) => `${{ same: "=", out: "-", in: "+" }[kind]}${text}`);

test("a changed word", () => {
  expect(told("gulls are kind birds", "gulls are rude birds")).toEqual(["=gulls are ", "-kind", "+rude", "= birds"]);
});

test.each([
  ["", "", []],
  ["a", "a", ["=a"]],
  ["", "new", ["+new"]],
  ["old", "", ["-old"]],
])("%j to %j", (before, after, pieces) => {
  expect(told(before, after)).toEqual(pieces);
});

test.each([
  ["one two  three\nfour", "zero two three\n\nfour five"],
  ["أ ب ج", "أ ج د"],
  ["x ".repeat(3000), "y ".repeat(3000)],
])("nothing is lost of either text", (before, after) => {
  const pieces = differences(before, after);
  const joined = (leave: string) => pieces.filter(({ kind }) => kind !== leave).map(({ text }) => text).join("");
  expect(joined("in")).toBe(before);
  expect(joined("out")).toBe(after);
});
