import type { Page } from "./page";

/** On paper the address of a link stands behind it (styles/print.css), but not behind itself. */
export function start(page: Page): void {
  page.dressers.push(dress);
  dress(page.root);
}

function dress(piece: ParentNode): void {
  for (const link of piece.querySelectorAll<HTMLAnchorElement>(".body a[href]")) {
    if (isItself(link.textContent, link.href)) link.dataset["bare"] = "";
  }
}

/** Whether a link's words are its address, as people and programs write it: without the scheme, without the last slash. */
export function isItself(words: string, address: string): boolean {
  return bare(words) === bare(address);
}

function bare(address: string): string {
  return address.trim().replace(/^https?:\/\//i, "").replace(/\/$/, "");
}
