import type { Page } from "../frame/page";
import { say } from "./say";
import { apply } from "./field";
import { marked, type Mark } from "./marks";
import { preview } from "./preview";

const KEYS: Partial<Record<Mark, string>> = { bold: "B", italic: "I", code: "E", link: "K" };
const MARKS: readonly Mark[] = ["bold", "italic", "quote", "code", "link", "spoiler"];
const isApple = /Mac|iP(hone|ad)/.test(navigator.platform);

/** The toolbar below the text: one stop for Tab, arrows move in it (APG's toolbar pattern). */
export function toolbar(page: Page, form: HTMLFormElement, body: HTMLTextAreaElement): void {
  const place = form.querySelector<HTMLElement>("[data-tools]");
  if (!place || place.firstChild) return;
  place.role = "toolbar";
  place.ariaLabel = say.tools;
  const press = (mark: Mark): void => apply(body, marked(body.value, body.selectionStart, body.selectionEnd, mark));
  const buttons = MARKS.map((mark) => {
    const button = buttonOf(mark, say[mark], KEYS[mark]);
    button.addEventListener("click", () => press(mark));
    return button;
  });
  buttons.push(preview(page, form, body));
  for (const [index, button] of buttons.entries()) button.tabIndex = index ? -1 : 0;
  place.append(...buttons);
  place.addEventListener("keydown", (event) => rove(event, buttons));
  place.addEventListener("focusin", ({ target }) => {
    for (const button of buttons) button.tabIndex = button === target ? 0 : -1;
  });
  body.addEventListener("keydown", (event) => {
    if (!(isApple ? event.metaKey : event.ctrlKey) || event.altKey || event.shiftKey) return;
    const mark = MARKS.find((each) => KEYS[each]?.toLowerCase() === event.key.toLowerCase());
    if (!mark) return;
    event.preventDefault();
    press(mark);
  });
}

function buttonOf(mark: Mark, words: string, key: string | undefined): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `tool ${mark}`;
  button.ariaLabel = words;
  button.title = key ? `${words} (${isApple ? "⌘" : "Ctrl+"}${key})` : words;
  if (key) button.setAttribute("aria-keyshortcuts", `${isApple ? "Meta" : "Control"}+${key}`);
  // A press must not take the selection out of the text.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  return button;
}

function rove(event: KeyboardEvent, buttons: HTMLElement[]): void {
  const at = buttons.indexOf(event.target as HTMLElement);
  const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  const back = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
  const to = { [forward]: at + 1, [back]: at - 1, Home: 0, End: -1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  buttons.at(to % buttons.length)?.focus();
}
