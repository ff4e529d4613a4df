/** What others do, as it happens: the server's stream where there is one, a poll otherwise and while it is away. */
import { signal } from "@preact/signals";
import type { QueueCount } from "./answers";
import { addressOf } from "./call";
import type { Event } from "./queue";

export const isLive = signal(false);

const POLL = 10_000;
const TOGETHER = 120; // milliseconds in which events are applied in one go

export interface Listener {
  /** Events of the stream, together. */
  heard: (events: Event[]) => void;
  /** Cases were decided or withdrawn by somebody. */
  closed: (ids: readonly string[]) => void;
  /** Open cases, queue by queue. */
  counted: (queues: readonly QueueCount[]) => void;
  /** Ask: there is no stream, or it was away and something may have been missed. */
  poll: () => Promise<void>;
}

interface Told {
  cases?: string[];
  by?: string;
  queues?: QueueCount[];
  is_live?: boolean;
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

  const flush = (): void => {
    timer = 0;
    const events = waiting;
    waiting = [];
    listener.heard(events);
  };
  const add = (events: Event[]): void => {
    waiting.push(...events);
    timer ||= window.setTimeout(flush, TOGETHER);
  };
  const pollLater = (): void => {
    clearTimeout(poller);
    poller = window.setTimeout(() => void poll(), POLL);
  };
  const poll = async (): Promise<void> => {
    await listener.poll().catch(() => undefined);
    if (poller && !isLive.value) pollLater();
  };
  const setLive = (on: boolean): void => {
    isLive.value = on;
    if (on) clearTimeout(poller);
    else pollLater();
  };
  const lookAnew = (): void => void listener.poll().catch(() => undefined);
  const on = (name: string, act: (what: Told, ids: string[]) => void): void => {
    source?.addEventListener(name, (event) => {
      const what = told(event as MessageEvent<string>);
      act(what, what.cases ?? []);
    });
  };

  if (hasStream) {
    source = new EventSource(addressOf("/moderation/live", { site }));
    // It tries again by itself, unless the server refused: until it is back, ask.
    source.addEventListener("error", () => setLive(false));
    let isFirst = true;
    on("hello", (what) => {
      setLive(what.is_live ?? true);
      if (!isFirst) lookAnew();
      isFirst = false;
    });
    on("away", () => setLive(false));
    on("reset", () => {
      setLive(true);
      lookAnew();
    });
    on("changed", lookAnew);
    on("held", (what, ids) => add(ids.map((id) => ({ type: "held", id, by: what.by ?? "" }))));
    on("released", (_, ids) => add(ids.map((id) => ({ type: "released", id }))));
    on("opened", (_, ids) => add(ids.map((id) => ({ type: "opened", id }))));
    on("counts", (what) => listener.counted(what.queues ?? []));
    on("decided", (_, ids) => {
      listener.closed(ids);
      add(ids.map((id) => ({ type: "decided", id })));
    });
  } else {
    pollLater();
  }
  return () => {
    isLive.value = false;
    source?.close();
    clearTimeout(timer);
    clearTimeout(poller);
    poller = 0;
  };
}
