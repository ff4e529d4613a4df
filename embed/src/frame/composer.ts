import { say } from "../shared/say";
import type { Assist } from "../writing/writing";
import { Refused } from "./api";
import { countdown } from "./countdown";
import { draftsAt, type Drafts } from "./drafts";
import { check, point, restore, showSigned, sign, written, type Written } from "./fields";
import { watchLength } from "./length";
import { showProblem, type Page } from "./page";

/** What a composer is for: a comment, a reply, an edit. */
export interface Purpose {
  /** Names its draft. */
  place: string;
  /** The text to begin with, when there is no draft. */
  initial?: string;
  sending: string;
  /** Shows the text where it will be while it is sent; what comes back takes that away again. */
  show?(body: string): () => void;
  /** Throws Refused or Unreachable; the text stays then. */
  send(written: Written): Promise<void>;
  cancel?(): void;
}

/** Longer waits, in seconds, are told, not waited for. */
const LONGEST_WAIT = 120;
/** Seconds until a text that found no connection is tried again; twice as long each time, up to a minute. */
const FIRST_RETRY = 5;

/** Starts a composer's form. Text is never lost: it leaves the draft only when the server has it. */
export function compose(page: Page, form: HTMLFormElement, purpose: Purpose): void {
  const button = form.querySelector<HTMLButtonElement>("[data-send]");
  if (button) new Composer(page, form, button, purpose).start();
}

class Composer {
  private readonly body: HTMLTextAreaElement;
  private readonly drafts: Drafts;
  private readonly idle: string;
  private showLength = (): void => undefined;
  private stopWaiting: (() => void) | null = null;
  private isBusy = false;
  private isAssisted = false;
  /** How often in a row nobody answered. */
  private failures = 0;

  constructor(
    private readonly page: Page,
    private readonly form: HTMLFormElement,
    private readonly button: HTMLButtonElement,
    private readonly purpose: Purpose,
  ) {
    this.body = form.elements.namedItem("body") as HTMLTextAreaElement;
    this.drafts = draftsAt(page.store, purpose.place);
    this.idle = button.textContent;
  }

