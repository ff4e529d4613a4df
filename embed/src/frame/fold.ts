import { openStore } from "../shared/store";
import { say } from "../shared/say";
import { commentOf, onClick, repliesOf, type Page } from "./page";

/** Hides and shows what stands below a comment, for as long as the visit lasts, and the rest of a long text. */
export function start(page: Page): void {
  const visit = openStore(() => sessionStorage);
  const key = `folded:${page.site} ${page.url}`;
  const folded = new Set(visit.get<string[]>(key));

  const dress = (piece: ParentNode): void => {
    for (const button of piece.querySelectorAll<HTMLElement>('[data-act="fold"]')) {
      const comment = commentOf(button);
      const replies = comment && repliesOf(comment.article);
      if (replies && folded.has(comment.id)) replies.hidden = true;
      name(button, replies);
    }
  };
  page.dressers.push(dress);
  dress(page.root);
  onClick(page, '[data-act="fold"]', (button) => {
    const comment = commentOf(button);
    const replies = comment && repliesOf(comment.article);
    if (!replies) return;
    replies.hidden = !replies.hidden;
    folded[replies.hidden ? "add" : "delete"](comment.id);
    if (folded.size) visit.set(key, [...folded]);
    else visit.drop(key);
    name(button, replies);
    page.host.measure();
  });
  onClick(page, '[data-act="whole"]', (button) => {
    const isWhole = button.previousElementSibling?.classList.toggle("whole") ?? false;
    button.ariaExpanded = String(isWhole);
    button.textContent = isWhole ? say.less : say.whole;
    page.host.measure();
  });
}

function name(button: HTMLElement, replies: HTMLElement | null): void {
  const isOpen = !replies?.hidden;
  const words = isOpen ? say.unfolded : say.folded(replies.querySelectorAll("article.comment").length);
  button.ariaExpanded = String(isOpen);
  button.ariaLabel = words;
  button.textContent = isOpen ? "" : words;
}
