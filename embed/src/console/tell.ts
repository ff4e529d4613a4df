/** What the moderator is told besides what stands on the page: live regions that don't chatter, and toasts. */
import { signal } from "@preact/signals";
import { t } from "./say";

export const polite = signal("");
export const assertive = signal("");

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: "good" | "bad";
  readonly undo?: () => void;
}

const LASTS = 10_000;
let last = 0;
export const toasts = signal<readonly Toast[]>([]);

/** Says something when there is a pause. */
export function say(text: string): void {
  polite.value = text;
}

export function alert(text: string): void {
  assertive.value = text;
}

/** Shows something for a while; the last three stay. Errors stay until they are closed. */
export function toast(text: string, tone: Toast["tone"] = "good", undo?: () => void): number {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-2), { id, text, tone, ...(undo ? { undo } : {}) }];
  (tone === "bad" ? alert : say)(text);
  if (tone === "good") setTimeout(() => close(id), LASTS);
  return id;
}

export function close(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

/** Copies a text, and says whether that worked. */
export function copy(text: string): void {
  navigator.clipboard.writeText(text).then(
    () => toast(t("snippet.copied")),
    () => toast(t("snippet.not_copied"), "bad"),
  );
}
