/** A moderator's work on one site's queue. The front door of `shift/`, where each part has its file. */
import { batch } from "@preact/signals";
import { desk } from "./desk";
import { EMPTY } from "./queue";
import { start } from "./settings";
import { giveBack } from "./shift/claims";
import { forgetCases, queue, reasons, site } from "./shift/known";
import { letGo } from "./shift/looking";
import { notes } from "./shift/notes";
import { forgetReading } from "./shift/reading";
import { forgetActs } from "./shift/undoing";

export { giveBack, holder, others, signOfLife, skip, take } from "./shift/claims";
export { decide, unanswered, type Made } from "./shift/deciding";
export { closedElsewhere } from "./shift/elsewhere";
export { caseIn, caseOf, current, keep, lane, queue, reasons, role, seen, shown, site } from "./shift/known";
export { isMine, leases } from "./shift/leases";
export { choose, chosen, letGo, move, open, toggle } from "./shift/looking";
export { decideMany } from "./shift/many";
export { closeConflict, conflicts, notes, noteText } from "./shift/notes";
export { counted, counts, failure, heard, isLoading, load, poll, reach, searchOn } from "./shift/reading";
export { undo } from "./shift/undoing";

/** Another site or queue: what lay open of the one before is given back and forgotten. */
export async function enter(name: string): Promise<void> {
  await giveBack();
  batch(() => {
    // What is chosen stays chosen in another queue of the same site.
    if (site.value !== name) letGo();
    site.value = name;
    queue.value = EMPTY;
    notes.value = new Map();
    forgetReading();
  });
  forgetCases();
  forgetActs();
  reasons.value = { items: [], isRequired: false };
  if (!name || !start.offers.has("reasons")) return;
  const found = await desk.reasons(name).catch(() => null);
  if (found && site.value === name) reasons.value = { items: found.items, isRequired: found.required ?? false };
}
