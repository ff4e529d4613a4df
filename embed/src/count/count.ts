/**
 * Fills numbers of comments into a page: one call for up to fifty links.
 *
 * `<a data-parley-count href="…" data-zero="No comments" data-one="1 comment" data-many="{n} comments">`
 */
const MOST = 50;

const script = document.currentScript as HTMLScriptElement | null;
const origin = new URL(script?.src || location.href).origin;

function addressOf(element: HTMLElement): string {
  return element.dataset["url"] || (element as HTMLAnchorElement).href || "";
}

function words(element: HTMLElement, count: number): string {
  const { zero, one, many } = element.dataset;
  const form = (count === 0 ? zero : count === 1 ? one : undefined) ?? many ?? "{n}";
  return form.replace("{n}", String(count));
}

async function fill(site: string, elements: HTMLElement[]): Promise<void> {
  const urls = [...new Set(elements.map(addressOf))];
  for (let at = 0; at < urls.length; at += MOST) {
    const query = new URLSearchParams({ site });
    for (const url of urls.slice(at, at + MOST)) query.append("url", url);
    // One batch after the other: a page with hundreds of links must not hit the server all at once.
    const answer = await fetch(`${origin}/api/v1/counts?${query}`, { credentials: "omit" });
    if (!answer.ok) return;
    const { items } = (await answer.json()) as { items: { url: string; count: number }[] };
    const counts = new Map(items.map((item) => [item.url, item.count]));
    for (const element of elements) {
      const count = counts.get(addressOf(element));
      if (count !== undefined) element.textContent = words(element, count);
    }
  }
}

function fillAll(): void {
  const bySite = new Map<string, HTMLElement[]>();
  for (const element of document.querySelectorAll<HTMLElement>("[data-parley-count], .parley-count")) {
    const site = element.dataset["site"] || script?.dataset["site"];
    if (site && addressOf(element)) bySite.set(site, [...(bySite.get(site) ?? []), element]);
  }
  // Without an answer the links stay as the page wrote them.
  for (const [site, elements] of bySite) fill(site, elements).catch(() => undefined);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", fillAll);
else fillAll();

export {};
