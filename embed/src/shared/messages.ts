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
  /** The reader has posted a comment; `status` is `published` or `held`. */
  | { v: 1; type: "posted"; comment: string; status: string }
  /** Of signing in with the site's own account, or out: `signed-in`, `signed-out`, `sso-refused`; `sso-expired` wants a token. */
  | { v: 1; type: "sso"; event: string };

export type FromHost =
  /** The address of the page now names this comment. */
  | { v: 1; type: "comment"; comment: string }
  /** The page changed between light and dark. */
  | { v: 1; type: "theme"; theme: Theme }
  /** What the site signed about its reader; null when nobody is signed in there. */
  | { v: 1; type: "sso"; token: string | null };

/** Calls what the table has for a message; anything that is not ours is ignored. */
export function dispatch<M extends { type: string }>(
  data: unknown,
  table: { [T in M["type"]]?: (message: Extract<M, { type: T }>) => void },
): void {
  const message = data as M | null;
  // Own properties only: a message of type "constructor" must find nothing.
  if ((message as { v?: unknown } | null)?.v === 1 && message && {}.hasOwnProperty.call(table, message.type)) {
    (table[message.type as M["type"]] as (message: M) => void)(message);
  }
}

/** The comment an address's fragment names, or null. */
export function commentInHash(hash: string): string | null {
  return /^#comment-(\d{1,19})$/.exec(hash)?.[1] ?? null;
}
