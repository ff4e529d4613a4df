import type { Page } from "./page";

/** What is selected of a comment's text is quoted by its button "Reply": a press on that must leave the selection. */
export function start(page: Page): void {
  page.root.addEventListener(
    "mousedown",
    (event) => {
      const button = (event.target as Element).closest('[data-act="reply"]');
      if (button && selected().article?.contains(button)) event.preventDefault();
    },
    { signal: page.signal },
  );
}

/** Goes into a reply's form, with what is selected of the comment as a quote. */
export function begin(form: HTMLFormElement, article: HTMLElement): void {
  const body = form.elements.namedItem("body") as HTMLTextAreaElement;
  const { article: from, text } = selected();
  body.focus();
  if (from !== article) return;
  getSelection()?.removeAllRanges();
  const before = body.value.trimEnd();
  body.value = `${before}${before && "\n\n"}${quoted(text)}\n\n`;
  body.setSelectionRange(body.value.length, body.value.length);
  body.dispatchEvent(new Event("input", { bubbles: true }));
}

/** A text as a quote in Markdown. */
export function quoted(text: string): string {
  return text.trim().replace(/^/gm, "> ").replace(/ +$/gm, "");
}

function selected(): { article: HTMLElement | null; text: string } {
  const selection = getSelection();
  const text = selection?.toString().trim() ?? "";
  if (!selection || !text || selection.rangeCount === 0) return { article: null, text };
  const within = selection.getRangeAt(0).commonAncestorContainer;
  const element = within instanceof Element ? within : within.parentElement;
  return { article: element?.closest(".body")?.closest<HTMLElement>("article.comment") ?? null, text };
}
