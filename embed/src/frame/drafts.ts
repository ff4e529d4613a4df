import type { Store } from "../shared/store";

/** How a guest signs; null for one whose name is known. */
export type Signature = { name: string; email?: string } | null;

/** What was sent, and under which key. */
export interface Sent {
  body: string;
  author: Signature;
  key: string;
  /** Replies are to be mailed. */
  mail?: boolean;
}

/** A text that is not posted yet. */
export interface Draft {
  body: string;
  /** Names this comment to the server, so that a repeated try cannot make a second one. */
  key?: string;
  /** What was sent under `key`. */
  tried?: string;
  /** How it is signed, while it waits for a connection to be sent by itself. */
  waits?: Signature | undefined;
  /** What was sent and never answered: the server may have it, whatever the text says by now. */
  doubt?: Sent | undefined;
  /** When it was written, in milliseconds since 1970. */
  at: number;
}

const LIFE = 30 * 86_400_000;

/** The draft of one place (thread and parent, or an edit), kept until the server has it. */
export interface Drafts {
  read(): Draft | null;
  write(body: string): void;
  /** The key for sending `content`: the same as long as nothing changed, as the server may have got it the last time. */
  keyFor(content: string): string;
  /** It is to be sent by itself as soon as that is possible; changing it, or `undefined`, takes that back. */
  wait(signature: Signature | undefined): void;
  /** Nobody answered to this; `undefined` once it is known what became of it. */
  doubt(sent: Sent | undefined): void;
  clear(): void;
}

export function draftsAt(store: Store, place: string, now: () => number = Date.now): Drafts {
  const name = `draft:${place}`;
  const read = (): Draft | null => {
    const draft = store.get<Draft>(name);
    if (!draft || now() - draft.at < LIFE) return draft;
    store.drop(name);
    return null;
  };
  return {
    read,
    write(body) {
      const { body: before, waits, ...draft } = read() ?? {};
      if (!body.trim()) store.drop(name);
      else store.set(name, { ...draft, body, waits: body === before ? waits : undefined, at: now() });
    },
    keyFor(content) {
      const draft = read();
      if (draft?.key && draft.tried === content) return draft.key;
      const key = uuid();
      store.set(name, { body: draft?.body ?? "", key, tried: content, doubt: draft?.doubt, at: now() });
      return key;
    },
    wait(waits) {
      const draft = read();
      if (draft) store.set(name, { ...draft, waits });
    },
    doubt(sent) {
      const draft = read();
      if (draft) store.set(name, { ...draft, doubt: sent });
    },
    clear: () => store.drop(name),
  };
}

function uuid(): string {
  // Pages without TLS have no randomUUID.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
