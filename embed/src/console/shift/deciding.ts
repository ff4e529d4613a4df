/** Deciding about a case: shown as made at once; what comes back otherwise is told, and the case with it. */
import { batch, signal } from "@preact/signals";
import type { Action, Case, Decided, Sanction } from "../answers";
import { kindOf } from "../call";
import { desk } from "../desk";
import { beside } from "../queue";
import { named, t } from "../say";
import { start } from "../settings";
import { alert, toast } from "../tell";
import { claimMore, holder, nextOfMine, signOfLife } from "./claims";
import { apply, caseIn, caseOf, current, insert, keep, mineDone, pending, queue, shown } from "./known";
import { leases, setLease } from "./leases";
import { open } from "./looking";
import { addConflict, addNote, forgetNotes, noteText, said, type Note } from "./notes";
import { load } from "./reading";
import { remember } from "./undoing";

export interface Made {
  readonly action: Action;
  readonly reason?: string;
  readonly note?: string;
  readonly sanction?: Sanction;
}

/** How many answers are awaited. */
export const unanswered = signal(0);

/** What is said about a comment beside the case, which stays open. */
const MARKS: ReadonlySet<Action> = new Set<Action>(["feature", "unfeature", "pin", "unpin", "close_replies", "open_replies"]);

/** Decides about a case and goes on at once. */
export async function decide(id: string, made: Made): Promise<void> {
  const row = queue.value.rows.get(id);
  const item = caseOf(id);
  if ((!row && !item) || pending.has(id)) return;
  const other = holder(id);
  if (other) {
    toast(t("queue.held_by", { name: other }), "bad");
    return;
  }
  signOfLife();
  if (MARKS.has(made.action)) return await setMark(id, made.action);
  const lease = leases.value.get(id);
  const comment = row?.comment ?? item?.comment.id ?? "";
  const version = row?.version ?? item?.comment.version ?? 1;
  goOn(id, version);
  try {
    const { action, ...more } = made;
    const sent = lease && !lease.isPassed ? { comment, claim: lease.token } : { comment, version };
    const answer = (await desk.decide([sent], action, more)).items[0];
    if (answer?.problem) await refused(id, answer);
    else if (answer) succeeded(id, version, row?.author ?? item?.comment.author?.name ?? "", action, answer);
  } catch (error) {
    if (item) insert([item]);
    toast(said(error), "bad");
  } finally {
    pending.delete(id);
    unanswered.value -= 1;
  }
}

/** The case leaves the list and the next one lies open, before the server has said anything. */
function goOn(id: string, version: number): void {
  const lease = leases.value.get(id);
  const next = nextOfMine(id) ?? (lease ? null : beside(shown.value.filter((other) => other === id || !holder(other)), id, 1));
  pending.set(id, version);
  unanswered.value += 1;
  batch(() => {
    if (lease) setLease([[id, null]]);
    apply([{ type: "decided", id }]);
    forgetNotes([id]);
    if (current.value === id) open(next === id ? null : next);
  });
  // Before the last one is decided the next are on their way.
  if (lease && leases.value.size <= 1) void claimMore().then((ids) => void (current.value === null && ids?.[0] && open(ids[0])));
}

async function setMark(id: string, action: Action): Promise<void> {
  const item = caseOf(id);
  if (!item) return;
  try {
    const answer = (await desk.decide([{ comment: item.comment.id, version: item.comment.version }], action)).items[0];
    if (answer?.problem) {
      toast(answer.problem.detail, "bad");
      return;
    }
    toast(t("toast.done", { what: named("done", action), name: item.comment.author?.name ?? t("author.unknown") }));
    const now = await asItIsNow(id);
    const row = queue.value.rows.get(id);
    if (!now || !row) return;
    queue.value = { ...queue.value, rows: new Map(queue.value.rows).set(id, { ...row, version: now.comment.version }) };
    // The claim speaks of the version before.
    const lease = leases.value.get(id);
    if (lease) setLease([[id, { ...lease, isPassed: true }]]);
  } catch (error) {
    toast(said(error), "bad");
  }
}

function succeeded(id: string, version: number, author: string, action: Action, answer: Decided): void {
  mineDone.set(id, version);
  const told = answer.second_look ? ` ${named("second", answer.second_look)}` : "";
  const text = t("toast.done", { what: named("done", action), name: author || t("author.unknown") }) + told;
  if (answer.decision) remember(text, [answer.decision], [id]);
  else toast(text);
}

async function refused(id: string, answer: Decided): Promise<void> {
  const problem = answer.problem;
  if (!problem) return;
  const kind = kindOf(problem);
  const what = kind === "claim-lost" ? "claim-lost" : (problem.what ?? "other");
  const known = ["decided", "edited", "deleted", "changed", "claim-lost"].find((one) => one === what) as Note["kind"] | undefined;
  const note: Note = { kind: known ?? "other", by: problem.by ?? "", at: problem.at ?? "", action: problem.action ?? "", detail: problem.detail };
  // The comment as it is now: what is still open is in the queue anew, with its version.
  await load(true);
  addNote(id, note);
  addConflict({ id, note, item: await asItIsNow(id) });
  alert(noteText(note));
}

async function asItIsNow(id: string): Promise<Case | null> {
  if (start.offers.has("case")) {
    const found = await desk.context(id).catch(() => null);
    if (found) {
      const item = caseIn(found, caseOf(id));
      keep([item]);
      return item;
    }
  }
  return caseOf(id) ?? null;
}
