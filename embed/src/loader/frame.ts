import { commentInHash, dispatch, type FromFrame, type FromHost, type Table } from "../shared/messages";
import { addressOf, ask, ASKED, endWith, themeOf, whenLooksChange } from "./place";

const PATIENCE = 15_000;
const RESERVED = "100svh";

/** Whether this is built for another dialect than our own: what only that needs weighs nothing in our own loader. */
declare const IS_DIALECT: boolean;

/** What another dialect than our own makes of the frame. */
export interface Dialect {
  /** Gives the frame its names, before it loads and when the discussion's title is known. */
  entitle(frame: HTMLIFrameElement, title: string): void;
  /** What it hears besides; `tell` answers. */
  hear(tell: (message: FromHost) => void): Table<FromFrame>;
}

/**
 * Puts the frame into its place and keeps both in step until `signal` aborts. `again` is called when the place asks
 * for another frame.
 */
export function open(place: HTMLElement, origin: string, signal: AbortSignal, again: () => void, dialect?: Dialect): void {
  let theme = themeOf(place);
  let sso: string | null = null;
  let isReady = false;
  const apology = document.createElement("a");
  const address = addressOf(place, origin);
  const frame = document.createElement("iframe");
  // The page's own style sheets may mean all frames; none of them means this one.
  const style = (name: string, value: string): void => frame.style.setProperty(name, value, "important");
  const room = roomOf(place, signal);
  const tell = (message: FromHost): void => frame.contentWindow?.postMessage(message, origin);
  const announce = (name: string, detail?: unknown): void => {
    place.dispatchEvent(new CustomEvent(`parley:${name}`, { bubbles: true, detail }));
  };
  const scrollTo = (y: number): void => {
    scrollBy(0, frame.getBoundingClientRect().top + y - +(ask(place, "offset") || 80));
  };

  const hear: Table<FromFrame> = {
    ready: ({ title }) => {
      if (IS_DIALECT) dialect?.entitle(frame, title);
      else frame.title = title;
      // Each page of the frame is told anew: what it knows of its reader lives as long as it does.
      sso = null;
      if (isReady) {
        // Another page inside the frame: the reader followed a link there and wants to see where it begins.
        if (frame.getBoundingClientRect().top < 0) scrollTo(0);
      } else {
        isReady = true;
        apology.remove();
        style("display", "block");
        announce("ready");
      }
      follow();
    },
    size: ({ height }) => {
      if (!(height > 0 && height < 1e6)) return;
      style("height", `${height}px`);
      room();
    },
    // What is no number scrolls nowhere.
    scroll: ({ y }) => scrollTo(y),
    link: ({ comment }) => {
      const hash = `#comment-${comment}`;
      if (commentInHash(hash)) history.replaceState(history.state, "", hash);
    },
    count: (detail) => announce("count", detail),
    posted: (detail) => announce("posted", detail),
    sso: ({ event }) => announce(event),
  };
  addEventListener(
    "message",
    (event) => {
      if (event.source === frame.contentWindow && event.origin === origin) dispatch<FromFrame>(event.data, hear);
    },
    { signal },
  );
  if (IS_DIALECT && dialect) {
    const also = dialect.hear(tell);
    addEventListener(
      "message",
      (event) => {
        if (event.source === frame.contentWindow && event.origin === origin) dispatch<FromFrame>(event.data, also);
      },
      { signal },
    );
  }
  addEventListener(
    "hashchange",
    () => {
      const comment = commentInHash(location.hash);
      if (comment) tell({ v: 1, type: "comment", comment });
    },
    { signal },
  );
  const follow = (): void => {
    const now = themeOf(place);
    if (now !== theme) {
      style("color-scheme", (theme = now));
      tell({ v: 1, type: "theme", theme });
    }
    const token = ask(place, "sso");
    if (isReady && token !== sso) tell({ v: 1, type: "sso", token: (sso = token) });
  };
  whenLooksChange(signal, follow);
  const watch = new MutationObserver(() => (addressOf(place, origin) === address ? follow() : again()));
  watch.observe(place, { attributeFilter: [...ASKED, "theme", "sso"].flatMap((name) => [name, `data-${name}`]) });
  endWith(signal, watch);

  const patience = setTimeout(() => {
    if (isReady) return;
    apology.href = address;
    apology.target = "_blank";
    apology.textContent = ask(place, "failed") || "Comments did not load here. Open them";
    style("display", "none");
    place.style.minHeight = "";
    place.append(apology);
    announce("failed");
  }, PATIENCE);
  signal.addEventListener("abort", () => {
    clearTimeout(patience);
    place.style.minHeight = "";
    place.replaceChildren();
  });

  if (IS_DIALECT) dialect?.entitle(frame, "Comments");
  else frame.title = "Comments";
  // No top navigation: nothing in there can take the reader away from the article.
  frame.sandbox.value =
    "allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox";
  style("all", "initial");
  style("display", "block");
  style("width", "100%");
  style("height", RESERVED);
  // The frame's scheme has to be the page's, or browsers paint an opaque ground behind it.
  style("color-scheme", theme);
  const comment = commentInHash(location.hash);
  frame.src = `${address}&theme=${theme}${comment ? `&comment=${comment}` : ""}`;
  place.replaceChildren(frame);
}

/** Keeps the room the discussion will need, so that nothing below it jumps when it comes. */
export function reserve(place: HTMLElement): void {
  place.style.minHeight = place.style.minHeight || RESERVED;
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
    else addEventListener("scroll", shrink, { signal });
  };
  return shrink;
}
