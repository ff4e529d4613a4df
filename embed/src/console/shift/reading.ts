/** Reading the queue, page by page as far as somebody looks, and keeping up with what others do. */
import { batch, signal } from "@preact/signals";
import type { QueueCount } from "../answers";
import { desk } from "../desk";
import { rowOf, type Event } from "../queue";
import { apply, keep, lane, queue, shown, site } from "./known";
import { said } from "./notes";

const PAGE = 100;
/** Whoever narrows the list has so many more cases looked through at once. */
const SEARCHED = 1_000;

export const isLoading = signal(false);
export const failure = signal<string | null>(null);
/** Queues with their numbers, as last told. */
export const counts = signal<readonly QueueCount[]>([]);

let reading: AbortController | null = null;
let furthest = 0;
let reaching: Promise<void> | null = null;
let searchedTo = 0;

/** Reads the queue from its beginning, or on from where it was read to. */
export async function load(isFirst: boolean): Promise<void> {
  if (!isFirst && (isLoading.value || queue.value.isComplete)) return;
  reading?.abort();
  const mine = (reading = new AbortController());
  const cursor = isFirst ? null : queue.value.cursor;
  if (isFirst) searchedTo = 0;
  isLoading.value = true;
  try {
    const page = await desk.queue({ site: site.value, cursor, limit: PAGE, ...asked() }, mine.signal);
    batch(() => {
      keep(page.items);
      apply([{ type: "page", rows: page.items.map(rowOf), open: page.open, cursor: page.next_cursor ?? null, isFirst }]);
      failure.value = null;
    });
  } catch (error) {
    if (mine.signal.aborted) return;
    failure.value = said(error);
  } finally {
    if (reading === mine) isLoading.value = false;
  }
}

function asked(): { queue?: string } {
  return lane.value ? { queue: lane.value } : {};
}

/** Reads on until so many rows are there: somebody dragged the bar. */
export async function reach(index: number): Promise<void> {
  furthest = Math.max(furthest, index);
  reaching ??= readOn(() => queue.value.order.length <= furthest).finally(() => {
    reaching = null;
    furthest = 0;
  });
  await reaching;
}

/** Looks through the next thousand for what the list is narrowed to, until a screenful is found. */
export async function searchOn(isFurther = false): Promise<void> {
  if (isFurther || searchedTo < queue.value.order.length) searchedTo = queue.value.order.length + SEARCHED;
  await readOn(() => queue.value.order.length < searchedTo && shown.value.length < PAGE / 2);
}

async function readOn(isWanted: () => boolean): Promise<void> {
  while (!queue.value.isComplete && isWanted() && !isLoading.value && !failure.value) await load(false);
}

/** A look at the head of the queue, for when there is no stream. */
export async function poll(): Promise<void> {
  const page = await desk.queue({ site: site.value, limit: 50, ...asked() });
  keep(page.items);
  apply([{ type: "looked", rows: page.items.map(rowOf), open: page.open, isAll: !page.next_cursor }]);
}

/** What the stream tells. In a queue of its own a new case is counted by the server: it may belong elsewhere. */
export function heard(events: readonly Event[]): void {
  apply(lane.value ? events.filter((event) => event.type !== "opened") : events);
}

/** Open cases by queue, as the stream tells them. */
export function counted(queues: readonly QueueCount[]): void {
  counts.value = queues;
  const wanted = lane.value ?? "all";
  const found = queues.find((one) => one.id === wanted || one.name === wanted);
  if (found) apply([{ type: "counted", open: found.open }]);
}

export function forgetReading(): void {
  searchedTo = 0;
  failure.value = null;
}
