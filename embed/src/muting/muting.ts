/** Authors a reader does not want to read: kept in their browser, by name, as nothing else of an author is public. */
import type { Page } from "../frame/page";
import { idOf } from "../frame/pieces";
import { leaveOut, takeIn } from "./mail";
import { say } from "./say";

/** What the frame knows of this part. */
export interface Mute {
  start(page: Page, key: string): void;
  mute(page: Page, key: string, article: HTMLElement): void;
}

const started = new WeakMap<Page, Set<string>>();

/** Hides what muted authors wrote, in all that is here and comes. */
export function start(page: Page, key: string): void {
  namesOf(page, key);
}

/** Mutes the author of a comment; the focus goes to what takes that back. */
export function mute(page: Page, key: string, article: HTMLElement): void {
  const names = namesOf(page, key);
  const name = nameIn(article);
  if (!name) return;
  names.add(name);
  // It was asked for in the form of a report, which is not sent then.
  article.querySelector("[data-report]")?.remove();
  article.querySelector('[data-act="report"]')?.removeAttribute("aria-expanded");
  keep(page, key, names);
  leaveOut(page, key, name, idOf(article)).catch(() => undefined);
  page.status(say.muted(name));
  article.querySelector<HTMLElement>("[data-unmute]")?.focus({ preventScroll: true });
}

function namesOf(page: Page, key: string): Set<string> {
  const known = started.get(page);
  if (known) return known;
  const names = new Set(page.store.get<string[]>(key));
  started.set(page, names);
  page.dressers.push(() => lay(page, names));
  page.root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-unmute]");
    if (button) unmute(page, key, names, button);
  });
  lay(page, names);
  return names;
}

function unmute(page: Page, key: string, names: Set<string>, button: HTMLElement): void {
  const name = button.dataset["unmute"] ?? "";
  const article = button.closest<HTMLElement>("article.comment");
  names.delete(name);
  keep(page, key, names);
  takeIn(page, key, name).catch(() => undefined);
  page.status(say.shown(name));
  const next = article ?? page.root.querySelector<HTMLElement>(".muted-list summary") ?? page.root.querySelector("textarea");
  next?.focus({ preventScroll: true });
}

function keep(page: Page, key: string, names: Set<string>): void {
  if (names.size) page.store.set(key, [...names]);
  else page.store.drop(key);
  lay(page, names);
}

function lay(page: Page, names: Set<string>): void {
  for (const article of page.root.querySelectorAll<HTMLElement>("article.comment:not(.gone, .mine)")) {
    const name = nameIn(article);
    const isMuted = names.has(name);
    if (isMuted === article.classList.contains("muted")) continue;
    article.classList.toggle("muted", isMuted);
    article.querySelector(":scope > .hushed")?.remove();
    if (isMuted) article.querySelector(".meta")?.after(hushed(name));
  }
  list(page, names);
  page.host.measure();
}

function hushed(name: string): HTMLElement {
  const line = document.createElement("p");
  line.className = "hushed";
  line.append(`${say.muted(name)} `, buttonOf(name, say.unmute));
  return line;
}

/** The muted authors with the way back, below the discussion. */
function list(page: Page, names: Set<string>): void {
  const old = page.root.querySelector<HTMLDetailsElement>(".muted-list");
  const wasOpen = old?.open ?? false;
  const hadFocus = old?.contains(document.activeElement);
  const made = document.createElement("details");
  made.className = "muted-list";
  made.open = wasOpen;
  const summary = document.createElement("summary");
  summary.textContent = say.list(names.size);
  const hint = document.createElement("p");
  hint.className = "hint";
  hint.textContent = say.hint;
  const all = document.createElement("ul");
  all.role = "list";
  for (const name of [...names].toSorted()) {
    const item = document.createElement("li");
    item.append(buttonOf(name, say.unmuteOne(name)));
    all.append(item);
  }
  made.append(summary, hint, all);
  if (names.size === 0) old?.remove();
  else if (old) old.replaceWith(made);
  else page.root.querySelector("section")?.append(made);
  if (hadFocus && names.size) summary.focus();
}

function buttonOf(name: string, words: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.dataset["unmute"] = name;
  button.textContent = words;
  if (words === say.unmute) button.ariaLabel = say.unmuteOne(name);
  return button;
}

function nameIn(article: Element): string {
  return article.querySelector(".meta .name bdi")?.textContent.trim() ?? "";
}
