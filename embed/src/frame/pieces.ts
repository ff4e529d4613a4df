import type { Page } from "./page";

/** The comment an element belongs to: its article and its id. */
export function commentOf(element: Element): { article: HTMLElement; id: string } | null {
  const article = element.closest<HTMLElement>("article.comment");
  return article ? { article, id: idOf(article) } : null;
}

export function idOf(article: Element): string {
  return article.id.replace("comment-", "");
}

export function articleOf(id: string): HTMLElement | null {
  return document.getElementById(`comment-${id}`);
}

/** Marks a comment for a moment, so that the eye finds it. */
export function light(article: HTMLElement): void {
  article.classList.add("lit");
  setTimeout(() => article.classList.remove("lit"), 3000);
}

/** The list below a comment. */
export function repliesOf(article: Element): HTMLElement | null {
  return article.parentElement?.querySelector<HTMLElement>(":scope > .replies") ?? null;
}

/** A copy of one of the page's templates. */
export function copyOf<E extends HTMLElement>(page: Page, name: string): E | null {
  const template = page.root.querySelector<HTMLTemplateElement>(`template[data-template="${name}"]`);
  return (template?.content.firstElementChild?.cloneNode(true) as E | undefined) ?? null;
}

/** HTML drawn by the server, as elements. */
export function parse(html: string): HTMLElement[] {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.children] as HTMLElement[];
}

/** Says in sight and aloud what is wrong; an empty text takes it back. */
export function showProblem(page: Page, within: Element, text: string): void {
  const line = within.querySelector<HTMLElement>("[data-problem]");
  if (line) {
    line.textContent = text;
    line.hidden = !text;
  }
  if (text) page.alert(text);
  page.host.measure();
}

/** One listener for all elements of a kind, now and later. */
export function onClick(page: Page, selector: string, act: (element: HTMLElement, event: MouseEvent) => void): void {
  page.root.addEventListener(
    "click",
    (event) => {
      const element = (event.target as Element).closest<HTMLElement>(selector);
      if (element) act(element, event);
    },
    { signal: page.signal },
  );
}
