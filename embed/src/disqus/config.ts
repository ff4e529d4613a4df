/** What a page says about itself in Disqus's words: `disqus_*` globals, then `disqus_config`, called with this object. */
export interface Config {
  page: Record<string, unknown>;
  sso: Record<string, unknown>;
  callbacks: Record<string, unknown>;
  experiment: Record<string, unknown>;
  discovery: Record<string, unknown>;
  strings: Record<string, unknown>;
  language?: unknown;
  forum?: unknown;
  /** Some libraries put it here instead of into `page`. */
  category_id?: unknown;
}

type Listener = (...said: unknown[]) => unknown;
type Configurator = (this: Config) => unknown;

const CALLBACKS = [
  "preData",
  "preInit",
  "onInit",
  "afterRender",
  "onReady",
  "onNewComment",
  "preReset",
  "onPaginate",
  "onIdentify",
  "beforeComment",
];
const GLOBALS = ["shortname", "identifier", "url", "title", "integration", "slug", "category_id"];

/** A `disqus_…` global of the page. */
export function named(name: string): unknown {
  return (globalThis as Record<string, unknown>)[`disqus_${name}`];
}

/** The configuration of a script that has just started; it lives as long as the script. */
export function fresh(): Config {
  const callbacks = Object.fromEntries(CALLBACKS.map((name) => [name, []]));
  return { page: {}, sso: {}, callbacks, experiment: {}, discovery: {}, strings: {} };
}

/** Reads the page again. What is not said this time stays as it was; so do callbacks nobody has replaced. */
export function configure(config: Config, configurator: unknown): void {
  for (const name of GLOBALS) if (named(name) !== undefined) config.page[name] = named(name);
  const before = config.callbacks;
  const made = fresh();
  config.callbacks = made.callbacks;
  try {
    const run = configurator ?? named("config");
    if (typeof run === "function") (run as Configurator).call(config);
  } catch (error) {
    // As Disqus has it: a page that stumbles here still gets its comments.
    tell("warn", "disqus_config:", error);
  }
  config.callbacks ??= {};
  for (const name in before) if (!listeners(config, name).length) config.callbacks[name] = before[name];
  // Pages take these away altogether.
  config.page ??= made.page;
  config.sso ??= made.sso;
  config.experiment ??= made.experiment;
}

/** The functions a page wants called: its lists hold what is none, and some pages give one function for a list. */
export function listeners(config: Config, name: string): Listener[] {
  return [config.callbacks[name]].flat().filter((each): each is Listener => typeof each === "function");
}

/** Calls them all; one that throws stops nobody. */
export function fire(config: Config, name: string, ...said: unknown[]): void {
  for (const listener of listeners(config, name)) attempt(() => listener(...said));
}

/** What a function of the page answers; undefined if it throws, which is the page's own affair. */
export function attempt(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    tell("error", error);
    return undefined;
  }
}

/** Says something to whoever makes the page. */
export function tell(how: "info" | "warn" | "error", ...what: unknown[]): void {
  // oxlint-disable-next-line no-console -- a page's engineer looks there, as with Disqus
  console[how](...what);
}

/** A value as text, cut to `most` characters; empty for what says nothing. */
export function words(value: unknown, most: number): string {
  return value === undefined || value === null || value === false ? "" : String(value).trim().slice(0, most);
}
