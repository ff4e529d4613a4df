import { expect, test } from "vitest";
import { commentInHash, dispatch, type FromFrame } from "./messages";

function heard(data: unknown): string[] {
  const calls: string[] = [];
  dispatch<FromFrame>(data, {
    ready: () => calls.push("ready"),
    size: ({ height }) => calls.push(`size ${height}`),
    scroll: () => calls.push("scroll"),
    link: () => calls.push("link"),
    count: () => calls.push("count"),
    posted: () => calls.push("posted"),
  });
  return calls;
}

test("a message finds its entry", () => {
  expect(heard({ v: 1, type: "ready" })).toEqual(["ready"]);
  expect(heard({ v: 1, type: "size", height: 20 })).toEqual(["size 20"]);
});

test.each([null, undefined, "ready", 7, {}, { type: "ready" }, { v: 2, type: "ready" }, { v: 1, type: "constructor" }, { v: 1, type: "__proto__" }])(
  "%j is ignored",
  (data) => {
    expect(heard(data)).toEqual([]);
  },
);

test.each([
  ["#comment-1734301234567890123", "1734301234567890123"],
  ["#comment-", null],
  ["#comment-12x", null],
  ["#comment-12345678901234567890", null],
  ["#other", null],
  ["", null],
])("%s names %s", (hash, id) => {
  expect(commentInHash(hash)).toBe(id);
});
