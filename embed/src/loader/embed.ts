/**
 * The loader: finds the place for comments in a page of others, keeps room for them, and opens the frame when the
 * reader comes near.
 */
import { commentInHash } from "../shared/messages";
import { open, reserve } from "./frame";

const NEAR = "1000px";
const PLACES = "#parley, [data-parley]";

declare global {
  interface Window {
    Parley?: { mount: (place?: HTMLElement) => void; destroy: (place?: HTMLElement) => void };
  }
}

const script =
  (document.currentScript as HTMLScriptElement | null) ??
  document.querySelector<HTMLScriptElement>('script[src*="/embed.js"]');
const origin = new URL(script?.src || location.href).origin;
const mounted = new Map<HTMLElement, AbortController>();

/** Mounts one place, or all there are. A place that is mounted stays as it is; without `data-site` there is nothing to show. */
function mount(place?: HTMLElement): void {
  for (const each of place ? [place] : document.querySelectorAll<HTMLElement>(PLACES)) {
    if (mounted.has(each) || !each.dataset["site"]) continue;
    const controller = new AbortController();
    mounted.set(each, controller);
    reserve(each);
    if ("eager" in each.dataset || commentInHash(location.hash)) open(each, origin, controller.signal);
    else whenNear(each, controller.signal);
  }
}

/** Takes away what `mount` put there; an SPA calls it before it leaves the article. */
function destroy(place?: HTMLElement): void {
  for (const each of place ? [place] : [...mounted.keys()]) {
    mounted.get(each)?.abort();
    mounted.delete(each);
  }
}

function whenNear(place: HTMLElement, signal: AbortSignal): void {
  const close = (): void => observer.disconnect();
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      close();
      open(place, origin, signal);
    },
    { rootMargin: NEAR },
  );
  observer.observe(place);
  signal.addEventListener("abort", close);
  // A link to a comment that is followed before the frame is there needs it now.
  addEventListener(
    "hashchange",
    () => {
      if (!commentInHash(location.hash) || place.firstElementChild?.tagName === "IFRAME") return;
      close();
      open(place, origin, signal);
    },
    { signal },
  );
}

// The script may come twice in a page; the first one serves both.
if (!window.Parley) {
  window.Parley = { mount, destroy };
  mount();
  document.addEventListener("DOMContentLoaded", () => mount());
}
