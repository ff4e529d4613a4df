/** Search in the discussion: a part of its own, loaded when somebody looks for something. */
import type { Page } from "../frame/page";
import { parse } from "../frame/pieces";
import { say } from "./say";
import { hitsIn } from "./hits";

/** So many characters of a long text are seen before it is unfolded, on a phone too. */
const EARLY = 400;

/** What the frame knows of this part. */
export interface Find {
  open(page: Page, opener: HTMLElement): void;
}

/** Opens the search below the head of the discussion, or goes there when it is open. */
export function open(page: Page, opener: HTMLElement): void {
  const there = page.root.querySelector<HTMLElement>("[data-finding-form] input");
  if (there) return there.focus();
  const form = formOf();
  const input = form.querySelector("input");
  const results = document.createElement("ol");
  results.className = "comments found";
  results.role = "list";
  results.hidden = true;
  const status = document.createElement("p");
  status.className = "hint";
  let turn = 0;
  let query = "";

  const close = (): void => {
    turn++;
    for (const part of [form, results, status]) part.remove();
    page.list.hidden = false;
    page.root.classList.remove("finding");
    opener.ariaExpanded = "false";
    opener.focus();
    page.host.measure();
  };
  const look = async (): Promise<void> => {
    query = input?.value.trim() ?? "";
    if (!query) return;
    const mine = ++turn;
    form.ariaBusy = "true";
    try {
      const asked = new URLSearchParams({ thread: page.thread ?? "", q: query });
      const pieces = parse(await page.fragment(`/embed/search?${asked}`));
      if (mine !== turn) return;
      results.replaceChildren(...pieces);
      put();
      page.list.hidden = true;
      // That there is none is said once, above.
      results.hidden = !results.querySelector("article, a");
      page.root.classList.add("finding");
    } catch (error) {
      if (mine !== turn) return;
      status.textContent = (error as Error).message;
      page.alert(status.textContent);
    }
    form.ariaBusy = "false";
    page.host.measure();
  };
  const put = (): void => {
    dress(results, query);
    page.drawn(results);
    const count = results.querySelectorAll("article.comment").length;
    status.textContent = say.found(count, Boolean(results.querySelector("[data-more]")));
    page.status(status.textContent);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void look();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  form.querySelector("[data-close]")?.addEventListener("click", close);
  const more = async (link: HTMLElement): Promise<void> => {
    const mine = turn;
    const control = link.closest("li");
    const pieces = parse(await page.fragment(link.dataset["more"] ?? ""));
    if (mine !== turn || !control?.isConnected) return;
    control.replaceWith(...pieces);
    put();
    const first = pieces[0]?.querySelector<HTMLElement>("article, a");
    (first ?? input)?.focus({ preventScroll: true });
    page.host.measure();
  };
  results.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLElement>("a[data-more]");
    if (link) {
      event.preventDefault();
      // Not the frame's own: that leaves out what is in the page already.
      event.stopPropagation();
      more(link).catch(() => page.alert(say.failed));
      return;
    }
    const go = (event.target as Element).closest<HTMLElement>("a[data-go]")?.dataset["go"];
    const place = go && document.getElementById(`comment-${go}`);
    // One that is in the page is shown there; else its link leads to a page of its own.
    if (!place || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    close();
    page.root.querySelector<HTMLElement>(`#comment-${go} a.at`)?.click();
  });
  page.root.querySelector(".top")?.after(form);
  page.list.before(status, results);
  opener.ariaExpanded = "true";
  input?.focus();
  page.host.measure();
}

/** What was found is looked at here and acted upon in its place; its ids are those of that place, so they go. */
function dress(results: HTMLElement, query: string): void {
  for (const article of results.querySelectorAll<HTMLElement>("article.comment:not(.hit)")) {
    article.classList.add("hit");
    article.removeAttribute("aria-labelledby");
    article.ariaLabel = article.querySelector(".name")?.textContent.trim() ?? "";
    article.querySelectorAll(".acts, .fold").forEach((part) => part.remove());
    article.id = article.id.replace("comment", "found");
    for (const part of article.querySelectorAll("[id]")) part.removeAttribute("id");
    const body = article.querySelector(".body");
    if (!body) continue;
    markIn(body, query);
    // A long text shows its beginning, unless what was looked for stands further down.
    if (!body.classList.contains("long") || before(body) < EARLY) continue;
    body.classList.remove("long");
    article.querySelector('[data-act="whole"]')?.remove();
  }
}

/** How many characters stand before the first hit. */
function before(body: Element): number {
  const mark = body.querySelector("mark");
  if (!mark) return 0;
  const range = document.createRange();
  range.setStart(body, 0);
  range.setEndBefore(mark);
  return range.toString().length;
}

function markIn(body: Element, query: string): void {
  const walk = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walk.nextNode()) texts.push(walk.currentNode as Text);
  for (const text of texts) {
    // From the end: what comes before keeps its place.
    for (const [from, to] of hitsIn(text.data, query).toReversed()) {
      const hit = text.splitText(from);
      hit.splitText(to - from);
      const mark = document.createElement("mark");
      hit.replaceWith(mark);
      mark.append(hit);
      mark.closest("details")?.setAttribute("open", "");
    }
  }
}

function formOf(): HTMLFormElement {
  const form = document.createElement("form");
  form.className = "search";
  form.role = "search";
  form.dataset["findingForm"] = "";
  form.innerHTML =
    '<label><span class="label"></span><input name="q" type="search" maxlength="100" required dir="auto"></label>' +
    '<button class="button" type="submit"></button><button class="button quiet" type="button" data-close></button>';
  const texts: [string, string][] = [[".label", say.label], ["[type=submit]", say.search], ["[data-close]", say.close]];
  for (const [mark, text] of texts) {
    const part = form.querySelector(mark);
    if (part) part.textContent = text;
  }
  return form;
}
