/** The one listener for shortcuts. A view says what its commands do; a field one writes in has its keys to itself. */
import { commandOf, keyOf, type Command } from "./keymap";
import { areKeysOn, keymap } from "./settings";

export type Doings = Partial<Record<Command, () => void>>;

const stack: Doings[] = [];

/** Puts commands in force; what was there before answers to what these leave out. Returns their end. */
export function onKeys(doings: Doings): () => void {
  stack.push(doings);
  return () => {
    const at = stack.lastIndexOf(doings);
    if (at >= 0) stack.splice(at, 1);
  };
}

export function run(command: Command): boolean {
  for (const doings of stack.toReversed()) {
    const act = doings[command];
    if (act) {
      act();
      return true;
    }
  }
  return false;
}

export function followKeys(): void {
  addEventListener("keydown", (press) => {
    if (!areKeysOn.value || press.defaultPrevented || isWriting(press.target) || document.querySelector("dialog[open]")) return;
    const key = keyOf(press);
    const command = key === null ? null : commandOf(keymap.value, key);
    if (command && !press.repeat && run(command)) press.preventDefault();
    else if (command && press.repeat && (command === "next" || command === "previous") && run(command)) press.preventDefault();
  });
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio])"));
}
