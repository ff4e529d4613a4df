/** Signing in with a code by mail: an address, then the code that came, in one form. */
import { show } from "../frame/member";
import type { Own } from "../frame/own";
import { copyOf, showProblem, type Page } from "../frame/page";
import { say } from "./say";

/** What the frame knows of this part. */
export interface Enter {
  open(page: Page, own: Own, opener: HTMLButtonElement): void;
}

/** Opens the form below what asked for it; a second press leads there again. */
export function open(page: Page, own: Own, opener: HTMLButtonElement): void {
  const known = page.root.querySelector<HTMLFormElement>("form[data-enter]");
  const form = known ?? copyOf<HTMLFormElement>(page, "enter");
  if (!form) return;
  if (!known) {
    // Not within the composer: a form in a form is none.
    (opener.closest("form.composer") ?? opener.closest("[data-gate]") ?? opener).after(form);
    begin(page, own, form, opener);
  }
  input(form, "email").focus();
  page.host.measure();
}

function begin(page: Page, own: Own, form: HTMLFormElement, opener: HTMLButtonElement): void {
  const path = `/api/v1/sites/${encodeURIComponent(page.site)}/sign-in`;
  const coded = form.querySelector<HTMLElement>("[data-coded]");
  let ask = "";
  let isBusy = false;
  form.noValidate = true;
  const close = (): void => {
    form.remove();
    page.host.measure();
  };
  const sent = async (): Promise<void> => {
    ask = (await page.ask<{ ask: string }>("POST", `${path}/codes`, { json: { email: input(form, "email").value } })).ask;
    coded?.removeAttribute("hidden");
    page.status(say.sent);
    input(form, "code").focus();
  };
  const entered = async (): Promise<void> => {
    const json = { ask, code: input(form, "code").value, name: input(form, "name").value || null };
    const { session, name } = await page.ask<{ session: string; name: string }>("POST", `${path}/sessions`, { json });
    const reader = { token: session, name, isMember: true, isReader: true } as const;
    page.remember(reader);
    close();
    show(page, own, reader);
    page.status(say.signedIn(name));
    page.root.querySelector<HTMLElement>("section > form.composer textarea")?.focus();
  };
  form.addEventListener("input", (event) => {
    // Another address needs another code.
    if ((event.target as HTMLInputElement).name !== "email" || !ask) return;
    ask = "";
    coded?.setAttribute("hidden", "");
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    showProblem(page, form, "");
    try {
      await (ask ? entered() : sent());
    } catch (error) {
      const { message, field } = error as { message: string; field?: string };
      showProblem(page, form, message);
      if (field && form.elements.namedItem(field)) input(form, field).focus();
    }
    isBusy = false;
    page.host.measure();
  });
  form.querySelector("[data-do=cancel]")?.addEventListener("click", () => {
    close();
    opener.focus();
  });
}

function input(form: HTMLFormElement, name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement;
}
