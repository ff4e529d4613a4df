import { say } from "./say";
import type { Page } from "../frame/page";
import { copyOf, showProblem } from "../frame/pieces";

/**
 * Asking a moderator to look. The form stands in the flow below the comment: a dialog would be centred in a frame that
 * is as high as the discussion, far out of sight.
 */
export function report(page: Page, opener: HTMLButtonElement, article: HTMLElement, id: string): void {
  const first = article.querySelector<HTMLElement>("[data-report] input");
  if (first) return first.focus();
  const form = copyOf<HTMLFormElement>(page, "report");
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
    void send(page, form, opener, id);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  form.querySelector('[data-do="cancel"]')?.addEventListener("click", close);
  article.append(form);
  opener.ariaExpanded = "true";
  page.host.measure();
  form.querySelector<HTMLElement>("input")?.focus();
}

async function send(page: Page, form: HTMLFormElement, opener: HTMLButtonElement, id: string): Promise<void> {
  const fields = new FormData(form);
  const reason = fields.get("reason");
  if (!reason) return showProblem(page, form, say.unreasoned);
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  showProblem(page, form, "");
  try {
    await page.ask("POST", `/api/v1/comments/${id}/reports`, {
      json: { reason, detail: fields.get("detail") ?? "" },
      token: page.guest?.token ?? null,
    });
  } catch (error) {
    form.ariaBusy = "false";
    return showProblem(page, form, (error as Error).message);
  }
  const thanks = document.createElement("p");
  thanks.className = "thanks";
  thanks.tabIndex = -1;
  thanks.textContent = say.reported;
  form.replaceWith(thanks);
  opener.disabled = true;
  opener.textContent = say.reportedShort;
  thanks.focus({ preventScroll: true });
  page.status(say.reported);
  page.host.measure();
}
