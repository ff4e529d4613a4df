import type { Page } from "../frame/page";
import { articleOf, parse } from "../frame/pieces";

/** Comments as they are now, by id: those that can be seen. */
export const pieces = async (page: Page, ids: string[]): Promise<HTMLElement[]> =>
  parse(await page.fragment(`/embed/pieces?thread=${page.thread}&comment=${ids.join("&comment=")}`));

/** The comment as it is now, in its place; what somebody is writing below it stays. */
export async function refresh(page: Page, id: string): Promise<void> {
  if (!articleOf(id)) return;
  const found = await pieces(page, [id]).catch(() => null);
  const old = articleOf(id);
  if (!found || !old) return;
  const fresh = found[0]?.firstElementChild;
  if (await isAbove(page, old)) {
    // What was taken away is gone at once, but leaves its room until it is seen.
    if (!fresh?.querySelector(".body")) blank(old);
    return onceSeen(page, old, () => void refresh(page, id));
  }
  const item = old.parentElement ?? old;
  const body = fresh?.querySelector(".body");
  if (body || old.querySelector("form")) {
    old.querySelector(".body")?.replaceWith(body ?? "");
    const edited = fresh?.querySelector(".edited");
    if (edited && !old.querySelector(".edited")) old.querySelector(".at")?.after(edited);
  } else if (fresh) old.replaceWith(fresh);
  else item.remove();
  page.drawn(item);
}

function blank(article: HTMLElement): void {
  if (article.querySelector("form")) return;
  article.style.minBlockSize = `${article.getBoundingClientRect().height}px`;
  article.replaceChildren();
}

/** Whether a comment ends above what of the frame can be seen: changing its height would move what is read. */
async function isAbove(page: Page, article: HTMLElement): Promise<boolean> {
  const slice = await new Promise<DOMRectReadOnly | null>((tell) => {
    const observer = new IntersectionObserver((entries) => {
      observer.disconnect();
      const entry = entries.at(-1);
      tell(entry?.isIntersecting ? entry.intersectionRect : null);
    });
    observer.observe(page.root);
    // A frame out of sight may never be told; nothing in it is being read.
    setTimeout(() => {
      observer.disconnect();
      tell(null);
    }, 500);
  });
  return slice !== null && article.getBoundingClientRect().bottom <= slice.top;
}

function onceSeen(page: Page, article: HTMLElement, act: () => void): void {
  const observer = new IntersectionObserver(
    (entries) => {
      const entry = entries.at(-1);
      if (!entry?.isIntersecting || entry.intersectionRect.top > entry.boundingClientRect.top + 1) return;
      observer.disconnect();
      act();
    },
    { threshold: [0, 0.25, 0.5, 0.75, 1] },
  );
  observer.observe(article);
  page.signal.addEventListener("abort", () => observer.disconnect());
}
