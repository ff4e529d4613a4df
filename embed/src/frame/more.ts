import { say } from "../shared/say";
import { fragment } from "./api";
import { articleOf, onClick, parse, type Page } from "./page";

/** "Show more": the server's next items take the place of the control; focus goes to the first of them. */
export function start(page: Page): void {
  onClick(page, "a[data-more]", (link, event) => {
    if (isForElsewhere(event)) return;
    event.preventDefault();
    if (link.ariaBusy !== "true") void load(page, link);
  });
}

async function load(page: Page, link: HTMLElement): Promise<void> {
  const words = link.textContent;
  link.ariaBusy = "true";
  link.textContent = say.loading;
  try {
    const pieces = parse(await fragment(link.dataset["more"] ?? ""));
    const [first, count] = put(pieces, link.closest("li") ?? link);
    for (const piece of pieces) page.drawn(piece);
    page.host.tell({ v: 1, type: "more" });
    page.status(count ? say.more(count) : say.noMore);
    first?.focus({ preventScroll: true });
  } catch {
    link.textContent = `${say.notLoaded} ${say.tryAgain}`;
    page.alert(say.notLoaded);
  }
  if (link.textContent === say.loading) link.textContent = words;
  link.ariaBusy = "false";
  page.host.measure();
}

/** Replaces the control by the new items, leaving out those that are in the page already (one's own new comment). */
function put(pieces: HTMLElement[], control: Element): [HTMLElement | undefined, number] {
  const added: HTMLElement[] = [];
  for (const piece of pieces) {
    const article = piece.querySelector<HTMLElement>("article.comment");
    if (article && articleOf(article.id.replace("comment-", ""))) continue;
    control.before(piece);
    if (article) added.push(article);
  }
  control.remove();
  return [added[0], added.length];
}

/** A click that asks for another tab or window is the browser's. */
export function isForElsewhere(event: MouseEvent): boolean {
  return event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0;
}
