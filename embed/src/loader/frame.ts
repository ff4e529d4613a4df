import { commentInHash, dispatch, type FromFrame, type FromHost, type Theme } from "../shared/messages";
import { addressOf, themeOf } from "./place";

const PATIENCE = 15_000;
const RESERVED = "100svh";

/** Puts the frame into its place and keeps both in step until `signal` aborts. */
export function open(place: HTMLElement, origin: string, signal: AbortSignal): void {
  let theme = themeOf(place);
  let isReady = false;
  let apology: HTMLElement | undefined;
  const address = addressOf(place, origin, theme);
  const frame = make(address, theme);
  const room = roomOf(place, signal);
  const tell = (message: FromHost): void => frame.contentWindow?.postMessage(message, origin);
  const announce = (name: string, detail?: unknown): void => {
    place.dispatchEvent(new CustomEvent(`parley:${name}`, { bubbles: true, detail }));
  };
  const scrollTo = (y: number): void => {
    const above = Number(place.dataset["offset"]) || 80;
    window.scrollTo({ top: window.scrollY + frame.getBoundingClientRect().top + y - above });
  };

  const hear = {
    ready: () => {
      if (isReady) {
        // Another page inside the frame: the reader followed a link there and wants to see where it begins.
        if (frame.getBoundingClientRect().top < 0) scrollTo(0);
        return;
      }
      isReady = true;
      apology?.remove();
      frame.style.display = "block";
      announce("ready");
    },
    size: ({ height }: { height: number }) => {
      if (!(height > 0 && height < 1e6)) return;
      frame.style.height = `${Math.ceil(height)}px`;
      room();
    },
    scroll: ({ y }: { y: number }) => {
      if (Number.isFinite(y)) scrollTo(y);
    },
    link: ({ comment }: { comment: string }) => {
      const hash = `#comment-${comment}`;
      if (commentInHash(hash)) history.replaceState(history.state, "", hash);
    },
    count: ({ count }: { count: number }) => announce("count", { count }),
  };
  const listening = { signal };
  addEventListener(
    "message",
    (event) => {
      if (event.source === frame.contentWindow && event.origin === origin) dispatch<FromFrame>(event.data, hear);
    },
    listening,
  );
  addEventListener(
    "hashchange",
    () => {
      const comment = commentInHash(location.hash);
      if (comment) tell({ v: 1, type: "comment", comment });
    },
    listening,
  );
  const retheme = (): void => {
    const now = themeOf(place);
    if (now === theme) return;
    theme = now;
    frame.style.colorScheme = now;
    tell({ v: 1, type: "theme", theme: now });
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", retheme, listening);
  const watch = new MutationObserver(retheme);
  watch.observe(place, { attributeFilter: ["data-theme"] });

  const patience = setTimeout(() => {
    if (isReady) return;
    apology = plainLink(address);
    frame.style.display = "none";
    place.style.minHeight = "";
    place.append(apology);
    announce("failed");
  }, PATIENCE);
  signal.addEventListener("abort", () => {
    clearTimeout(patience);
    watch.disconnect();
    place.style.minHeight = "";
    place.replaceChildren();
  });
  place.replaceChildren(frame);
}

/** Keeps the room the discussion will need, so that nothing below it jumps when it comes. */
export function reserve(place: HTMLElement): void {
  place.style.minHeight ||= RESERVED;
}

/**
 * Gives the reserved room back as far as nobody sees it: whatever stands below must not move before the reader's eyes.
 * What is left of it goes as the reader scrolls up again.
 */
function roomOf(place: HTMLElement, signal: AbortSignal): () => void {
  let kept = Infinity;
  const shrink = (): void => {
    kept = Math.min(kept, innerHeight - place.getBoundingClientRect().top);
    const isGone = kept <= (place.firstElementChild as HTMLElement).offsetHeight;
    place.style.minHeight = isGone ? "" : `${kept}px`;
    if (isGone) removeEventListener("scroll", shrink);
    else addEventListener("scroll", shrink, { signal, passive: true });
  };
  return shrink;
}

function make(address: string, theme: Theme): HTMLIFrameElement {
  const frame = document.createElement("iframe");
  frame.title = "Comments";
  // No top navigation: nothing in there can take the reader away from the article. Modals for one thing: the browser's
  // own question before words are left that could not be stored.
  frame.setAttribute(
    "sandbox",
    "allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox",
  );
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  // The frame's scheme has to be the page's, or browsers paint an opaque ground behind it.
  Object.assign(frame.style, { display: "block", width: "100%", border: "0", height: RESERVED, colorScheme: theme });
  frame.src = address;
  return frame;
}

function plainLink(address: string): HTMLElement {
  const link = document.createElement("a");
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = "Open the comments";
  const line = document.createElement("p");
  line.append(link);
  return line;
}
