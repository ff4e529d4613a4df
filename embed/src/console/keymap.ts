/** Which key does what: the commands, their keys at first, and what a moderator made of them. Pure. */
export const COMMANDS = [
  "next",
  "previous",
  "take",
  "approve",
  "reject",
  "spam",
  "remove",
  "restore",
  "sheet",
  "skip",
  "undo",
  "release",
  "select",
  "context",
  "article",
  "search",
  "help",
] as const;
export type Command = (typeof COMMANDS)[number];
export type Keymap = Readonly<Record<Command, string>>;

export const DEFAULTS: Keymap = {
  next: "j",
  previous: "k",
  take: "n",
  approve: "a",
  reject: "r",
  spam: "s",
  remove: "d",
  restore: "u",
  sheet: "e",
  skip: "x",
  undo: "z",
  release: "g",
  select: "v",
  context: "c",
  article: "o",
  search: "/",
  help: "?",
};

/** What a key press is called, or null for one that is nobody's shortcut: with Ctrl, Alt or Meta it is the browser's. */
export function keyOf(press: { key: string; ctrlKey: boolean; altKey: boolean; metaKey: boolean; isComposing?: boolean }): string | null {
  if (press.ctrlKey || press.altKey || press.metaKey || press.isComposing) return null;
  // Capitals are keys of their own: Shift is how they are typed.
  return [...press.key].length === 1 && press.key !== " " ? press.key : null;
}

/** The command of a key, or null. */
export function commandOf(map: Keymap, key: string): Command | null {
  return COMMANDS.find((command) => map[command] === key) ?? null;
}

/** The map with `command` on `key`. Who had the key takes the one that became free, so nothing is ever without a key. */
export function remapped(map: Keymap, command: Command, key: string): Keymap {
  const before = commandOf(map, key);
  const changed = { ...map, [command]: key };
  return before && before !== command ? { ...changed, [before]: map[command] } : changed;
}

/** What storage held, as a keymap: unknown commands are dropped, missing ones are as at first, no key is there twice. */
export function readKeymap(kept: unknown): Keymap {
  let map = DEFAULTS;
  if (typeof kept !== "object" || kept === null) return map;
  for (const command of COMMANDS) {
    const key = (kept as Record<string, unknown>)[command];
    if (typeof key === "string" && [...key].length === 1 && key.trim()) map = remapped(map, command, key);
  }
  return map;
}

/** What differs from the first keys, to be kept. */
export function changesOf(map: Keymap): Partial<Record<Command, string>> {
  return Object.fromEntries(COMMANDS.filter((command) => map[command] !== DEFAULTS[command]).map((command) => [command, map[command]]));
}
