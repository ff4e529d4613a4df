/**
 * What the frame and the page around it say to each other, version 1. Each side checks the other's window and origin
 * before it reads a message, and never sends to `*`.
 */
export type Theme = "light" | "dark";

export type FromFrame =
  /** The frame's script runs; `title` is what the discussion is called in the frame's language. */
  | { v: 1; type: "ready"; title: string }
  /** How high the frame's content is, in CSS pixels. */
  | { v: 1; type: "size"; height: number }
  /** Bring this place into view: pixels below the frame's upper edge. Only the host scrolls. */
  | { v: 1; type: "scroll"; y: number }
  /** The reader took the link of a comment: the page's own address should name it. */
  | { v: 1; type: "link"; comment: string }
  /** How many comments the discussion has. */
  | { v: 1; type: "count"; count: number }
  /** The reader has posted a comment; `status` is `published` or `held`. Its text only to a page that asked for texts. */
  | { v: 1; type: "posted"; comment: string; status: string; text?: string | false | undefined }
  /** The reader asked for more comments. */
  | { v: 1; type: "more" }
  /** A comment is about to be sent; only to a page that asked to see it first. */
  | { v: 1; type: "draft"; id: number; text: string }
  /**
   * Of signing in with the site's own account, or out: `signed-in`, `signed-out`, `sso-refused`; `sso-expired` wants a
   * token. Of doors the page named: `sso-returned`, the window is closed; `sso-leave`, the reader wants out.
   */
  | { v: 1; type: "sso"; event: string };

export type FromHost =
  /** The address of the page now names this comment. */
  | { v: 1; type: "comment"; comment: string }
  /** The page changed between light and dark. */
  | { v: 1; type: "theme"; theme: Theme }
  /** What a page in another dialect wants besides; our own loader wants nothing of it. */
  | ({ v: 1; type: "asks" } & Asks)
  /** What is to be sent in place of a draft. */
  | { v: 1; type: "draft"; id: number; text: string }
  /** What the site signed about its reader; null when nobody is signed in there. */
  | { v: 1; type: "sso"; token: string | null };

/** Wants of a page: to see comments before they are sent, to be told their texts, its own doors for signing in and out. */
export interface Asks {
  drafts: boolean;
  texts: boolean;
  doors: Doors | null;
}

/** Pages of the site's: `name` of its accounts, where to sign in and out, how large a window is opened for the first. */
export interface Doors {
  name: string;
  url: string;
  logout: string;
  width: number;
  height: number;
}

/** What is done about messages, by type. */
export type Table<M extends { type: string }> = { [T in M["type"]]?: (message: Extract<M, { type: T }>) => void };

/** Calls what the table has for a message; anything that is not ours is ignored. */
export function dispatch<M extends { type: string }>(data: unknown, table: Table<M>): void {
  const message = data as (M & { v?: unknown }) | null;
  // Own properties only: a message of type "constructor" must find nothing.
  if (message?.v === 1 && {}.hasOwnProperty.call(table, message.type)) {
    (table[message.type as M["type"]] as (message: M) => void)(message);
  }
}

/** The comment an address's fragment names, or null. */
export function commentInHash(hash: string): string | null {
  return /^#comment-(\d{1,19})$/.exec(hash)?.[1] ?? null;
}
