import { showSigned } from "./fields";
import type { Own } from "./own";
import { articleOf, type Guest, type Page } from "./page";
import { press } from "./votes";

/** Who the reader is changed: what one writes with shows or not, and what is one's own is asked for anew. */
export function show(page: Page, own: Own, member: Guest | null): void {
  const { classList, dataset } = page.root;
  dataset["gated"] ??= String(classList.contains("gated"));
  const before = page.guest?.isMember ? page.guest.token.split(".")[1] : undefined;
  page.guest = member ?? page.known();
  const isIn = page.guest?.isMember === true;
  const isGated = dataset["gated"] === "true" && !isIn;
  classList.toggle("signed-in", isIn);
  classList.toggle("gated", isGated);
  page.root.querySelector("section > form.composer")?.toggleAttribute("hidden", isGated);
  for (const form of page.root.querySelectorAll<HTMLFormElement>("form.composer")) showSigned(page, form);
  // Whoever is somebody has a page of their own, written here or not.
  page.root.querySelector("[data-me]")?.toggleAttribute("hidden", !page.guest);
  if (!isIn || page.guest?.token.split(".")[1] !== before) {
    undress(own);
    own.again();
  }
  page.host.measure();
}

/** Nothing in the page is the viewer's own any more. */
function undress({ kept, votes }: Own): void {
  for (const [id, { drawn }] of kept) {
    const article = articleOf(id);
    article?.classList.remove("mine");
    for (const vote of article?.querySelectorAll<HTMLButtonElement>("[data-vote]") ?? []) vote.disabled = false;
    article?.querySelector("[data-own]")?.remove();
    if (drawn?.isHeld) article?.closest("li")?.remove();
  }
  for (const id of votes.keys()) {
    const article = articleOf(id);
    if (article) press(article, 0);
  }
  kept.clear();
  votes.clear();
}
