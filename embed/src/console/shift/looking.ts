/** Moving in the list and choosing from it; nothing is changed by looking. */
import { signal } from "@preact/signals";
import { refine } from "../place";
import { beside, type Row } from "../queue";
import { current, queue, shown } from "./known";

/** What is chosen, as it was seen then: it stays chosen whatever the list shows meanwhile. */
export const chosen = signal<ReadonlyMap<string, Row>>(new Map());

export function open(id: string | null, isStep = false): void {
  refine({ case: id ?? "" }, !isStep);
}

export function move(step: 1 | -1): void {
  const next = beside(shown.value, current.value, step);
  if (next) open(next);
}

/** Chooses a case, or lets it go. */
export function toggle(id: string): void {
  const row = queue.value.rows.get(id);
  const next = new Map(chosen.value);
  if (!next.delete(id) && row) next.set(id, row);
  chosen.value = next;
}

/** Chooses some more. */
export function choose(ids: readonly string[]): void {
  const next = new Map(chosen.value);
  for (const id of ids) {
    const row = queue.value.rows.get(id);
    if (row && !next.has(id)) next.set(id, row);
  }
  chosen.value = next;
}

/** Lets some go, or all. */
export function letGo(ids: Iterable<string> = [...chosen.value.keys()]): void {
  const next = new Map(chosen.value);
  for (const id of ids) next.delete(id);
  chosen.value = next;
}
