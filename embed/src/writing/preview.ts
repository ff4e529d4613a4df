import type { Page } from "../frame/page";
import { say } from "./say";

/** Milliseconds without a key until what is shown is drawn anew. */
const PAUSE = 1000;

/** The button that shows the text as the server will draw it, and keeps that true while it is written. */
export function preview(page: Page, form: HTMLFormElement, body: HTMLTextAreaElement): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "tool preview";
  button.textContent = say.preview;
  button.ariaPressed = "false";
  const panel = document.createElement("div");
  panel.className = "seen body";
  panel.role = "region";
  panel.ariaLabel = say.preview;
  panel.dir = "auto";
  let timer = 0;
  let turn = 0;

  const draw = async (): Promise<void> => {
    const mine = ++turn;
    const text = body.value.trim();
    let html: string | null = null;
    let problem = say.nothing as string;
    if (text) {
      try {
        ({ html } = await page.ask<{ html: string }>("POST", "/api/v1/preview", { json: { site: page.site, body: text } }));
      } catch (error) {
        problem = (error as Error).message;
      }
    }
    if (mine !== turn) return;
    // Drawn by the renderer that draws comments: safe as they are.
    if (html === null) panel.textContent = problem;
    else panel.innerHTML = html;
    page.host.measure();
  };
  const toggle = (isOpen: boolean): void => {
    button.ariaPressed = String(isOpen);
    if (isOpen) {
      form.querySelector("[data-tools]")?.after(panel);
      void draw();
    } else panel.remove();
    page.host.measure();
  };
  button.addEventListener("click", () => toggle(button.ariaPressed !== "true"));
  // What is sent shows in the list.
  form.addEventListener("submit", () => toggle(false));
  body.addEventListener("input", () => {
    clearTimeout(timer);
    if (panel.isConnected) timer = window.setTimeout(() => void draw(), PAUSE);
  });
  return button;
}
