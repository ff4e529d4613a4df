import type { Theme } from "../shared/messages";

/**
 * What the snippet asks for, from its element: `data-…` of a plain one, the attributes themselves of
 * `<discussion-thread>`.
 */
export function ask(place: HTMLElement, name: string): string | null {
  return place.getAttribute(`data-${name}`) ?? (isOwn(place) ? place.getAttribute(name) : null);
}

/** Whether it is an element of ours, whose attributes mean nothing to browsers but `lang` and `title`. */
export function isOwn(place: HTMLElement): boolean {
  return place.localName === "discussion-thread";
}

/** What a place can ask for that another frame is needed for. */
export const ASKED = ["site", "url", "identifier", "title", "sort", "lang", "looks"];

/** The address of the frame a place asks for, without what may change in it. */
export function addressOf(place: HTMLElement, origin: string): string {
  const url = new URL(`/embed?host=${location.origin}`, origin);
  const otherwise: Record<string, string | undefined> = {
    url: document.querySelector<HTMLLinkElement>('link[rel~="canonical"][href]')?.href || location.href.split("#")[0],
    title: document.title.slice(0, 200),
    lang: place.closest<HTMLElement>("[lang]")?.lang,
  };
  for (const name of ASKED) {
    const value = ask(place, name) || otherwise[name];
    if (value) url.searchParams.set(name, value);
  }
  return url.href;
}

/**
 * Light or dark: as the snippet says, else as the page is now. The ground below the place decides, and where that is
 * the browser's own, the colour of the text; not the reader's preference: most pages that are always light don't say so.
 */
export function themeOf(place: HTMLElement): Theme {
  const said = ask(place, "theme");
  if (said === "light" || said === "dark") return said;
  let ground: number | null = null;
  for (let at: Element | null = place; at && ground === null; at = at.parentElement) {
    ground = lightness(getComputedStyle(at).backgroundColor);
  }
  return (ground ?? 1 - (lightness(getComputedStyle(place).color) ?? 0)) < 0.5 ? "dark" : "light";
}

/** How light a computed colour is, 0 to 1; null for one that is hardly there, or that we cannot read. */
function lightness(colour: string): number | null {
  const [kind, ...numbers] = /^(rgb|ok)\w*\(([\d.]+),? ([\d.]+),? ([\d.]+)(?:,| \/)? ?([\d.]+)?/.exec(colour)?.slice(1) ?? [];
  const [first = 0, second = 0, third = 0, alpha = 1] = numbers.map((number) => +(number ?? 1));
  if (!kind || alpha < 0.5) return null;
  return kind === "ok" ? first : (0.3 * first + 0.59 * second + 0.11 * third) / 255;
}

/** Calls `look` whenever the page may have become light or dark: by the system, by a class, at the end of a transition. */
export function whenLooksChange(signal: AbortSignal, look: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look, { signal });
  addEventListener("transitionend", look, { signal });
  const observer = new MutationObserver(look);
  observer.observe(document.documentElement, { attributes: true });
  observer.observe(document.body, { attributes: true });
  endWith(signal, observer);
}

/** Ends what an observer observes when `signal` aborts. */
export function endWith(signal: AbortSignal, observer: { disconnect(): void }): void {
  signal.addEventListener("abort", () => observer.disconnect());
}
