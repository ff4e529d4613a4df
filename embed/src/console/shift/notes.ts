/** Why a case is not ours to decide as it stands: somebody was first, its author changed it, our claim ran out. */
import { signal } from "@preact/signals";
import type { Case } from "../answers";
import { Refusal } from "../call";
import { named, t, time } from "../say";

export interface Note {
  readonly kind: "decided" | "edited" | "deleted" | "changed" | "claim-lost" | "expired" | "closed" | "other";
  readonly by: string;
  readonly at: string;
  readonly action: string;
  readonly detail: string;
}

export interface ConflictCard {
  readonly id: string;
  readonly note: Note;
  readonly item: Case | null;
}

export const notes = signal<ReadonlyMap<string, Note>>(new Map());
export const conflicts = signal<readonly ConflictCard[]>([]);

export function addNote(id: string, note: Note): void {
  notes.value = new Map(notes.value).set(id, note);
}

export function forgetNotes(ids: readonly string[]): void {
  const next = new Map(notes.value);
  for (const id of ids) next.delete(id);
  notes.value = next;
}

export function addConflict(card: ConflictCard): void {
  conflicts.value = [...conflicts.value.filter((one) => one.id !== card.id).slice(-4), card];
}

export function closeConflict(id: string): void {
  conflicts.value = conflicts.value.filter((one) => one.id !== id);
}

/** A note in words: who, what, when. */
export function noteText(note: Note): string {
  const at = note.at ? time(note.at) : "";
  switch (note.kind) {
    case "decided":
      return t("conflict.decided", { name: note.by || t("author.unknown"), what: named("done", note.action), at });
    case "edited":
      return t("conflict.edited", { at });
    case "deleted":
      return t("conflict.deleted");
    case "claim-lost":
      return t("conflict.claim_lost");
    case "expired":
      return t("lease.expired", { at });
    case "changed":
      return t("conflict.changed");
    case "closed":
      return t("conflict.closed");
    case "other":
      return note.detail;
  }
}

/** What went wrong, in words. */
export function said(error: unknown): string {
  if (!(error instanceof Refusal)) return String(error);
  return error.kind === "offline" ? t("error.offline") : error.message;
}
