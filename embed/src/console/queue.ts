/**
 * The queue as it is known here, and how events change it. Pure: the same events in the same order lead to the same
 * queue, whoever sent them (the server's stream, a poll, our own decisions), and each may come twice.
 */
import type { Case } from "./answers";

/** What a list shows of a case. */
export interface Row {
  readonly id: string;
  readonly comment: string;
  readonly version: number;
  readonly author: string;
  readonly excerpt: string;
  readonly reason: string;
  readonly level: Level;
  readonly opened: string;
  readonly due: string;
  readonly title: string;
  readonly section: string;
  readonly state: string;
  readonly heldBy: string | null;
}

export type Level = "high" | "medium" | "low";

export interface Queue {
  /** Ids in the order they are due. */
  readonly order: readonly string[];
  readonly rows: ReadonlyMap<string, Row>;
  /** Open cases as the server counts them; the list may hold fewer, because it is read page by page. */
  readonly open: number;
  /** Cases that came up since the list was read and are not in it. */
  readonly fresh: number;
  readonly cursor: string | null;
  readonly isComplete: boolean;
}

export const EMPTY: Queue = { order: [], rows: new Map(), open: 0, fresh: 0, cursor: null, isComplete: false };

export type Event =
  | { type: "page"; rows: readonly Row[]; open: number; cursor: string | null; isFirst: boolean }
  | { type: "looked"; rows: readonly Row[]; open: number; isAll: boolean }
  | { type: "held"; id: string; by: string }
  | { type: "released"; id: string }
  | { type: "opened"; id: string }
  | { type: "decided"; id: string }
  | { type: "counted"; open: number };

/** The queue after some events. Copies once, however many they are: a raid brings thousands. */
export function applied(queue: Queue, events: readonly Event[]): Queue {
  if (events.length === 0) return queue;
  const rows = new Map(queue.rows);
  const gone = new Set<string>();
  const opened = new Set<string>();
  let { order, open, fresh, cursor, isComplete } = queue;
  for (const event of events) {
    switch (event.type) {
      case "page": {
        if (event.isFirst) {
          rows.clear();
          order = [];
          fresh = 0;
          opened.clear();
        }
        gone.clear();
        order = [...order, ...event.rows.map((row) => row.id).filter((id) => !rows.has(id))];
        for (const row of event.rows) rows.set(row.id, row);
        ({ open, cursor } = event);
        isComplete = cursor === null;
        break;
      }
      case "looked": {
        // A poll: what it saw is true, what it did not see within its reach is gone.
        const seen = new Set(event.rows.map((row) => row.id));
        const last = event.rows.at(-1);
        for (const id of order) {
          const row = rows.get(id);
          if (row && !seen.has(id) && (event.isAll || (last && row.due <= last.due))) {
            rows.delete(id);
            gone.add(id);
          }
        }
        for (const row of event.rows) if (rows.has(row.id)) rows.set(row.id, row);
        open = event.open;
        fresh = Math.max(0, isComplete ? event.open - rows.size : fresh);
        break;
      }
      case "held":
      case "released": {
        const row = rows.get(event.id);
        if (row) rows.set(event.id, { ...row, heldBy: event.type === "held" ? event.by : null });
        break;
      }
      case "opened":
        if (!rows.has(event.id) && !opened.has(event.id)) {
          opened.add(event.id);
          fresh += 1;
          open += 1;
        }
        break;
      case "decided":
        if (rows.delete(event.id)) {
          gone.add(event.id);
          open = Math.max(0, open - 1);
        }
        break;
      case "counted":
        open = event.open;
        if (isComplete) fresh = Math.max(0, open - rows.size);
        break;
    }
  }
  return { order: gone.size ? order.filter((id) => rows.has(id)) : order, rows, open, fresh, cursor, isComplete };
}

/** The queue with some rows at their places by when they are due, into what was read of it. */
export function placed(queue: Queue, added: readonly Row[]): Queue {
  if (added.length === 0) return queue;
  const rows = new Map(queue.rows);
  const order = [...queue.order];
  for (const row of added) {
    if (!rows.has(row.id)) order.splice(placeOf(row.due, order, rows), 0, row.id);
    rows.set(row.id, row);
  }
  return { ...queue, rows, order, open: Math.max(queue.open, order.length) };
}

/** The first place behind all that are due no later. */
function placeOf(due: string, order: readonly string[], rows: ReadonlyMap<string, Row>): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows.get(order[middle] ?? "")?.due ?? "") <= due) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The case after (or before) another in the order, for moving on; the nearest one when that is gone. */
export function beside(order: readonly string[], id: string | null, step: 1 | -1): string | null {
  if (order.length === 0) return null;
  const place = id === null ? -1 : order.indexOf(id);
  if (place < 0) return (step > 0 ? order[0] : order.at(-1)) ?? null;
  return order[Math.min(order.length - 1, Math.max(0, place + step))] ?? null;
}

export function levelOf(item: Pick<Case, "severity" | "priority">): Level {
  const said = item.priority?.level;
  if (said === "high" || said === "medium" || said === "low") return said;
  return item.severity >= 0.7 ? "high" : item.severity >= 0.35 ? "medium" : "low";
}

/** One plain line of rendered HTML. */
export function plainLine(html: string | null, most = 160): string {
  const plain = (html ?? "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&(amp|lt|gt|quot|#39|#x27);/g, (_, name: string) => ({ amp: "&", lt: "<", gt: ">", quot: '"' })[name] ?? "'")
    .replace(/\s+/g, " ")
    .trim();
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain;
}

export function rowOf(item: Case): Row {
  return {
    id: item.id,
    comment: item.comment.id,
    version: item.comment.version,
    author: item.comment.author?.name ?? "",
    excerpt: plainLine(item.comment.html),
    reason: item.reason,
    level: levelOf(item),
    opened: item.opened_at,
    due: item.due_at,
    title: item.title ?? item.url,
    section: item.section ?? "",
    state: item.comment.state,
    heldBy: item.held_by,
  };
}
