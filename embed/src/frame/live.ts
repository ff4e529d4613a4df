import type { ChangesAnswer, LiveEvent } from "../shared/answers";
import { say } from "../shared/say";
import { ask, fragment } from "./api";
import { articleOf, idOf, parse, repliesOf, type Page } from "./page";
import { total } from "./posting";
import { counted } from "./votes";

/** More than these are not put in one by one. */
const MOST = 50;
/** Milliseconds in which what came together is told together, and in which one's own post gets its answer. */
const GATHER = 1500;

/**
 * What happens meanwhile. New comments wait behind a button, so nothing moves while it is read; what is in the page
 * changes in its place. One connection, none while nobody looks; where it fails, questions from time to time instead.
 */
export function start(page: Page): void {
  const button = page.root.querySelector<HTMLElement>("[data-news]");
  if (!button) return;
  /** Comments that are not in the page yet, each with the one it answers. */
  const news = new Map<string, string | null | undefined>();
  let version = page.root.dataset["version"] ?? "";
  let last = "";
  let isStale = false;
  let failures = 0;
  let spoken = 0;
  let source: EventSource | undefined;
  let timer = 0;
  let showing = 0;

  const address = (what: string): string =>
    `/api/v1/threads/${page.thread}/${what}?${new URLSearchParams(last ? { version, after: last } : { version })}`;

  const connect = (): void => {
    clearTimeout(timer);
    source?.close();
    if (document.hidden || !page.thread) return;
    timer = -1;
    if (!window.EventSource) return void poll();
    source = new EventSource(address("events"));
    source.addEventListener("message", ({ data, lastEventId }) => {
      failures = 0;
      take(JSON.parse(data), lastEventId);
    });
    source.addEventListener("error", poll);
  };
  const poll = async (): Promise<void> => {
    source?.close();
    // Half a minute in the end, and not all at the same moment.
    timer = window.setTimeout(connect, Math.min(32, 2 ** ++failures) * (500 + 500 * Math.random()));
    try {
      const now = await ask<ChangesAnswer>("GET", address("changes"));
      for (const event of now.items) take(event, event.id);
      take({ type: now.is_complete ? "hello" : "reset", thread_version: now.version, count: now.count }, now.last);
    } catch {
      // Asked again when the time has come.
    }
  };

  const take = ({ type, comment, parent, votes, state, ...now }: LiveEvent, id?: string | null): void => {
    last = id || last;
    version = String(now.thread_version);
    total(page, now.count);
    if (type === "reset") isStale = true;
    if (type === "thread" && state) shut(state === "closed");
    for (const [voted, counts] of Object.entries(votes ?? {})) counted(articleOf(voted), ...counts);
    if (type === "posted") news.set(comment ?? "", parent);
    else if (comment) {
      if (type === "removed") news.delete(comment);
      // Not all readers at the same moment.
      setTimeout(() => void refresh(page, comment), Math.random() * GATHER);
    }
    showing ||= window.setTimeout(show, GATHER);
  };
  const shut = (isShut: boolean): void => {
    const notice = page.root.querySelector<HTMLElement>("[data-shut]");
    if (!notice || notice.hidden === !isShut) return;
    notice.hidden = !isShut;
    page.root.classList.toggle("shut", isShut);
    // Drawn while it was closed, the page has nothing to write with.
    if (!isShut && !page.root.querySelector('template[data-template="reply"]')) isStale = true;
    page.status(isShut ? say.closed : say.open);
    page.host.measure();
  };
  const show = (): void => {
    showing = 0;
    for (const [id, parent] of news) {
      const hasPlace = parent ? articleOf(parent) || news.has(parent) : !page.root.dataset["focus"];
      if (articleOf(id) || !hasPlace) news.delete(id);
    }
    button.textContent = news.size ? say.news(news.size) : say.changed;
    button.hidden = !news.size && !isStale;
    if (button.hidden || Date.now() - spoken < 20_000) return;
    spoken = Date.now();
    page.status(button.textContent);
  };

  const open = async (): Promise<void> => {
    if (isStale || news.size > MOST) {
      const order = page.root.querySelector<HTMLElement>("[data-sorts] [aria-current]");
      if (!order) return location.reload();
      isStale = false;
      news.clear();
      order.click();
      return show();
    }
    try {
      let first: HTMLElement | undefined;
      for (const piece of await pieces(page, [...news.keys()])) {
        const article = piece.firstElementChild as HTMLElement;
        const parent = news.get(idOf(article));
        if (articleOf(idOf(article))) continue;
        (parent ? repliesOf(articleOf(parent) ?? article) : page.list)?.prepend(piece);
        page.drawn(piece);
        first = article;
      }
      news.clear();
      page.root.querySelector("[data-empty]")?.remove();
      first?.focus();
    } catch {
      page.alert(say.notLoaded);
    }
    show();
    page.host.measure();
  };
  button.addEventListener("click", open);

  page.dressers.push(() => {
    if (!button.hidden) show();
    if (!timer) connect();
  });
  document.addEventListener("visibilitychange", connect, { signal: page.signal });
  // Later: who looks in and leaves again costs no connection. What comes in between is told by the version.
  if (page.thread) timer = window.setTimeout(connect, 2 * GATHER);
}

const pieces = async (page: Page, ids: string[]): Promise<HTMLElement[]> =>
  parse(await fragment(`/embed/pieces?thread=${page.thread}&comment=${ids.join("&comment=")}`));

/** The comment as it is now, in its place; what somebody is writing below it stays. */
async function refresh(page: Page, id: string): Promise<void> {
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
