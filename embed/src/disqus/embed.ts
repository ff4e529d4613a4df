/**
 * The loader in Disqus's dialect: a page that carries Disqus's snippet gets Parley's frame. What pages and their
 * libraries rely on is kept: the container, `disqus_config`, `DISQUS.reset`, the frame's name and title, callbacks.
 */
import { open, reserve, type Dialect } from "../loader/frame";
import { whenNear } from "../loader/near";
import { ASKED, endWith } from "../loader/place";
import type { FromHost } from "../shared/messages";
import { attempt, configure, fire, fresh, listeners, named, tell, words } from "./config";

interface Options {
  reload?: boolean;
  config?: unknown;
}

interface DISQUS {
  reset(options?: Options): void;
  [name: string]: unknown;
}

const SORTS: Record<string, string> = { popular: "best", best: "best", desc: "newest", newest: "newest", asc: "oldest", oldest: "oldest" };

const page = window as unknown as { DISQUS?: Partial<DISQUS> };
const config = fresh();
let running = new AbortController();
let frames = 0;
// What our own snippet has no word for.
ASKED.push("slug", "category");

function load(configurator?: unknown): void {
  const container = document.getElementById(words(named("container_id"), 200) || "disqus_thread");
  if (!container && document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", () => load(configurator), { once: true });
    return;
  }
  configure(config, configurator);
  if (!container) {
    tell("warn", "There is no #disqus_thread in this page to put the comments into.");
    return;
  }
  running.abort();
  running = new AbortController();
  mount(container, running.signal);
}

function mount(container: HTMLElement, signal: AbortSignal): void {
  const place = document.createElement("div");
  container.replaceChildren(place);
  signal.addEventListener("abort", () => place.remove());
  if (here.problem) {
    place.textContent = here.problem;
    return;
  }
  for (const [name, value] of Object.entries(asked())) if (value) place.dataset[name] = value;
  reserve(place);
  // Pages throw away what they do not show: nothing of ours outlives the place.
  const gone = new ResizeObserver(() => place.isConnected || running.signal !== signal || running.abort());
  gone.observe(place);
  endWith(signal, gone);
  fire(config, "preData");
  fire(config, "preInit");
  // Whoever waits to be told gets the frame at once; for all others it comes when the reader comes near.
  const isAwaited = Object.keys(config.callbacks).some((name) => listeners(config, name).length);
  whenNear(place, signal, isAwaited, () => {
    open(place, here.origin, signal, () => load(), dialect());
    fire(config, "onInit");
  });
}

/** What the frame is asked for, by the names of our own snippet's attributes. */
function asked(): Record<string, string> {
  const { identifier, url, title, shortname, slug, category_id } = config.page;
  const sort = SORTS[words(config.experiment["sort_order"], 20)] ?? "";
  return {
    site: (words(config.forum, 50) || words(shortname, 50) || here.forum).toLowerCase(),
    url: address(words(url, 4_000)),
    identifier: words(identifier, 300),
    title: words(title, 500),
    slug: words(slug, 200),
    category: words(category_id ?? config.category_id, 60),
    sort: here.sorts.includes(sort) ? sort : "",
    sso: words(config.page["remote_auth_s3"], 20_000),
    lang: words(config.language, 35).replaceAll("_", "-"),
  };
}

/** An article's address as Disqus takes it: what the page says, else where it is, whatever its canonical link says. */
function address(said: string): string {
  const at = location.href.replace(/#.*$/, "");
  try {
    return said ? new URL(said, at).href : at;
  } catch {
    return at;
  }
}

function dialect(): Dialect {
  let isShown = false;
  return {
    entitle(frame, title) {
      // Libraries clean up by these; people are told the true title.
      if (!frame.id) frame.id = frame.name = `dsq-app${Math.random().toString().slice(2, 7)}${++frames}`;
      frame.title = "Disqus";
      frame.ariaLabel = title;
    },
    hear: (answer) => ({
      ready() {
        const [drafts, texts] = [listeners(config, "beforeComment").length > 0, listeners(config, "onNewComment").length > 0];
        const { name, url, logout, width, height } = config.sso;
        const size = { width: Number(width) || 800, height: Number(height) || 400 };
        const doors = url || logout ? { name: words(name, 60), url: words(url, 500), logout: words(logout, 500), ...size } : null;
        if (drafts || texts || doors) answer({ v: 1, type: "asks", drafts, texts, doors });
      },
      size({ height }) {
        if (isShown) return;
        isShown = true;
        fire(config, "afterRender");
        fire(config, "onReady", { height });
      },
      count: ({ count }) => fire(config, "onCommentCountChange", { count }),
      posted: ({ comment, text }) => fire(config, "onNewComment", { id: comment, text }),
      sso({ event }) {
        if (event === "signed-in") fire(config, "onIdentify", {});
        // Who is signed in is known to the server that makes the page.
        if (event === "sso-returned") location.reload();
        if (event === "sso-leave") location.assign(words(config.sso["logout"], 500));
      },
      more: () => fire(config, "onPaginate"),
      draft: ({ id, text }) => answer(before(id, text)),
    }),
  };
}

/** The page's own functions look at a comment, one after the other, and each may change it. */
function before(id: number, text: string): FromHost {
  for (const listener of listeners(config, "beforeComment")) {
    const changed = attempt(() => listener({ text })) as { text?: unknown } | undefined;
    if (typeof changed?.text === "string") text = changed.text;
  }
  return { v: 1, type: "draft", id, text };
}

const api: DISQUS = {
  reset({ reload, config: configurator } = {}) {
    fire(config, "preReset");
    running.abort();
    if (reload) load(configurator);
  },
  host: { _loadEmbed: load },
};

if (typeof page.DISQUS?.reset === "function") {
  tell("info", "This script is in the page already; DISQUS.reset() is meant for showing another discussion.");
  page.DISQUS.reset({ reload: true });
} else {
  page.DISQUS = Object.assign(page.DISQUS ?? {}, api);
  load();
  // "Comments powered by …" of old snippets: not any more.
  document.querySelector(".dsq-brlink")?.remove();
  addEventListener("load", () => document.querySelector(".dsq-brlink")?.remove());
}
