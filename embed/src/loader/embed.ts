/**
 * The loader: finds the place for comments in a page of others, keeps room for them, and opens the frame when the
 * reader comes near.
 */
import { open, reserve } from "./frame";
import { whenNear } from "./near";
import { ask, endWith, isOwn } from "./place";

const PLACES = "#parley,[data-parley],discussion-thread";

/** What the snippet may ask for, by the names of its attributes; null takes one back. */
type Options = Partial<
  Record<"site" | "url" | "identifier" | "title" | "sort" | "lang" | "looks" | "theme" | "offset" | "eager" | "sso", string | null>
>;

interface API {
  mount: (place?: HTMLElement | null, options?: Options) => void;
  update: (options: Options, place?: HTMLElement | null) => void;
  destroy: (place?: HTMLElement | null) => void;
}

declare global {
  interface Window {
    Parley?: API;
    disqus_shortname?: string;
  }
}

const script =
  (document.currentScript as HTMLScriptElement | null) ??
  document.querySelector<HTMLScriptElement>('script[src*="/embed.js"]');
const origin = new URL(script?.src || location.href).origin;
const mounted = new Map<HTMLElement, AbortController>();

/** Mounts one place, or all there are. A place that is mounted stays as it is; without `site` there is nothing to show. */
function mount(place?: HTMLElement | null, options: Options = {}): void {
  for (const each of place ? [place] : document.querySelectorAll<HTMLElement>(PLACES)) {
    say(each, options);
    if (mounted.has(each) || !each.isConnected || !ask(each, "site")) continue;
    const controller = new AbortController();
    mounted.set(each, controller);
    if (isOwn(each)) each.style.display = each.style.display || "block";
    reserve(each);
    // A page of many views throws away what it does not show: nothing of ours outlives the place.
    const gone = new ResizeObserver(() => each.isConnected || destroy(each));
    gone.observe(each);
    endWith(controller.signal, gone);
    whenNear(each, controller.signal, ask(each, "eager") !== null, (signal) => open(each, origin, signal, () => again(each)));
  }
  // Lists beside articles are a part of their own, which comes where there are any.
  if (document.querySelector("[data-parley-widget],discussion-widget")) void import(`${origin}/widgets.js`);
}

/** Changes what mounted places ask for. The frame follows: colours at once, anything else by another frame in its place. */
function update(options: Options, place?: HTMLElement | null): void {
  for (const each of place ? [place] : mounted.keys()) say(each, options);
}

/** Takes away what `mount` put there. */
function destroy(place?: HTMLElement | null): void {
  for (const each of place ? [place] : mounted.keys()) {
    mounted.get(each)?.abort();
    mounted.delete(each);
  }
}

function say(place: HTMLElement, options: Options): void {
  for (const [name, value] of Object.entries(options)) {
    const attribute = isOwn(place) ? name : `data-${name}`;
    if (value === null || value === undefined) place.removeAttribute(attribute);
    else place.setAttribute(attribute, value);
  }
}

/** Another frame in the place of this one; what stands below stays where it is meanwhile. */
function again(place: HTMLElement): void {
  const height = place.offsetHeight;
  destroy(place);
  place.style.minHeight = `${height}px`;
  mount(place);
}

// A page in Disqus's dialect that took this loader: the script that finds its forum comes beside it.
if (window.disqus_shortname) void import(`${origin}/forums/embed.js`);
// The script may come twice in a page; the first one serves both. An element of that id is no script.
if (typeof window.Parley?.mount !== "function") {
  window.Parley = { mount, update, destroy };
  mount();
  addEventListener("DOMContentLoaded", () => mount());
  // Last: where somebody else has taken the name this throws, and nothing is lost by it.
  customElements.define(
    "discussion-thread",
    class extends HTMLElement {
      // A getter: a static field would bring a helper along that is longer than this class.
      static get observedAttributes(): string[] {
        return ["site"];
      }
      connectedCallback(): void {
        mount(this);
      }
      attributeChangedCallback(): void {
        mount(this);
      }
      disconnectedCallback(): void {
        destroy(this);
      }
    },
  );
}
