import { commentInHash, type Theme } from "../shared/messages";

/** What the snippet asks for, from the attributes of its element. */
export function addressOf(place: HTMLElement, origin: string, theme: Theme): string {
  const asked = place.dataset;
  const url = new URL("/embed", origin);
  const params: Record<string, string | null | undefined> = {
    site: asked["site"],
    url: asked["url"] || canonical(),
    identifier: asked["identifier"],
    title: asked["title"] || document.title.slice(0, 200),
    sort: asked["sort"],
    lang: asked["lang"] || place.closest<HTMLElement>("[lang]")?.lang,
    theme,
    host: location.origin,
    comment: commentInHash(location.hash),
  };
  for (const [name, value] of Object.entries(params)) if (value) url.searchParams.set(name, value);
  return url.href;
}

function canonical(): string {
  const link = document.querySelector<HTMLLinkElement>('link[rel~="canonical"][href]');
  return link?.href || location.href.replace(/#.*$/, "");
}

/**
 * Light or dark: as the snippet says, else as the page is now. The page's own text colour decides, not the reader's
 * preference: most pages that are always light don't say so.
 */
export function themeOf(place: HTMLElement): Theme {
  const said = place.dataset["theme"];
  if (said === "light" || said === "dark") return said;
  const [red, green, blue] = /^rgba?\((\d+), (\d+), (\d+)/.exec(getComputedStyle(place).color)?.slice(1).map(Number) ?? [];
  if (red !== undefined && green !== undefined && blue !== undefined) {
    return 0.3 * red + 0.59 * green + 0.11 * blue > 140 ? "dark" : "light";
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
