import type { ChangesAnswer, LiveEvent } from "../shared/answers";
import type { Page } from "../frame/page";
import { articleOf, idOf, repliesOf } from "../frame/pieces";
import { say } from "./say";
import { pieces, refresh } from "./inplace";

/** What it needs of the frame, handed over so that it is not loaded twice. */
export interface Counts {
  /** The number of comments is another. */
  total(page: Page, now: number): void;
  /** A comment's votes are others. */
  counted(article: HTMLElement | null, up: number, down: number): void;
}

/** What the frame knows of this part. */
export interface Live {
  start(page: Page, counts: Counts): void;
}

/** More than these are not put in one by one. */
const MOST = 50;
/** Milliseconds in which what came together is told together, and in which one's own post gets its answer. */
const GATHER = 1500;

/**
 * What happens meanwhile. New comments wait behind a button, so nothing moves while it is read; what is in the page
 * changes in its place. One connection, none while nobody looks; where it fails, questions from time to time instead.
 */
export function start(page: Page, { total, counted }: Counts): void {
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
      const now = await page.ask<ChangesAnswer>("GET", address("changes"));
      for (const event of now.items) take(event, event.id);
      take({ type: now.is_complete ? "hello" : "reset", thread_version: now.version, count: now.count, state: now.state }, now.last);
    } catch {
      // Asked again when the time has come.
    }
  };

  const take = ({ type, comment, parent, votes, state, ...now }: LiveEvent, id?: string | null): void => {
    last = id || last;
    version = String(now.thread_version);
    total(page, now.count);
    if (type === "reset") isStale = true;
    if (state) shut(state === "closed");
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
    for (const form of page.root.querySelectorAll<HTMLFormElement>("section > .composer.open")) {
      const { value } = form.elements.namedItem("body") as HTMLTextAreaElement;
      if (!value.trim() && !form.contains(document.activeElement)) form.classList.remove("open");
    }
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
  connect();
}
