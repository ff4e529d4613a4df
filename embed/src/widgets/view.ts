/** A widget as nodes. What others wrote comes as plain text and stays that: nothing here is made from markup. */

/** One line, as `/api/v1/sites/{site}/widgets/{kind}` answers it. */
export interface Item {
  url: string | null;
  title: string | null;
  author: string | null;
  excerpt: string | null;
  at: string | null;
  said: string;
}

export interface View {
  kind: string;
  title: string;
  empty: string;
  lang: string;
  direction: string;
  accent: string | null;
  accent_dark: string | null;
  items: Item[];
}

/** The widget; `title` stands over it instead of its own, and none where it is empty. */
export function drawn(view: View, title: string | null, now: number): HTMLElement {
  const name = title ?? view.title;
  const heading = name ? [node("h2", "heading", name)] : [];
  const section = node("section", "widget", ...heading, view.items.length ? list(view, now) : node("p", "none", view.empty));
  section.className = "parley-widget";
  section.lang = view.lang;
  section.dir = view.direction;
  section.ariaLabel = name || view.title;
  return section;
}

function list(view: View, now: number): HTMLElement {
  const made = node("ol", "list", ...view.items.map((item) => node("li", "item", main(item, view), about(item, view, now))));
  // Without marks a list is none to some screen readers.
  made.role = "list";
  return made;
}

function main(item: Item, view: View): HTMLElement {
  const isLatest = view.kind === "latest";
  const words = node("bdi", "", item.excerpt || item.title || item.author || "");
  const author = isLatest ? [node("b", "author", node("bdi", "", item.author ?? "")), " "] : [];
  return node("p", "main", ...author, item.url && isWeb(item.url) ? link(item.url, words) : words);
}

function about(item: Item, view: View, now: number): HTMLElement {
  if (!item.at) return node("p", "about", item.said);
  const time = node("time", "time", ago(item.at, view.lang, now)) as HTMLTimeElement;
  time.dateTime = item.at;
  time.title = item.said;
  return node("p", "about", node("bdi", "title", item.title ?? ""), time);
}

function link(url: string, words: HTMLElement): HTMLElement {
  const made = node("a", "link", words) as HTMLAnchorElement;
  made.href = url;
  return made;
}

function node(tag: string, part: string, ...within: (string | HTMLElement)[]): HTMLElement {
  const made = document.createElement(tag);
  // A name for the page's style sheet (`::part`), and for ours.
  if (part) made.className = made.part.value = part;
  made.append(...within);
  return made;
}

/** Whether an address leads to the web, as the server says it does. */
export function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** How long ago, in a language; beyond a month the day itself. */
export function ago(at: string, lang: string, now: number): string {
  const passed = now - Date.parse(at);
  if (passed > 30 * 86_400_000) return new Intl.DateTimeFormat(lang, { dateStyle: "medium" }).format(Date.parse(at));
  const said = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
  for (const [unit, length] of STEPS) {
    if (passed >= length) return said.format(-Math.floor(passed / length), unit);
  }
  return said.format(0, "minute");
}
