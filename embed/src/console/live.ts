/** What others do, as it happens: the server's stream where there is one, a poll otherwise and while it is away. */
import { signal } from "@preact/signals";
import type { Event } from "./queue";
import { addressOf } from "./call";

export const isLive = signal(false);

const POLL = 10_000;
const TOGETHER = 120; // milliseconds in which events are applied in one go

export interface Listener {
  /** Events of the stream, together. */
  heard: (events: Event[]) => void;
  /** A case was decided by somebody. */
  decided: (id: string, by: string, action: string, at: string) => void;
  /** Ask: there is no stream, or it was away and something may have been missed. */
  poll: () => Promise<void>;
}

interface Told {
  case?: string;
  by?: string;
  action?: string;
  at?: string;
  open?: number;
}

function told(event: MessageEvent<string>): Told {
  try {
    return JSON.parse(event.data) as Told;
  } catch {
    return {};
  }
}

/** Listens to a site until the returned function is called. */
export function listen(site: string, hasStream: boolean, listener: Listener): () => void {
  let waiting: Event[] = [];
  let timer = 0;
  let poller = 0;
  let source: EventSource | null = null;
  let isOver = false;

  const flush = (): void => {
    timer = 0;
    const events = waiting;
    waiting = [];
    listener.heard(events);
  };
  const add = (event: Event): void => {
    waiting.push(event);
    timer ||= window.setTimeout(flush, TOGETHER);
  };
  const poll = async (): Promise<void> => {
    await listener.poll().catch(() => undefined);
    if (!isOver && !isLive.value) poller = window.setTimeout(() => void poll(), POLL);
  };
  const pollLater = (): void => {
    clearTimeout(poller);
    poller = window.setTimeout(() => void poll(), POLL);
  };

  const on = (name: string, act: (what: Told) => void): void => {
    source?.addEventListener(name, (event) => act(told(event as MessageEvent<string>)));
  };

  if (hasStream) {
    let wasAway = false;
    source = new EventSource(addressOf("/moderation/live", { site }));
    source.addEventListener("open", () => {
      isLive.value = true;
      clearTimeout(poller);
      if (wasAway) void listener.poll().catch(() => undefined);
      wasAway = false;
    });
    source.addEventListener("error", () => {
      // It tries again by itself, unless the server refused: until it is back, ask.
      isLive.value = false;
      wasAway = true;
      pollLater();
    });
    on("held", (what) => what.case && add({ type: "held", id: what.case, by: what.by ?? "" }));
    on("released", (what) => what.case && add({ type: "released", id: what.case }));
    on("opened", (what) => what.case && add({ type: "opened", id: what.case }));
    on("counts", (what) => typeof what.open === "number" && add({ type: "counted", open: what.open }));
    on("decided", (what) => {
      if (!what.case) return;
      listener.decided(what.case, what.by ?? "", what.action ?? "", what.at ?? "");
      add({ type: "decided", id: what.case });
    });
  } else {
    pollLater();
  }
  return () => {
    isOver = true;
    isLive.value = false;
    source?.close();
    clearTimeout(timer);
    clearTimeout(poller);
  };
}
