import { expect, test } from "vitest";
import { changesOf, COMMANDS, commandOf, DEFAULTS, keyOf, readKeymap, remapped } from "./keymap";

const press = (key: string, more = {}) => keyOf({ key, ctrlKey: false, altKey: false, metaKey: false, ...more });

test("every command has a key of its own", () => {
  expect(new Set(Object.values(DEFAULTS)).size).toBe(COMMANDS.length);
  for (const command of COMMANDS) expect(commandOf(DEFAULTS, DEFAULTS[command])).toBe(command);
});

test.each([
  ["a", {}, "a"],
  ["A", {}, "A"],
  ["?", {}, "?"],
  ["ش", {}, "ش"],
  ["Enter", {}, null],
  [" ", {}, null],
  ["a", { ctrlKey: true }, null],
  ["a", { metaKey: true }, null],
  ["a", { isComposing: true }, null],
])("%s with %j is %s", (key, more, name) => {
  expect(press(key, more)).toBe(name);
});

test("a key that is taken changes places, so that no command loses its own", () => {
  const map = remapped(DEFAULTS, "approve", DEFAULTS.reject);
  expect(map.approve).toBe(DEFAULTS.reject);
  expect(map.reject).toBe(DEFAULTS.approve);
  expect(new Set(Object.values(map)).size).toBe(COMMANDS.length);
});

test("what is kept comes back, and nothing but that is kept", () => {
  const map = remapped(remapped(DEFAULTS, "approve", "1"), "spam", "2");
  expect(changesOf(map)).toEqual({ approve: "1", spam: "2" });
  expect(readKeymap(JSON.parse(JSON.stringify(changesOf(map))))).toEqual(map);
});

test.each([null, 7, "a", [], { approve: "" }, { approve: "ab" }, { approve: 3 }, { destroy: "q" }])("%j from storage changes nothing", (kept) => {
  expect(readKeymap(kept)).toEqual(DEFAULTS);
});

test("two commands on one key in storage do not end on one key", () => {
  const map = readKeymap({ approve: "q", reject: "q" });
  expect(new Set(Object.values(map)).size).toBe(COMMANDS.length);
});
