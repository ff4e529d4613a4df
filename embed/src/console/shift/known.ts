/** What is known here of one site's queue: its rows, the cases read in full, what it is narrowed to, where one stands in it. */
import { computed, signal } from "@preact/signals";
import type { Case, CaseContext, Reason, Role } from "../answers";
import { place } from "../place";
import { applied, EMPTY, placed, rowOf, type Event, type Queue } from "../queue";
import { leases } from "./leases";

const KEPT = 400;

export const site = signal("");
/** Whether who works here may feature and pin, and decide about the site itself. */
export const role = signal<Role>("moderator");
export const reasons = signal<{ items: readonly Reason[]; isRequired: boolean }>({ items: [], isRequired: false });
export const queue = signal<Queue>(EMPTY);
/** Rises when a case's full text came in. */
export const seen = signal(0);
export const current = computed(() => place.value.filters["case"] ?? null);

/** Decisions on their way, and those made here, each with the version it was about: that such a case is closed is no news. */
export const pending = new Map<string, number>();
export const mineDone = new Map<string, number>();

/** Whether a case is told as it was before we decided about it. Opened again later, it has another version. */
export function isBehind(item: Case): boolean {
  return Math.max(pending.get(item.id) ?? 0, mineDone.get(item.id) ?? 0) >= item.comment.version;
}

const cases = new Map<string, Case>();

// The queues everybody has, by the reason they hold; re-opened cases lie with the reported ones.
const LANES: Readonly<Record<string, string>> = { held: "held", reported: "reported", reopened: "reported", appealed: "appeals", sampled: "sampled" };
const WHOLE = new Set(["held", "appealed", "sampled"]);

/** The queue that is asked for: the one chosen, else the one that holds what one wants to see. */
export const lane = computed(() => {
  const { queue: name, reason } = place.value.filters;
  return name ?? (reason ? LANES[reason] : undefined);
});

/** What the list shows: the queue, narrowed by what the address says. */
export const shown = computed(() => {
  const { queue: name, reason: asked, level, q } = place.value.filters;
  const reason = !name && asked && WHOLE.has(asked) ? undefined : asked;
  const { order, rows } = queue.value;
  if (!reason && !level && !q) return order;
  const wanted = q?.toLowerCase();
  return order.filter((id) => {
    const row = rows.get(id);
    return (
      row &&
      (!reason || row.reason === reason) &&
      (!level || row.level === level) &&
      (!wanted || `${row.author} ${row.excerpt} ${row.title}`.toLowerCase().includes(wanted))
    );
  });
});

export function caseOf(id: string): Case | undefined {
  return cases.get(id);
}

/** Keeps the full text of some cases at hand, the newest ones and those that are needed. */
export function keep(items: readonly Case[]): void {
  for (const item of items) {
    cases.delete(item.id);
    cases.set(item.id, item);
  }
  for (const id of cases.keys()) {
    if (cases.size <= KEPT) break;
    if (id !== current.value && !leases.value.has(id)) cases.delete(id);
  }
  seen.value += 1;
}

export function forgetCases(): void {
  cases.clear();
}

export function apply(events: readonly Event[]): void {
  queue.value = applied(queue.value, events);
}

/** Puts cases where they are due, into what was read of the queue. */
export function insert(items: readonly Case[]): void {
  queue.value = placed(queue.value, items.map(rowOf));
}

/** A case as the list has it, out of what is known around it. */
export function caseIn(found: CaseContext, known?: Case): Case {
  const { case: head, comment, article, branch } = found;
  return {
    id: head.id,
    comment: known && known.comment.version > comment.version ? known.comment : comment,
    parent: branch.ancestors.at(-1) ?? null,
    url: article.url,
    title: article.title,
    section: article.section,
    reason: head.reason,
    // The list's signals have their places in the text.
    signals: known?.signals ?? found.signals,
    reports: found.reports,
    record: found.author?.counts ?? known?.record ?? {},
    severity: head.severity,
    opened_at: head.opened_at,
    due_at: head.due_at,
    held_by: known?.held_by ?? null,
    language: known?.language ?? null,
    priority: known?.priority ?? null,
  };
}
