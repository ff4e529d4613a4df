/** What colleagues decide: of a case that lies open here, who it was and what. */
import { desk } from "../desk";
import { start } from "../settings";
import { alert } from "../tell";
import { current, mineDone, pending } from "./known";
import { leases, setLease } from "./leases";
import { letGo } from "./looking";
import { addNote, noteText, type Note } from "./notes";

/** Somebody decided cases, or they were withdrawn. */
export function closedElsewhere(ids: readonly string[]): void {
  const others = ids.filter((id) => !pending.has(id) && !mineDone.has(id));
  setLease(others.filter((id) => leases.value.has(id)).map((id) => [id, null] as const));
  letGo(others);
  const id = others.find((one) => one === current.value);
  if (id) void tellClosed(id);
}

async function tellClosed(id: string): Promise<void> {
  const last = start.offers.has("case") ? (await desk.context(id).catch(() => null))?.decisions[0] : undefined;
  const note: Note = { kind: last ? "decided" : "closed", by: last?.by ?? "", at: last?.at ?? "", action: last?.action ?? "", detail: "" };
  if (mineDone.has(id)) return;
  addNote(id, note);
  alert(noteText(note));
}
