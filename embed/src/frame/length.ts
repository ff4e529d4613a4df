import { say } from "../shared/say";
import type { Page } from "./page";

/** Counts only in the last fifth, and speaks only at its beginning and end. Returns what counts anew. */
export function watchLength(page: Page, form: HTMLFormElement): () => void {
  const body = form.elements.namedItem("body") as HTMLTextAreaElement;
  const left = form.querySelector<HTMLElement>("[data-left]");
  if (!left) return () => undefined;
  const max = maxOf(page);
  let said = 0;
  const show = (): void => {
    const rest = max - lengthOf(body.value);
    const stage = rest < 0 ? 2 : rest < max / 5 ? 1 : 0;
    left.hidden = stage === 0;
    left.textContent = rest < 0 ? say.over(-rest) : say.left(rest);
    left.classList.toggle("over", stage === 2);
    if (stage > said) page.status(left.textContent);
    said = stage;
  };
  body.addEventListener("input", show, { signal: page.signal });
  show();
  return show;
}

/** Characters as the server counts them: code points. */
export function lengthOf(text: string): number {
  return [...text].length;
}

/** The longest text the site takes. */
export function maxOf(page: Page): number {
  return Number(page.root.dataset["max"]) || 5000;
}
