import type { Page } from "./page";

/** A line at a comment that says what went wrong with it; an empty text takes it away. */
export function note(page: Page, article: HTMLElement, text: string): void {
  article.querySelector(":scope > .problem")?.remove();
  if (text) {
    const line = document.createElement("p");
    line.className = "problem";
    line.textContent = text;
    article.append(line);
    page.alert(text);
  }
  page.host.measure();
}
