/** What is looked at, as it stands in the address. Pure: an address is a view, its name, and filters. */
export const VIEWS = [
  "queue",
  "case",
  "appeals",
  "statements",
  "bulk",
  "rules",
  "sanctions",
  "authors",
  "log",
  "stats",
  "settings",
  "team",
  "snippet",
  "queues",
  "alerts",
  "imports",
  "webhooks",
  "hooks",
  "threads",
  "sites",
  "keys",
] as const;
export type View = (typeof VIEWS)[number];

/** What each view may be filtered by; anything else in an address is left alone. */
const KEYS: Readonly<Record<View, readonly string[]>> = {
  queue: ["site", "queue", "reason", "level", "q", "case"],
  case: ["site"],
  appeals: ["site"],
  statements: ["site"],
  bulk: ["site", "author", "address", "word", "host", "after", "before", "min_score", "max_score", "thread", "state"],
  rules: ["site"],
  sanctions: ["site"],
  authors: ["site"],
  log: ["site", "q", "by", "action", "since", "until"],
  stats: ["site", "from", "to"],
  settings: ["site", "section", "url"],
  team: ["site"],
  snippet: ["site"],
  queues: ["site"],
  alerts: ["site"],
  threads: ["site", "q", "state"],
  sites: ["site"],
  imports: ["site"],
  webhooks: ["site", "state"],
  hooks: ["site"],
  keys: ["site"],
};

export type Filters = Readonly<Record<string, string>>;

export interface Place {
  readonly view: View;
  /** The case, author or job the view is about; empty for none. */
  readonly name: string;
  readonly filters: Filters;
}

const LONGEST = 300;

/** Reads an address of the console. What is not ours is the queue. */
export function readPlace(path: string, search: string): Place {
  const [, , first = "", name = ""] = path.split("/");
  const view = VIEWS.find((known) => known === first) ?? "queue";
  const params = new URLSearchParams(search);
  const filters: Record<string, string> = {};
  for (const key of KEYS[view]) {
    const value = params.get(key)?.trim().slice(0, LONGEST);
    if (value) filters[key] = value;
  }
  return { view, name: /^[A-Za-z0-9-]{1,80}$/.test(name) ? name : "", filters };
}

/** The address of a place; the same place has one address only. */
export function writePlace(place: Place): string {
  const params = new URLSearchParams();
  for (const key of KEYS[place.view]) {
    const value = place.filters[key]?.trim();
    if (value) params.set(key, value);
  }
  const path = place.view === "queue" ? "/console" : `/console/${place.view}${place.name ? `/${place.name}` : ""}`;
  const query = params.toString();
  return query ? `${path}?${query}` : path;
}

/** The place with some filters changed; an empty value takes one away. */
export function refined(place: Place, changes: Filters): Place {
  return { ...place, filters: Object.fromEntries(Object.entries({ ...place.filters, ...changes }).filter(([, value]) => value !== "")) };
}
