import { say } from "../shared/say";
import type { Drafts, Sent, Signature } from "./drafts";
import { lengthOf, maxOf } from "./length";
import { showProblem, type Page } from "./page";

/** What is handed to the server. */
export interface Written extends Sent {
  /** What was sent of an earlier text and never answered. */
  doubt?: Sent | undefined;
}

/** The server's names of inputs, and ours. */
const FIELDS: Record<string, string> = { body: "body", name: "name", "author.name": "name", email: "email", "author.email": "email" };

/** A guest who has a name already is not asked again. */
export function showSigned(page: Page, form: HTMLFormElement): void {
  const name = page.guest?.name;
  const who = form.querySelector<HTMLElement>("[data-who]");
  const signed = form.querySelector<HTMLElement>("[data-signed]");
  const shown = form.querySelector<HTMLElement>("[data-name]");
  if (!who || !signed || !shown) return;
  who.hidden = Boolean(name);
  signed.hidden = !name;
  shown.textContent = name ?? "";
  const isMember = page.guest?.isMember === true && !page.guest.isReader;
  form.querySelector("[data-do=forget]")?.toggleAttribute("hidden", isMember);
  form.querySelector("[data-logout]")?.toggleAttribute("hidden", !isMember);
}

/** Fills in how a text was signed that goes out again. */
export function sign(form: HTMLFormElement, signature: Signature): void {
  for (const [name, value] of Object.entries(signature ?? {})) {
    const input = form.elements.namedItem(name) as HTMLInputElement | null;
    if (input) input.value ||= value;
  }
}

/** Reads the form, and keeps its text as the draft with the key `text` is sent under. */
export function written(page: Page, form: HTMLFormElement, drafts: Drafts, text: string): Written {
  const value = (name: string): string => (form.elements.namedItem(name) as HTMLInputElement | null)?.value.trim() ?? "";
  const body = text.trim();
  const email = value("email");
  const isAsked = form.querySelector<HTMLElement>("[data-who]")?.hidden === false;
  const author = isAsked ? { name: value("name"), ...(email ? { email } : {}) } : null;
  drafts.write((form.elements.namedItem("body") as HTMLTextAreaElement).value);
  const key = drafts.keyFor(JSON.stringify([page.guest?.token ?? null, body, author]));
  return { body, author, key, mail: wantsMail(form), doubt: drafts.read()?.doubt };
}

function wantsMail(form: HTMLFormElement): boolean {
  return (form.elements.namedItem("mail_replies") as HTMLInputElement | null)?.checked ?? false;
}

/** Says what has to change before it can be sent; true when nothing has to. */
export function check(page: Page, form: HTMLFormElement): boolean {
  const body = form.elements.namedItem("body") as HTMLTextAreaElement;
  const name = form.elements.namedItem("name") as HTMLInputElement | null;
  const email = form.elements.namedItem("email") as HTMLInputElement | null;
  const over = lengthOf(body.value.trim()) - maxOf(page);
  const isAsked = form.querySelector<HTMLElement>("[data-who]")?.hidden === false;
  const faults: [boolean, string, string][] = [
    [!body.value.trim(), say.empty, "body"],
    [over > 0, say.tooLong(over), "body"],
    [isAsked && !name?.value.trim(), say.nameless, "name"],
    [isAsked && email?.validity.valid === false, say.badEmail, "email"],
    [isAsked && wantsMail(form) && !email?.value.trim(), say.needsEmail, "email"],
  ];
  const [, problem, field] = faults.find(([isSo]) => isSo) ?? [];
  if (!problem || !field) return true;
  form.classList.add("open");
  showProblem(page, form, problem);
  point(form, field);
  return false;
}

/** Leads to the field that has to change. */
export function point(form: HTMLFormElement, field: string): void {
  const input = form.elements.namedItem(FIELDS[field] ?? "");
  if (!(input instanceof HTMLElement)) return;
  if (input.closest<HTMLElement>("[data-who]")?.hidden) return;
  input.setAttribute("aria-invalid", "true");
  input.focus();
}

/** Puts an unsent text back. */
export function restore(page: Page, form: HTMLFormElement, drafts: Drafts, initial: string): void {
  const body = form.elements.namedItem("body") as HTMLTextAreaElement;
  const draft = drafts.read();
  // The browser may have put a text back by itself; it is the newer one.
  body.value ||= draft?.body ?? initial;
  if (!draft?.body || draft.body === initial) return;
  form.classList.add("open");
  // What waits to be sent is not asked about.
  if (draft.waits !== undefined) return;
  form.querySelector("[data-restored]")?.removeAttribute("hidden");
  page.status(say.kept);
}
