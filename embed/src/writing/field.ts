import type { Change } from "./marks";

/** Changes a field's text as typing would: it can be undone, and all who listen hear of it. */
export function apply(body: HTMLTextAreaElement, { from, to, insert, start, end }: Change): void {
  body.focus();
  body.setSelectionRange(from, to);
  // Deprecated, and still the only way that keeps the browser's own undo.
  const isDone = insert ? document.execCommand("insertText", false, insert) : document.execCommand("delete");
  if (!isDone) {
    body.setRangeText(insert, from, to);
    body.dispatchEvent(new Event("input", { bubbles: true }));
  }
  body.setSelectionRange(start, end);
}
