import { say } from "../shared/say";
import { commentOf, onClick, repliesOf, type Page } from "./page";

/** Hides and shows what stands below a comment. */
export function start(page: Page): void {
  page.dressers.push(dress);
  dress(page.root);
  onClick(page, '[data-act="fold"]', (button) => {
    const replies = repliesBelow(button);
    if (!replies) return;
    replies.hidden = !replies.hidden;
    name(button);
    page.host.measure();
  });
}

function dress(piece: ParentNode): void {
  for (const button of piece.querySelectorAll<HTMLElement>('[data-act="fold"]')) name(button);
}

function name(button: HTMLElement): void {
  const replies = repliesBelow(button);
  const isOpen = !replies?.hidden;
  const words = isOpen ? say.unfolded : say.folded(replies.querySelectorAll("article.comment").length);
  button.ariaExpanded = String(isOpen);
  button.ariaLabel = words;
  button.textContent = isOpen ? "" : words;
}

function repliesBelow(button: HTMLElement): HTMLElement | null {
  const article = commentOf(button)?.article;
  return article ? repliesOf(article) : null;
}
