import { expect, test } from "vitest";
import { hitsIn } from "./hits";

const shown = (text: string, query: string): string[] => hitsIn(text, query).map(([from, to]) => text.slice(from, to));

test.each([
  ["The tram in Zürich", "zurich TRAM", ["tram", "Zürich"]],
  ["tram tram", "tram", ["tram", "tram"]],
  ["trams", "tram trams", ["trams"]],
  ["a 🚋 tram", "tram", ["tram"]],
  ["ﬁne", "fine", ["ﬁne"]],
  ["nothing", "else", []],
  ["anything", "  ", []],
])("in %j %j finds %j", (text, query, found) => {
  expect(shown(text, query)).toEqual(found);
});
