import { openStore, type Store } from "../shared/store";
import { ask, fragment } from "./api";
import type { Host } from "./host";

/** What a reader became by acting: recognised by a capability, no cookie. */
export interface Guest {
  token: string;
  name?: string;
  /** Signed in by the site: nothing of it is stored. */
  isMember?: true;
  /** Signed in with an account of their own, which this browser remembers. */
  isReader?: true;
}

/** Parts of the script that most readers never need; `data-…` of the page says where they are. */
export type Part = "acting" | "entering" | "finding" | "following" | "live" | "mine" | "muting" | "sso" | "writing";

/** The frame's page, as all behaviours share it. */
export interface Page {
  root: HTMLElement;
  list: HTMLElement;
  host: Host;
  store: Store;
  signal: AbortSignal;
  site: string;
  url: string;
  /** What the frame was asked with at first, without what belongs to one view of it. */
  asked: URLSearchParams;
  /** Null while nobody has written here. */
  thread: string | null;
  guest: Guest | null;
  /** Remembers who the server says we are; a null token changes nothing. */
  become(token: string | null, name?: string): void;
  forget(): void;
  /** Signs out of an account of the reader's own. */
  leave(): void;
  /** The reader or guest this browser remembers. */
  known(): Guest | null;
  /** Called with every piece of HTML that came in, so that behaviours can dress it. */
  readonly dressers: ((piece: ParentNode) => void)[];
  /** Tells all behaviours of a new piece, and the host of the new height. */
  drawn(piece: ParentNode): void;
  /** Says something to those who don't see it, once they have time. */
  status(text: string): void;
  /** The same, at once. */
  alert(text: string): void;
  /** A part of the script that most readers never need. Rejects where it cannot be had. */
  load<P>(name: Part): Promise<P>;
  /** What such a part asks the server with. */
  ask: typeof ask;
  fragment: typeof fragment;
}

/** Parameters that name one view of the discussion, not the discussion. */
const OF_A_VIEW = ["comment", "cursor", "parent", "q", "sort"];

export function openPage(root: HTMLElement, host: Host, signal: AbortSignal): Page {
  const store = openStore();
  const site = root.dataset["site"] ?? "";
  const guestKey = `guest:${site}`;
  const speak = (mark: string) => (text: string) => {
    const region = root.querySelector(`[${mark}]`);
    if (!region) return;
    // The same words twice are no change, and a region says only changes.
    region.textContent = region.textContent === text ? `${text}\u00a0` : text;
  };
  const asked = new URLSearchParams(location.search);
  for (const name of OF_A_VIEW) asked.delete(name);
  let looks: Promise<void> | undefined;
  const page: Page = {
    root,
    asked,
    list: root.querySelector<HTMLElement>("[data-list]") ?? root,
    host,
    store,
    signal,
    site,
    url: root.dataset["url"] ?? "",
    thread: root.dataset["thread"] ?? null,
    guest: null,
    known: () => store.get<Guest>(`reader:${site}`) ?? store.get<Guest>(guestKey),
    become(token, name) {
      const known = token ?? page.guest?.token;
      if (!known || page.guest?.isMember) return;
      const called = name ?? page.guest?.name;
      page.guest = called === undefined ? { token: known } : { token: known, name: called };
      store.set(guestKey, page.guest);
    },
    forget() {
      page.guest = null;
      store.drop(guestKey);
    },
    leave: () => undefined,
    dressers: [],
    drawn(piece) {
      for (const dress of page.dressers) dress(piece);
      host.measure();
    },
    status: speak("data-status"),
    alert: speak("data-alert"),
    load: async (name) => {
      await (looks ??= styled(root.dataset["parts"] ?? ""));
      return import(root.dataset[name] ?? "");
    },
    ask,
    fragment,
  };
  page.guest = page.known();
  return page;
}

/** The styles of all parts, once; parts without them work as well. */
function styled(href: string): Promise<void> {
  return new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    link.addEventListener("load", () => done());
    link.addEventListener("error", () => done());
    document.head.append(link);
  });
}

export * from "./pieces";
