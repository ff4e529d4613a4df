import { say } from "../shared/say";
import { Refused } from "./api";
import { countdown } from "./countdown";
import { draftsAt, type Drafts } from "./drafts";
import { check, point, restore, showSigned, written, type Written } from "./fields";
import { watchLength } from "./length";
import { showProblem, type Page } from "./page";

/** What a composer is for: a comment, a reply, an edit. */
export interface Purpose {
  /** Names its draft. */
  place: string;
  /** The text to begin with, when there is no draft. */
  initial?: string;
  sending: string;
  /** Throws Refused or Unreachable; the text stays then. */
  send(written: Written): Promise<void>;
  cancel?(): void;
}

/** Longer waits, in seconds, are told, not waited for. */
const LONGEST_WAIT = 120;

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
    this.on("focusin", () => this.form.classList.add("open"));
    this.on("input", () => this.changed());
    this.on("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    this.on("keydown", (event) => this.pressed(event));
    this.on("click", (event) => this.clicked(event));
  }

  private on<K extends keyof HTMLElementEventMap>(name: K, act: (event: HTMLElementEventMap[K]) => void): void {
    this.form.addEventListener(name, act, { signal: this.page.signal });
  }

  private changed(): void {
    this.form.querySelector("[data-restored]")?.setAttribute("hidden", "");
    for (const field of this.form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    this.drafts.write(this.body.value);
    grow(this.body);
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void this.submit();
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
    this.stopWaiting?.();
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

  private async submit(): Promise<void> {
    if (this.isBusy || !check(this.page, this.form)) return;
    this.busy(this.purpose.sending);
    // What is typed now would be neither sent nor kept.
    this.body.readOnly = true;
    showProblem(this.page, this.form, "");
    try {
      await this.purpose.send(written(this.page, this.form, this.drafts));
      this.drafts.clear();
      this.body.value = "";
      this.showLength();
      grow(this.body);
      this.settle();
    } catch (error) {
      this.settle();
      this.fail(error);
    }
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

  private fail(error: unknown): void {
    if (error instanceof Refused) {
      if (error.retryAfter) return this.wait(error.message, error.retryAfter);
      showProblem(this.page, this.form, error.message);
      if (error.field) point(this.form, error.field);
      return;
    }
    showProblem(this.page, this.form, say.unreachableKept);
    this.button.textContent = say.tryAgain;
    addEventListener("online", () => this.retry(), { once: true, signal: this.page.signal });
  }

  private retry(): void {
    if (this.form.isConnected && this.button.textContent === say.tryAgain) void this.submit();
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
