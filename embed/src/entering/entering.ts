/** Signing in with a code by mail: an address, then the code that came, in one form. */
import { show } from "../frame/member";
import type { Own } from "../frame/own";
import { copyOf, showProblem, type Page } from "../frame/page";
import { say } from "./say";

/** What the frame knows of this part. */
export interface Enter {
  open(page: Page, own: Own, opener: HTMLButtonElement): void;
  leave(page: Page, own: Own): void;
  resume(page: Page, own: Own): void;
  show: typeof show;
}

export { show };

/** Ends the session, here and on the server; a guest again, the one the reader was before. */
export function leave(page: Page, own: Own): void {
  const path = `/api/v1/sites/${encodeURIComponent(page.site)}/sign-in/session`;
  page.ask("DELETE", path, { token: page.guest?.token ?? null }).catch(() => undefined);
  page.store.drop(`reader:${page.site}`);
  forgetKept(page);
  page.guest = null;
  show(page, own, null);
  page.root.querySelector<HTMLElement>('section > form.composer:not([hidden]) [name="name"], [data-act="enter"]')?.focus();
}

/** Asks for the session that the browser keeps in a cookie of the frame, which no script can read. */
export function resume(page: Page, own: Own): void {
  const path = `/api/v1/sites/${encodeURIComponent(page.site)}/sign-in/resume`;
  page.ask<{ session: string; name: string }>("POST", path).then(
    ({ session, name }) => show(page, own, { token: session, name, isMember: true, isReader: true }),
    // Over, or ended elsewhere: there is nothing to ask for any more.
    (error: { status?: number }) => error.status === 401 && forgetKept(page),
  );
}

/** The cookie that says so is of this frame, and no secret. */
function forgetKept({ site }: Page): void {
  try {
    document.cookie = `__Host-parley-in-${site}=; Max-Age=0; Path=/; Secure; SameSite=None; Partitioned`;
  } catch {
    // Where there are no cookies there is none.
  }
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
  const called = form.querySelector<HTMLElement>("[data-called]");
  const whenHandedOver = opened(page, form);
  let ask = "";
  /** What a window handed over, until the server has taken it. */
  let handed: { code: string; verifier: string } | null = null;
  let isBusy = false;
  form.noValidate = true;
  const close = (): void => {
    form.remove();
    page.host.measure();
  };
  const sent = async (): Promise<void> => {
    ask = (await page.ask<{ ask: string }>("POST", `${path}/codes`, { json: { email: input(form, "email").value } })).ask;
    coded?.removeAttribute("hidden");
    called?.removeAttribute("hidden");
    page.status(say.sent);
    input(form, "code").focus();
  };
  const entered = async (): Promise<void> => {
    const naming = { name: input(form, "name").value || null };
    // Where nothing can be stored, a cookie of this frame alone outlives the page.
    const remember = !page.store.isAllowed();
    const json = { ...naming, remember, ...(handed ?? { ask, code: input(form, "code").value }) };
    const at = handed ? "handovers" : "sessions";
    const { session, name } = await page.ask<{ session: string; name: string }>("POST", `${path}/${at}`, { json });
    const reader = { token: session, name, isMember: true, isReader: true } as const;
    page.store.set(`reader:${page.site}`, reader);
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
  const go = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    showProblem(page, form, "");
    try {
      await (ask || handed ? entered() : sent());
    } catch (error) {
      const { message, field } = error as { message: string; field?: string };
      showProblem(page, form, message);
      if (field === "name" && handed) {
        called?.removeAttribute("hidden");
        form.querySelector("[type=submit]")?.removeAttribute("hidden");
      } else handed = null;
      if (field && form.elements.namedItem(field)) input(form, field).focus();
    }
    isBusy = false;
    page.host.measure();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void go();
  });
  whenHandedOver((code, verifier) => {
    handed = { code, verifier };
    void go();
  });
  form.querySelector("[data-do=cancel]")?.addEventListener("click", () => {
    close();
    opener.focus();
  });
}

/**
 * The providers' buttons. Each opens a window of our own origin with the hash of a verifier; only a message of that very
 * window, from our own origin, is taken, and only with the verifier is it worth anything.
 */
function opened(page: Page, form: HTMLFormElement): (take: (code: string, verifier: string) => void) => void {
  const verifier = encoded(crypto.getRandomValues(new Uint8Array(32)));
  let challenge = "";
  // Beforehand: a window that is not opened in the click itself is not opened at all.
  const think = async (): Promise<void> => {
    challenge = encoded(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
  };
  void think();
  return (take) => {
    for (const button of form.querySelectorAll<HTMLElement>("[data-provider]")) {
      button.addEventListener("click", () => {
        const asked = new URLSearchParams({ site: page.site, provider: button.dataset["provider"] ?? "", challenge });
        const popup = window.open(`/sign-in/start?${asked}`, "parley-sign-in", "popup,width=500,height=700");
        addEventListener("message", ({ source, origin, data }: MessageEvent<{ v?: number; type?: string; code?: string } | null>) => {
          if (source !== popup || origin !== location.origin || data?.v !== 1 || data.type !== "handover") return;
          take(data.code ?? "", verifier);
        }, { signal: page.signal });
      });
    }
  };
}

function encoded(bytes: Uint8Array): string {
  return btoa(String.fromCodePoint(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function input(form: HTMLFormElement, name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement;
}