  start(): void {
    this.form.noValidate = true;
    this.button.disabled = false;
    restore(this.page, this.form, this.drafts, this.purpose.initial ?? "");
    showSigned(this.page, this.form);
    this.showLength = watchLength(this.page, this.form);
    grow(this.body);
    this.on("focusin", () => this.opened());
    this.on("input", () => this.changed());
    this.on("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    this.on("keydown", (event) => this.pressed(event));
    this.on("click", (event) => this.clicked(event));
    this.guard();
    const { waits } = this.drafts.read() ?? {};
    if (waits === undefined || !this.body.value.trim()) return;
    sign(this.form, waits);
    void this.submit(true);
  }

  private on<K extends keyof HTMLElementEventMap>(name: K, act: (event: HTMLElementEventMap[K]) => void): void {
    this.form.addEventListener(name, act, { signal: this.page.signal });
  }

  /** Where nothing can be stored, leaving would lose the words: the browser asks first. */
  private guard(): void {
    addEventListener(
      "beforeunload",
      (event) => {
        const isUnsaved = this.form.isConnected && this.drafts.read() && !this.page.store.isLasting();
        if (isUnsaved) event.preventDefault();
      },
      { signal: this.page.signal },
    );
  }

  private opened(): void {
    this.form.classList.add("open");
    if (this.isAssisted) return;
    this.isAssisted = true;
    const tools = this.form.querySelector<HTMLElement>("[data-tools]");
    // Without them one writes as well.
    this.page.load<Assist>("writing").then(
      ({ assist }) => assist(this.page, this.form),
      () => tools?.remove(),
    );
  }

  private changed(): void {
    this.form.querySelector("[data-restored]")?.setAttribute("hidden", "");
    for (const field of this.form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    this.drafts.write(this.body.value);
    grow(this.body);
    if (!this.failures) return;
    // Other words than those that were to be sent: they go when the reader says so.
    this.failures = 0;
    showProblem(this.page, this.form, "");
    this.settle();
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "Escape" && !this.body.value.trim()) this.cancel();
  }

  private clicked(event: MouseEvent): void {
    const does = (event.target as Element).closest<HTMLElement>("[data-do]")?.dataset["do"];
    if (does === "cancel") this.cancel();
    if (does === "discard") this.discard();
    if (does === "forget") this.forget();
    this.page.host.measure();
  }

  private cancel(): void {
    if (this.body.readOnly) return;
    this.stopWaiting?.();
    this.drafts.wait(undefined);
    this.purpose.cancel?.();
  }

  private discard(): void {
    this.drafts.clear();
    this.body.value = this.purpose.initial ?? "";
    this.form.querySelector("[data-restored]")?.setAttribute("hidden", "");
    this.body.focus();
  }

  private forget(): void {
    this.page.forget();
    for (const form of this.page.root.querySelectorAll<HTMLFormElement>("form.composer")) showSigned(this.page, form);
    (this.form.elements.namedItem("name") as HTMLElement).focus();
  }

  /** `isRetry`: it was told already what this is about. */
  private async submit(isRetry = false): Promise<void> {
    if (this.isBusy || !check(this.page, this.form)) return;
    this.stopWaiting?.();
    this.busy(this.purpose.sending);
    // What is typed now would be neither sent nor kept.
    this.body.readOnly = true;
    if (!isRetry) {
      this.failures = 0;
      showProblem(this.page, this.form, "");
    }
    const text = this.body.value;
    const sent = (this.purpose.show && (await this.page.host.before?.(text))) ?? text;
    const what = written(this.page, this.form, this.drafts, sent);
    const hide = this.show(text);
    try {
      await this.purpose.send(what);
      this.failures = 0;
      this.drafts.clear();
      showProblem(this.page, this.form, "");
      this.fill("");
      this.settle();
    } catch (error) {
      if (hide) this.fill(text);
      this.settle();
      this.fail(error, what);
    }
    hide?.();
    this.page.host.measure();
  }

  private show(text: string): (() => void) | undefined {
    const hide = this.purpose.show?.(text);
    if (hide) this.fill("");
    return hide;
  }

  private fill(text: string): void {
    this.body.value = text;
    this.showLength();
    grow(this.body);
  }

  // Not `disabled`: a button that is would lose the focus.
  private busy(words: string): void {
    this.isBusy = true;
    this.button.textContent = words;
    this.button.ariaDisabled = "true";
  }

  private settle(): void {
    this.isBusy = false;
    this.stopWaiting?.();
    this.body.readOnly = false;
    this.button.textContent = this.idle;
    this.button.ariaDisabled = null;
  }

  private fail(error: unknown, what: Written): void {
    if (error instanceof Refused) {
      this.failures = 0;
      if (what.doubt?.key === what.key) this.drafts.doubt(undefined);
      this.drafts.wait(undefined);
      if (error.retryAfter) return this.wait(error.message, error.retryAfter);
      showProblem(this.page, this.form, error.message);
      if (error.field) point(this.form, error.field);
      return;
    }
    this.later(what);
  }

  /** Nobody answered: sent once more, with the same key, when there is a connection again, after a reload too. */
  private later({ body, author, key, doubt }: Written): void {
    const isNews = this.failures++ === 0;
    if (this.purpose.show) {
      this.drafts.doubt(doubt ?? { body, author, key });
      this.drafts.wait(author);
    }
    const words = this.purpose.show ? say.waitsForConnection : say.unreachableKept;
    if (isNews) showProblem(this.page, this.form, words);
    this.button.textContent = say.tryAgain;
    const retry = (): void => {
      if (this.form.isConnected && this.button.textContent === say.tryAgain) void this.submit(true);
    };
    const seconds = Math.min(60, FIRST_RETRY * 2 ** (this.failures - 1));
    const timer = this.purpose.show ? setTimeout(retry, seconds * 1000) : 0;
    addEventListener("online", retry, { signal: this.page.signal });
    this.stopWaiting = () => {
      clearTimeout(timer);
      removeEventListener("online", retry);
    };
  }

  private wait(why: string, seconds: number): void {
    const isShort = seconds <= LONGEST_WAIT;
    showProblem(this.page, this.form, `${why} ${isShort ? say.wait(seconds) : say.waitLong(seconds)}`);
    if (!isShort) return;
    this.stopWaiting = countdown(seconds, this.page.signal, (left) => {
      this.busy(say.sendsIn(left));
      if (left > 0) return;
      this.settle();
      if (this.form.isConnected) void this.submit();
    });
  }
}

/** As high as its text, where the browser does not do that by itself (`field-sizing`). */
function grow(body: HTMLTextAreaElement): void {
  if (CSS.supports("field-sizing", "content")) return;
  body.style.blockSize = "auto";
  body.style.blockSize = `${body.scrollHeight + 2}px`;
}
