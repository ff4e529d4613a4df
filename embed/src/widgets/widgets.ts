/**
 * Lists beside articles: the latest comments, what is discussed most, who writes most. The loader brings this part
 * when a page has an element for it; a page may also take it by itself, as a module.
 */
import { endWith, themeOf, whenLooksChange } from "../loader/place";
import { drawn, type View } from "./view";

/** The lines' style sheet, put in by the build. */
declare const WIDGET_CSS: string;

const OWN = "discussion-widget";
const PLACES = `[data-parley-widget],${OWN}`;
const ASKED = ["count", "window", "section", "excerpt", "lang"];
const NEAR = "600px";

const origin = new URL(import.meta.url).origin;
const mounted = new Map<HTMLElement, AbortController>();
const sheet = new CSSStyleSheet();
sheet.replaceSync(`:host{display:block}${WIDGET_CSS}`);

function ask(place: HTMLElement, name: string): string | null {
  return place.getAttribute(`data-${name}`) ?? (place.localName === OWN ? place.getAttribute(name) : null);
}

function mount(place: HTMLElement): void {
  if (mounted.has(place) || !place.isConnected || !ask(place, "site")) return;
  const controller = new AbortController();
  const { signal } = controller;
  mounted.set(place, controller);
  const root = place.shadowRoot ?? place.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  // What the page's own server put there shows until ours does, and where ours does not come.
  root.replaceChildren(document.createElement("slot"));
  const room = place.style.minHeight;
  place.style.minHeight ||= roomFor(place);
  const near = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      void show(place, root, room, signal);
    },
    { rootMargin: NEAR },
  );
  near.observe(place);
  endWith(signal, near);
  const gone = new ResizeObserver(() => place.isConnected || destroy(place));
  gone.observe(place);
  endWith(signal, gone);
  const told = new MutationObserver(() => {
    destroy(place);
    mount(place);
  });
  told.observe(place, { attributeFilter: [...ASKED, "site", "kind", "title"].flatMap((name) => [name, `data-${name}`]) });
  endWith(signal, told);
}

function destroy(place: HTMLElement): void {
  mounted.get(place)?.abort();
  mounted.delete(place);
}

async function show(place: HTMLElement, root: ShadowRoot, room: string, signal: AbortSignal): Promise<void> {
  try {
    const answer = await fetch(addressOf(place), { signal, credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const view = (await answer.json()) as View;
    const made = drawn(view, ask(place, "title"), Date.now());
    root.replaceChildren(made);
    paint(place, made, view, signal);
    tell(place, "ready");
  } catch (error) {
    if (signal.aborted) return;
    tell(place, "failed", String(error));
  }
  // What is kept too much is given back where nobody sees what stands below move.
  if (place.getBoundingClientRect().top > innerHeight) place.style.minHeight = room;
}

function tell(place: HTMLElement, name: string, detail?: string): void {
  place.dispatchEvent(new CustomEvent(`parley:${name}`, { bubbles: true, detail }));
}

/** Links in the site's colour, the one for light or for dark pages; without one, in the page's. */
function paint(place: HTMLElement, made: HTMLElement, view: View, signal: AbortSignal): void {
  if (!view.accent && !view.accent_dark) return;
  const look = (): void => {
    const accent = themeOf(place) === "dark" ? view.accent_dark : view.accent;
    made.style.setProperty("--parley-accent", accent ?? "inherit");
  };
  look();
  whenLooksChange(signal, look);
}

function kindOf(place: HTMLElement): string {
  return ask(place, "parley-widget") || ask(place, "kind") || "latest";
}

function addressOf(place: HTMLElement): string {
  const path = [ask(place, "site") ?? "", "widgets", kindOf(place)].map(encodeURIComponent).join("/");
  const url = new URL(`/api/v1/sites/${path}`, origin);
  for (const name of ASKED) {
    const value = ask(place, name) || (name === "lang" ? place.closest<HTMLElement>("[lang]")?.lang : "");
    if (value) url.searchParams.set(name, value);
  }
  return url.href;
}

/** What the lines need at most (styles/lists.css): the heading, and for each two lines of text and one below. */
function roomFor(place: HTMLElement): string {
  const lines = Number(ask(place, "count")) || 5;
  const heading = ask(place, "title") === "" ? 0 : 2.03;
  const line = kindOf(place) === "authors" ? 3.72 : 5.03;
  return `${(heading + lines * line).toFixed(2)}rem`;
}

function scan(): void {
  document.querySelectorAll<HTMLElement>(PLACES).forEach(mount);
}

// A page of many views says when there are new places, as it does for discussions.
const { Parley } = window;
if (Parley?.mount) {
  const { mount: others, destroy: end } = Parley;
  Parley.mount = (place, options) => {
    if (place?.matches(PLACES)) mount(place);
    else others(place, options);
    if (!place) scan();
  };
  Parley.destroy = (place) => {
    if (!place) [...mounted.keys()].forEach(destroy);
    else if (mounted.has(place)) destroy(place);
    end(place);
  };
}
scan();
addEventListener("DOMContentLoaded", scan);
if (!customElements.get(OWN))
  customElements.define(
    OWN,
    class extends HTMLElement {
      connectedCallback(): void {
        mount(this);
      }
      disconnectedCallback(): void {
        destroy(this);
      }
    },
  );
