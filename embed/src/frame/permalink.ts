import { isForElsewhere } from "./more";
import { articleOf, commentOf, light, onClick, type Page } from "./page";

/** Links to comments: shows the one that was asked for, here or on a page of its own. The host does the scrolling. */
export function start(page: Page): void {
  const asked = page.root.dataset["focus"];
  const missing = page.root.querySelector<HTMLElement>("[data-missing]");
  if (asked) show(page, asked);
  else if (missing) reveal(page, missing);

  page.host.hear({
    comment: ({ comment }) => {
      // In the place of this one: the host's history has an entry for it already.
      if (!show(page, comment)) location.replace(addressOf(page, comment));
    },
    theme: ({ theme }) => {
      document.documentElement.dataset["theme"] = theme;
      page.asked.set("theme", theme);
    },
  });
  onClick(page, "a.to", (link, event) => {
    const id = (link as HTMLAnchorElement).hash.replace("#comment-", "");
    if (!isForElsewhere(event) && show(page, id)) event.preventDefault();
  });
  onClick(page, "a.at", (link, event) => {
    const id = commentOf(link)?.id;
    if (!id || isForElsewhere(event)) return;
    event.preventDefault();
    show(page, id);
    page.host.tell({ v: 1, type: "link", comment: id });
  });
  // Links to a view of its own come from pieces that don't know the frame: what it was asked with goes along.
  onClick(page, "a[data-go]", (link, event) => {
    if (isForElsewhere(event)) return;
    event.preventDefault();
    location.assign(addressOf(page, link.dataset["go"] ?? ""));
  });
}

function addressOf(page: Page, comment: string): string {
  const params = new URLSearchParams(page.asked);
  params.set("comment", comment);
  return `${location.pathname}?${params}`;
}

/** Focuses and marks a comment that is in the page; false when it is not. */
function show(page: Page, id: string): boolean {
  const article = articleOf(id);
  if (!article) return false;
  for (let list = article.closest<HTMLElement>("ol.replies"); list; list = list.parentElement?.closest("ol.replies") ?? null) {
    if (list.hidden) list.parentElement?.querySelector<HTMLElement>(':scope > article [data-act="fold"]')?.click();
  }
  article.querySelector<HTMLElement>('[data-act="whole"][aria-expanded="false"]')?.click();
  light(article);
  article.focus({ preventScroll: true });
  reveal(page, article);
  return true;
}

function reveal(page: Page, element: HTMLElement): void {
  page.host.measure();
  if (page.host.isThere) page.host.tell({ v: 1, type: "scroll", y: element.getBoundingClientRect().top });
  else element.scrollIntoView();
}
