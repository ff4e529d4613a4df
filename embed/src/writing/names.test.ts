import { expect, test } from "vitest";
import { matching, mention, mentionAt } from "./names";

test.each([
  ["@Ad", { at: 0, begins: "Ad" }],
  ["Dear @ada f", { at: 5, begins: "ada f" }],
  ["(@zoë", { at: 1, begins: "zoë" }],
  ["first\n@b", { at: 6, begins: "b" }],
  ["@", null],
  ["me@example", null],
  ["@ ada", null],
  ["@a\nb", null],
])("%j mentions %j", (text, found) => {
  expect(mentionAt(text, text.length)).toEqual(found);
});

test("only what stands before the caret counts", () => {
  expect(mentionAt("@ada and more", 3)).toEqual({ at: 0, begins: "ad" });
});

test("names are found by the beginning of any word, each once", () => {
  const names = ["Zoë Adair", "Ada Fallowdene", "Bob", "Ada Fallowdene"];
  expect(matching(names, "ad", 6)).toEqual(["Zoë Adair", "Ada Fallowdene"]);
  expect(matching(names, "ZOE", 6)).toEqual(["Zoë Adair"]);
  expect(matching(names, "ad", 1)).toHaveLength(1);
  expect(matching(names, "dair", 6)).toEqual([]);
});

test("a name is no markup", () => {
  expect(mention("a_b*c*")).toBe("@a\\_b\\*c\\* ");
});
