/** Numbers of comments in Disqus's dialect: links to `#disqus_thread`, `.disqus-comment-count`, `DISQUSWIDGETS`. */
interface Data {
  text?: { comments?: { zero?: string; one?: string; multiple?: string } };
  counts?: { id: string; comments: number }[];
}

interface Widgets {
  getCount(options?: { reset?: boolean }): void;
  displayCount(data?: Data): void;
  forum: string;
  domain: string;
}

const MOST = 10;
const PLACES = 'a[href*="#disqus_thread"], .disqus-comment-count[data-disqus-identifier], .disqus-comment-count[data-disqus-url]';

const script = document.currentScript as HTMLScriptElement | null;
const base = script?.src ? new URL(".", script.src).href : `${here.origin}/forums/${here.forum}/`;
const page = window as unknown as { DISQUSWIDGETS?: Widgets };

function make(): Widgets {
  let seen = new WeakSet<Element>();
  const waiting = new Map<string, Set<HTMLElement>>();

  const ask = (keys: string[]): void => {
    if (!keys.length) return;
    const asking = document.createElement("script");
    asking.async = true;
    asking.src = `${base}count-data.js?${keys.slice(0, MOST).join("&")}`;
    // One batch after the other: a front page with hundreds of links must not hit the server all at once.
    const next = (): void => {
      asking.remove();
      ask(keys.slice(MOST));
    };
    asking.addEventListener("load", next);
    asking.addEventListener("error", next);
    document.head.append(asking);
  };

  return {
    forum: here.forum,
    domain: new URL(base).host,
    getCount({ reset } = {}) {
      if (reset) seen = new WeakSet();
      const keys = new Set<string>();
      for (const element of document.querySelectorAll<HTMLElement>(PLACES)) {
        const { disqusIdentifier: identifier, disqusUrl } = element.dataset;
        const id = identifier || disqusUrl || (element as HTMLAnchorElement).href?.replace(/#.*$/, "");
        if (seen.has(element) || !id) continue;
        seen.add(element);
        keys.add(`${identifier ? 1 : 2}=${encodeURIComponent(id)}`);
        waiting.set(id, (waiting.get(id) ?? new Set()).add(element));
      }
      // oxlint-disable-next-line no-array-sort -- `toSorted` is younger than some readers' browsers
      ask([...keys].sort());
    },
    displayCount({ text, counts } = {}) {
      const { zero, one, multiple } = text?.comments ?? {};
      // Pages that listen in expect the list to be used up.
      for (let next = counts?.shift(); next; next = counts?.shift()) {
        const { id, comments } = next;
        const form = (comments === 0 ? zero : comments === 1 ? one : multiple) ?? "{num}";
        for (const element of waiting.get(id) ?? []) element.textContent = form.replaceAll("{num}", String(comments));
        waiting.delete(id);
      }
    },
  };
}

// As Disqus has it: made once, unless the page has taken it away.
page.DISQUSWIDGETS ??= make();
const fill = (): void => page.DISQUSWIDGETS?.getCount();
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", fill);
else fill();

export {};
