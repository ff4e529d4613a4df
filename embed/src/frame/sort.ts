import { say } from "../shared/say";
import { fragment } from "./api";
import { isForElsewhere } from "./more";
import { onClick, type Page } from "./page";

/** Another order: the server's first page in that order takes the place of the list. Nothing is sorted here. */
export function start(page: Page): void {
  let latest = 0;
  onClick(page, "[data-sorts] a", (link, event) => {
    if (isForElsewhere(event) || !page.thread) return;
    event.preventDefault();
    void load(page, link as HTMLAnchorElement, ++latest, () => latest);
  });
}

async function load(page: Page, link: HTMLAnchorElement, turn: number, latest: () => number): Promise<void> {
  const sort = link.dataset["sort"] ?? "";
  page.list.ariaBusy = "true";
  try {
    const html = await fragment(`/embed/comments?${new URLSearchParams({ thread: page.thread ?? "", sort })}`);
    if (turn !== latest()) return;
    page.list.innerHTML = html;
    page.root.dataset["sort"] = sort;
    for (const each of page.root.querySelectorAll("[data-sorts] a")) each.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    // Reload and Back keep the order.
    history.replaceState(null, "", link.href);
    page.drawn(page.list);
    page.status(say.sorted(link.textContent));
  } catch {
    page.alert(say.notLoaded);
    location.assign(link.href);
  }
  page.list.ariaBusy = "false";
}
