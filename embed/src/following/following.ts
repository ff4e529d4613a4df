/** Following a discussion by mail: what of it, and to which address where none is known yet. */
import { copyOf, showProblem, type Page } from "../frame/page";
import { say } from "./say";

/** What the frame knows of this part. */
export interface Follow {
  open(page: Page, opener: HTMLButtonElement): void;
  told(page: Page, article: HTMLElement | null, state: MailState): void;
}

export type MailState = "none" | "waiting" | "confirmed" | "ended" | "stopped";

interface OwnMail {
  state: MailState;
  items: { kind: string; thread: string | null }[];
}

/** Opens the form below what asked for it; a second press leads there again. */
export function open(page: Page, opener: HTMLButtonElement): void {
  const known = page.root.querySelector<HTMLFormElement>("form[data-follow]");
  if (known) return known.querySelector<HTMLElement>("input:checked")?.focus();
  const form = copyOf<HTMLFormElement>(page, "follow");
  if (!form) return;
  const close = (): void => {
    form.remove();
    opener.ariaExpanded = "false";
    opener.focus();
    page.host.measure();
  };
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void save(page, form, opener);
  });
  form.addEventListener("change", () => {
    form.dataset["touched"] = "";
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  form.querySelector("[data-do=cancel]")?.addEventListener("click", close);
  page.root.querySelector("[data-thanks]")?.remove();
  opener.closest("header")?.after(form);
  opener.ariaExpanded = "true";
  form.querySelector<HTMLElement>("input:checked")?.focus();
  page.host.measure();
  void fill(page, form);
}

/** What is asked for already, and whether an address is known. Without an answer all can be given anew. */
async function fill(page: Page, form: HTMLFormElement): Promise<void> {
  const token = page.guest?.token ?? null;
  if (!token || !page.thread) return;
  const path = `/api/v1/me/mail?site=${encodeURIComponent(page.site)}&thread=${page.thread}`;
  const mine = await page.ask<OwnMail>("GET", path, { token }).catch(() => null);
  if (!mine) return;
  const kinds = new Set(mine.items.map(({ kind }) => kind));
  const wanted = ["thread", "replies", "mentions", "quiet"].find((kind) => kinds.has(kind));
  const choice = form.querySelector<HTMLInputElement>(`[value="${wanted ?? "thread"}"]`);
  if (choice && form.dataset["touched"] === undefined) choice.checked = true;
  // One that mail came back from may have to be another.
  const isKnown = mine.state === "confirmed" || mine.state === "ended" || mine.state === "waiting";
  form.querySelector("[data-mail]")?.toggleAttribute("hidden", isKnown);
  page.host.measure();
}

async function save(page: Page, form: HTMLFormElement, opener: HTMLButtonElement): Promise<void> {
  if (form.ariaBusy === "true") return;
  const fields = new FormData(form);
  const kind = String(fields.get("kind"));
  const email = String(fields.get("email") ?? "").trim();
  form.ariaBusy = "true";
  showProblem(page, form, "");
  try {
    const json = { site: page.site, kind, thread: page.thread, email: email || null };
    const token = page.guest?.token ?? null;
    const { state, guest } = await page.ask<{ state: MailState; guest: string | null }>("POST", "/api/v1/subscriptions", { json, token });
    page.become(guest);
    opener.ariaExpanded = "false";
    thank(page, form, kind === "quiet" ? say.quiet : state === "waiting" ? say.asked : say.follows);
  } catch (error) {
    form.ariaBusy = "false";
    const { message, field } = error as { message: string; field?: string };
    showProblem(page, form, message);
    if (field !== "email") return;
    form.querySelector("[data-mail]")?.removeAttribute("hidden");
    const input = form.elements.namedItem("email") as HTMLInputElement;
    input.ariaInvalid = "true";
    input.focus();
  }
}

function thank(page: Page, form: HTMLElement, words: string): void {
  const thanks = line(words);
  form.replaceWith(thanks);
  thanks.focus({ preventScroll: true });
  page.status(words);
  page.host.measure();
}

/** What came of asking for replies together with a comment, said beside it. */
export function told(page: Page, article: HTMLElement | null, state: MailState): void {
  const words = state === "waiting" ? say.asked : state === "confirmed" ? say.follows : say.needsEmail;
  page.root.querySelector("[data-thanks]")?.remove();
  (article ?? page.list).append(line(words));
  page.status(words);
  page.host.measure();
}

function line(words: string): HTMLElement {
  const thanks = document.createElement("p");
  thanks.className = "thanks";
  thanks.dataset["thanks"] = "";
  thanks.tabIndex = -1;
  thanks.textContent = words;
  return thanks;
}
