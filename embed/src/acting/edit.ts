import type { PostedAnswer } from "../shared/answers";
import { say } from "./say";
import type { Page } from "../frame/page";
import { articleOf, copyOf, parse, repliesOf, showProblem } from "../frame/pieces";
import type { Frame } from "./acting";

/** Changing one's own comment, in its place. */
export function edit(page: Page, frame: Frame, article: HTMLElement, id: string): void {
  const form = copyOf<HTMLFormElement>(page, "reply");
  const body = frame.own.bodyOf(id);
  const shown = article.querySelector<HTMLElement>(".body");
  const acts = article.querySelector<HTMLElement>(".acts");
  if (!form || body === null || !shown || !acts) return;
  form.querySelector("[data-who]")?.remove();
  form.querySelector("[data-signed]")?.remove();
  const send = form.querySelector("[data-send]");
  const label = form.querySelector("[data-label]");
  if (send) send.textContent = say.save;
  if (label) label.textContent = say.editing;
  form.ariaLabel = say.editing;
  const toggle = (isOpen: boolean): void => {
    shown.hidden = isOpen;
    acts.hidden = isOpen;
    page.host.measure();
  };
  frame.compose(page, form, {
    place: `${page.site} edit ${id}`,
    initial: body,
    sending: say.saving,
    send: async (written) => {
      const answer = await page.ask<PostedAnswer>("PATCH", `/api/v1/comments/${id}?fragment=true`, {
        json: { body: written.body },
        token: page.guest?.token ?? null,
      });
      replace(page, frame, article, answer, written.body);
    },
    cancel: () => {
      form.remove();
      toggle(false);
      acts.querySelector<HTMLElement>('[data-act="edit"]')?.focus();
    },
  });
  form.classList.add("open");
  shown.after(form);
  toggle(true);
  (form.elements.namedItem("body") as HTMLElement).focus();
}

function replace(page: Page, frame: Frame, old: HTMLElement, answer: PostedAnswer, body: string): void {
  const [item] = parse(answer.fragment ?? "");
  const article = item?.querySelector<HTMLElement>("article.comment");
  if (article) old.replaceWith(article);
  frame.own.owned(answer, body);
  if (article?.parentElement) page.drawn(article.parentElement);
  article?.focus({ preventScroll: true });
  page.status(answer.status === "held" ? frame.held(answer.reasons) : say.saved);
}

/** Deleting it, once one is sure. */
export function askSure(page: Page, frame: Frame, opener: HTMLElement, article: HTMLElement, id: string): void {
  const open = article.querySelector<HTMLElement>("[data-sure] [type=submit]");
  if (open) return open.focus();
  const form = copyOf<HTMLFormElement>(page, "delete");
  if (!form) return;
  const close = (): void => {
    form.remove();
    page.host.measure();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void remove(page, frame, form, id);
  });
  form.querySelector('[data-do="cancel"]')?.addEventListener("click", () => {
    close();
    opener.focus();
  });
  article.append(form);
  page.host.measure();
  form.querySelector<HTMLElement>("[type=submit]")?.focus();
}

async function remove(page: Page, frame: Frame, form: HTMLFormElement, id: string): Promise<void> {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  showProblem(page, form, "");
  try {
    await page.ask("DELETE", `/api/v1/comments/${id}`, { token: page.guest?.token ?? null });
  } catch (error) {
    form.ariaBusy = "false";
    return showProblem(page, form, (error as Error).message);
  }
  frame.own.lose(id);
  const article = articleOf(id);
  if (article) bury(page, frame, article);
  page.status(say.deleted);
  page.host.measure();
}

/** With replies below it the place stays, as the server will draw it too; without, it goes and focus moves on. */
function bury(page: Page, frame: Frame, article: HTMLElement): void {
  const item = article.parentElement;
  const wasHeld = article.hasAttribute("data-held");
  if (!wasHeld) frame.count(page, -1);
  if (repliesOf(article)?.querySelector("article.comment")) {
    article.classList.add("gone");
    article.querySelectorAll(".body, .acts, form, .fold").forEach((part) => part.remove());
    const name = article.querySelector(".name");
    if (name) name.textContent = say.deleted;
    return article.focus({ preventScroll: true });
  }
  const next = item?.nextElementSibling ?? item?.previousElementSibling ?? item?.parentElement?.closest("li");
  const neighbour = next?.querySelector<HTMLElement>("article.comment") ?? page.root.querySelector<HTMLElement>("textarea");
  item?.remove();
  neighbour?.focus({ preventScroll: true });
}
