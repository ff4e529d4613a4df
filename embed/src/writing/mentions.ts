import type { Page } from "../frame/page";
import { say } from "./say";
import { apply } from "./field";
import { matching, mention, mentionAt } from "./names";

const MOST = 6;
const PAUSE = 250;
let lists = 0;

/**
 * Offers the names of those who take part, as soon as one is begun with `@`. The focus stays in the text
 * (`aria-activedescendant`); what is put in is the name and nothing else.
 */
export function mentions(page: Page, body: HTMLTextAreaElement): void {
  const list = document.createElement("ul");
  list.role = "listbox";
  list.id = `names-${++lists}`;
  list.className = "names";
  list.ariaLabel = say.people;
  list.hidden = true;
  body.closest("label")?.after(list);
  body.setAttribute("aria-autocomplete", "list");
  body.setAttribute("aria-haspopup", "listbox");
  body.setAttribute("aria-controls", list.id);
  const known = new Set<string>();
  const asked = new Set<string>();
  let chosen = -1;
  let dismissed = -1;
  let timer = 0;

  const close = (): void => {
    if (list.hidden) return;
    list.hidden = true;
    body.removeAttribute("aria-activedescendant");
    page.host.measure();
  };
  const choose = (index: number): void => {
    const options = [...list.children] as HTMLElement[];
    chosen = (index + options.length) % options.length;
    for (const [number, option] of options.entries()) option.ariaSelected = String(number === chosen);
    body.setAttribute("aria-activedescendant", options[chosen]?.id ?? "");
  };
  const take = (index: number): void => {
    const found = mentionAt(body.value, body.selectionStart);
    const name = list.children[index]?.textContent;
    close();
    if (!found || !name) return;
    dismissed = found.at;
    const insert = mention(name);
    const end = found.at + insert.length;
    apply(body, { from: found.at, to: body.selectionStart, insert, start: end, end });
  };
  const show = (): void => {
    const found = document.activeElement === body ? mentionAt(body.value, body.selectionStart) : null;
    if (!found || found.at === dismissed) return close();
    const names = matching([...namesOnPage(page), ...known], found.begins, MOST);
    if (names.length === 0) return close();
    const before = [...list.children].map((option) => option.textContent).join("\n");
    if (list.hidden || before !== names.join("\n")) {
      list.replaceChildren(...names.map((name, index) => optionOf(`${list.id}-${index}`, name)));
      list.hidden = false;
      choose(0);
      page.status(say.names(names.length));
      page.host.measure();
    }
    clearTimeout(timer);
  };
  const look = (): void => {
    show();
    const found = mentionAt(body.value, body.selectionStart);
    // The first word tells enough; what follows may be the sentence.
    const begins = found?.begins.trim().toLowerCase() ?? "";
    if (!page.thread || !found || found.at === dismissed || !begins || begins.includes(" ") || asked.has(begins)) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void more(begins), PAUSE);
  };
  const more = async (begins: string): Promise<void> => {
    asked.add(begins);
    try {
      const query = new URLSearchParams({ q: begins });
      const { names } = await page.ask<{ names: string[] }>("GET", `/api/v1/threads/${page.thread}/participants?${query}`);
      for (const name of names) known.add(name);
      show();
    } catch {
      // Those of the page are offered as well.
    }
  };

  body.addEventListener("input", look);
  // Somebody may have begun before this came.
  look();
  body.addEventListener("blur", close);
  body.addEventListener("keydown", (event) => {
    if (list.hidden || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter" || event.key === "Tab") take(chosen);
    else if (event.key === "Escape") {
      dismissed = mentionAt(body.value, body.selectionStart)?.at ?? -1;
      close();
    } else return;
    event.preventDefault();
    // Escape would close the form, too.
    event.stopPropagation();
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = (event.target as Element).closest("[role=option]");
    if (option) take([...list.children].indexOf(option));
  });
}

function namesOnPage(page: Page): string[] {
  const shown = page.root.querySelectorAll("article.comment:not(.gone) .name bdi");
  return [...shown].map((name) => name.textContent.trim());
}

function optionOf(id: string, name: string): HTMLElement {
  const option = document.createElement("li");
  option.role = "option";
  option.id = id;
  option.dir = "auto";
  option.textContent = name;
  return option;
}
