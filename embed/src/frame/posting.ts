import type { PostedAnswer } from "../shared/answers";
import { say } from "../shared/say";
import { number } from "../shared/texts";
import { ask } from "./api";
import { compose } from "./composer";
import { showSigned, type Written } from "./fields";
import { articleOf, commentOf, copyOf, light, onClick, parse, repliesOf, type Page } from "./page";

/** Called when a comment of the viewer's own is in the page, with its source. */
export type Owned = (answer: PostedAnswer, body: string) => void;

/** Writing: the composer at the top, and one below a comment for each reply. */
export function start(page: Page, owned: Owned): void {
  const form = page.root.querySelector<HTMLFormElement>("section > form.composer");
  if (form) {
    compose(page, form, {
      place: placeOf(page, null),
      sending: say.sending,
      send: async (written) => arrive(page, await post(page, written, null), written.body, null, owned),
    });
  }
  onClick(page, '[data-act="reply"]', (button) => {
    const comment = commentOf(button);
    if (comment) reply(page, button, comment.article, comment.id, owned);
  });
}

function reply(page: Page, opener: HTMLElement, article: HTMLElement, parent: string, owned: Owned): void {
  const open = article.querySelector<HTMLFormElement>(":scope > form.composer");
  if (open) {
    (open.elements.namedItem("body") as HTMLElement).focus();
    return;
  }
  const form = copyOf<HTMLFormElement>(page, "reply");
  if (!form) return;
  const close = (): void => {
    form.remove();
    opener.ariaExpanded = "false";
    page.host.measure();
  };
  const label = form.querySelector("[data-label]");
  if (label) label.textContent = say.answering(article.querySelector(".name")?.textContent.trim() ?? "");
  compose(page, form, {
    place: placeOf(page, parent),
    sending: say.sending,
    send: async (written) => {
      const answer = await post(page, written, parent);
      close();
      arrive(page, answer, written.body, article, owned);
    },
    cancel: () => {
      close();
      opener.focus();
    },
  });
  form.classList.add("open");
  article.append(form);
  opener.ariaExpanded = "true";
  page.host.measure();
  (form.elements.namedItem("body") as HTMLElement).focus();
}

async function post(page: Page, { body, author, key }: Written, parent: string | null): Promise<PostedAnswer> {
  // While the thread has no row, the page's address names it, and what the snippet said about the page goes along.
  const where = page.thread
    ? { thread: page.thread }
    : { url: page.url, identifier: page.asked.get("identifier"), title: page.asked.get("title") };
  const json = { site: page.site, ...where, parent, body, author };
  return ask<PostedAnswer>("POST", "/api/v1/comments?fragment=true", { json, key, token: page.guest?.token ?? null });
}

/** Puts one's own new comment where one looks: on top of the list, or right below what it answers. */
function arrive(page: Page, answer: PostedAnswer, body: string, parent: HTMLElement | null, owned: Owned): void {
  const { comment, status } = answer;
  page.thread = comment.thread;
  page.host.tell({ v: 1, type: "posted", comment: comment.id, status });
  page.become(answer.guest, comment.author?.name);
  for (const form of page.root.querySelectorAll<HTMLFormElement>("form.composer")) showSigned(page, form);
  page.root.querySelector("[data-empty]")?.remove();
  const known = articleOf(comment.id);
  const [item] = known ? [] : parse(answer.fragment ?? "");
  if (item) {
    ((parent && repliesOf(parent)) ?? page.list).prepend(item);
    if (status === "published") count(page, 1);
    page.drawn(item);
  }
  owned(answer, body);
  const article = known ?? articleOf(comment.id);
  const words = status === "held" ? say.held(answer.reasons) : say.posted;
  const waits = article?.querySelector(".waits");
  if (waits && status === "held") waits.textContent = words;
  if (article) {
    light(article);
    article.focus({ preventScroll: !isFar(article) });
  }
  page.status(words);
  page.host.measure();
}

/** The number of comments went up or down by one's own doing. */
export function count(page: Page, by: number): void {
  total(page, Number(page.root.dataset["count"]) + by);
}

/** The number of comments is another; the host is told when it changed. */
export function total(page: Page, now: number): void {
  if (page.root.dataset["count"] === String(now)) return;
  page.root.dataset["count"] = String(now);
  const shown = page.root.querySelector("[data-total]");
  if (shown) shown.textContent = now > 0 ? number(now) : "";
  page.host.tell({ v: 1, type: "count", count: now });
}

function placeOf(page: Page, parent: string | null): string {
  return `${page.site} ${page.url} ${parent ?? ""}`;
}

function isFar(article: HTMLElement): boolean {
  const { top, bottom } = article.getBoundingClientRect();
  return bottom < 0 || top > window.innerHeight;
}
