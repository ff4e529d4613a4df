import type { PostedAnswer } from "../shared/answers";
import type { Follow } from "../following/following";
import { say } from "../shared/say";
import { number } from "../shared/texts";
import { ask, Refused } from "./api";
import { compose } from "./composer";
import type { Draft, Sent } from "./drafts";
import { showSigned, type Written } from "./fields";
import { articleOf, commentOf, copyOf, light, onClick, parse, repliesOf, type Page } from "./page";
import { begin } from "./quote";

/** Called when a comment of the viewer's own is in the page, with its source. */
export type Owned = (answer: PostedAnswer, body: string) => void;

/** Writing: the composer at the top, and one below a comment for each reply. */
export function start(page: Page, owned: Owned): void {
  const form = page.root.querySelector<HTMLFormElement>("section > form.composer");
  if (form) {
    compose(page, form, {
      place: placeOf(page, null),
      sending: say.sending,
      show: (body) => ghost(page, form, body, page.list),
      send: async (written) => arrive(page, await once(page, written, null), written.body, null, owned),
    });
  }
  onClick(page, '[data-act="reply"]', (button) => {
    const comment = commentOf(button);
    if (comment) reply(page, button, comment.article, comment.id, owned);
  });
  const drafts = `draft:${placeOf(page, null)}`;
  for (const name of page.store.names(drafts)) {
    const parent = name.slice(drafts.length);
    if (parent && page.store.get<Draft>(name)?.waits !== undefined) void sendReply(page, name, parent, owned);
  }
}

/** A reply that found no connection when the page was here before. In a form where that can be, else as it is. */
async function sendReply(page: Page, name: string, parent: string, owned: Owned): Promise<void> {
  const opener = articleOf(parent)?.querySelector<HTMLElement>('[data-act="reply"]:not([hidden])');
  const article = articleOf(parent);
  if (opener && article) return reply(page, opener, article, parent, owned, false);
  const draft = page.store.get<Draft>(name);
  if (!draft?.key) return;
  try {
    const sent = { body: draft.body.trim(), author: draft.waits ?? null, key: draft.key };
    const answer = await post(page, sent, parent);
    page.store.drop(name);
    page.become(answer.guest, answer.comment.author?.name);
    owned(answer, draft.body);
    page.status(answer.status === "held" ? say.held(answer.reasons) : say.posted);
  } catch (error) {
    // Kept, and offered where it was written.
    if (error instanceof Refused) page.store.set(name, { ...draft, waits: undefined });
  }
}

function reply(page: Page, opener: HTMLElement, article: HTMLElement, parent: string, owned: Owned, mayFocus = true): void {
  // An answer must not arrive in what is folded.
  if (repliesOf(article)?.hidden) article.querySelector<HTMLElement>('[data-act="fold"]')?.click();
  const open = article.querySelector<HTMLFormElement>(":scope > form.composer");
  if (open) return begin(open, article);
  const form = copyOf<HTMLFormElement>(page, "reply");
  if (!form) return;
  const close = (): void => {
    form.remove();
    opener.ariaExpanded = "false";
    page.host.measure();
  };
  const label = form.querySelector("[data-label]");
  if (label) label.textContent = say.answering(article.querySelector(".name")?.textContent.trim() ?? "");
  // In its place before it starts, as what waited is sent at once.
  article.append(form);
  compose(page, form, {
    place: placeOf(page, parent),
    sending: say.sending,
    show: (text) => ghost(page, form, text, repliesOf(article) ?? page.list),
    send: async (written) => {
      const answer = await once(page, written, parent);
      close();
      arrive(page, answer, written.body, article, owned);
    },
    cancel: () => {
      close();
      opener.focus();
    },
  });
  form.classList.add("open");
  opener.ariaExpanded = "true";
  page.host.measure();
  if (mayFocus) begin(form, article);
}

/** The text as it was written, where it will be, while it is on its way. Not said aloud: the button says it. */
function ghost(page: Page, form: HTMLFormElement, text: string, list: HTMLElement): () => void {
  const item = copyOf<HTMLElement>(page, "ghost");
  if (!item) return () => undefined;
  const [name, body] = [item.querySelector("bdi"), item.querySelector(".body")];
  const signed = (form.elements.namedItem("name") as HTMLInputElement | null)?.value.trim();
  if (name) name.textContent = page.guest?.name ?? signed ?? "";
  if (body) body.textContent = text.trim();
  page.root.querySelector<HTMLElement>("[data-empty]")?.setAttribute("hidden", "");
  list.prepend(item);
  page.host.measure();
  return () => {
    item.remove();
    page.root.querySelector("[data-empty]")?.removeAttribute("hidden");
  };
}

/**
 * Posts a text. Where an earlier one was never answered, that is asked for again first, under its own key: if the server has
 * it, or takes it, it is changed into this one. So there is one comment, whatever got lost on the way.
 */
async function once(page: Page, written: Written, parent: string | null): Promise<PostedAnswer> {
  const { doubt, body, key } = written;
  if (!doubt || doubt.key === key) return post(page, written, parent);
  const first = await post(page, doubt, parent).catch((error: unknown) => {
    if (error instanceof Refused) return null;
    throw error;
  });
  if (!first) return post(page, written, parent);
  page.become(first.guest, first.comment.author?.name);
  const token = page.guest?.token ?? null;
  return ask<PostedAnswer>("PATCH", `/api/v1/comments/${first.comment.id}?fragment=true`, { json: { body }, token });
}

/** What a page says of a discussion that its first comment begins. */
const BEGUN = ["identifier", "title", "slug", "category"];

async function post(page: Page, { body, author, key, mail }: Sent, parent: string | null): Promise<PostedAnswer> {
  // While the thread has no row, the page's address names it, and what the snippet said about the page goes along.
  const where = page.thread
    ? { thread: page.thread }
    : { url: page.url, ...Object.fromEntries(BEGUN.map((name) => [name, page.asked.get(name)])) };
  const json = { site: page.site, ...where, parent, body, author, ...(mail ? { mail_replies: true } : {}) };
  return ask<PostedAnswer>("POST", "/api/v1/comments?fragment=true", { json, key, token: page.guest?.token ?? null });
}

/** Puts one's own new comment where one looks: on top of the list, or right below what it answers. */
function arrive(page: Page, answer: PostedAnswer, body: string, parent: HTMLElement | null, owned: Owned): void {
  const { comment, status } = answer;
  page.thread = comment.thread;
  page.host.tell({ v: 1, type: "posted", comment: comment.id, status, text: page.host.wantsTexts && body });
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
    // What went out by itself takes nobody's focus away.
    if (document.hasFocus()) article.focus({ preventScroll: !isFar(article) });
  }
  page.status(words);
  page.host.measure();
  const { mail } = answer;
  if (mail) void page.load<Follow>("following").then((part) => part.told(page, article, mail), () => undefined);
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
