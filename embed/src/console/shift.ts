/** A moderator's work on one site's queue: read it, take cases, decide, undo, skip, give back. */
import { batch, computed, signal } from "@preact/signals";
import type { Action, Case, CaseContext, Decided, QueueCount, Reason, Role, Sanction } from "./answers";
import { kindOf, Refusal } from "./call";
import { serverNow } from "./clock";
import { desk } from "./desk";
import { place, refine } from "./place";
import { applied, beside, EMPTY, rowOf, type Event, type Queue } from "./queue";
import { named, t, time } from "./say";
import { start } from "./settings";
import { alert, close, say, toast } from "./tell";

export interface Lease {
  readonly token: string;
  readonly until: number;
  /** The comment has another version since: the claim keeps others away, and the version is decided about. */
  readonly isPassed?: boolean;
}

/** Why a case is not ours to decide as it stands: somebody was first, its author changed it, our claim ran out. */
export interface Note {
  readonly kind: "decided" | "edited" | "deleted" | "changed" | "claim-lost" | "expired" | "closed" | "other";
  readonly by: string;
  readonly at: string;
  readonly action: string;
  readonly detail: string;
}

export interface Made {
  readonly action: Action;
  readonly reason?: string;
  readonly note?: string;
  readonly sanction?: Sanction;
}

const PAGE = 100;
const TAKE = 5;
const KEPT = 400;
/** A claim is kept for somebody who is there: no key, no pointer for so long, and it runs out. */
const PRESENT = 5 * 60_000;

export const queue = signal<Queue>(EMPTY);
export const isLoading = signal(false);
export const failure = signal<string | null>(null);
export const leases = signal<ReadonlyMap<string, Lease>>(new Map());
export const notes = signal<ReadonlyMap<string, Note>>(new Map());
export const chosen = signal<ReadonlySet<string>>(new Set());
export const reasons = signal<{ items: readonly Reason[]; isRequired: boolean }>({ items: [], isRequired: false });
export const seen = signal(0); // rises when a case's full text came in

/** Queues with their numbers, as last told. */
export const counts = signal<readonly QueueCount[]>([]);

const cases = new Map<string, Case>();
let done: { decision: string; id: string; toast: number }[] = [];
let reading: AbortController | null = null;
let lastSign = Date.now();

export const site = signal("");
/** Whether who works here may feature and pin, and decide about the site itself. */
export const role = signal<Role>("moderator");
export const current = computed(() => place.value.filters["case"] ?? null);

/** What the list shows: the queue, narrowed by what the address says. */
export const shown = computed(() => {
  const { reason, level, q } = place.value.filters;
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

export function apply(events: readonly Event[]): void {
  queue.value = applied(queue.value, events);
}

/** Reads the queue from its beginning, or on from where it was read to. */
export async function load(isFirst: boolean): Promise<void> {
  if (!isFirst && (isLoading.value || queue.value.isComplete)) return;
  reading?.abort();
  const mine = (reading = new AbortController());
  const cursor = isFirst ? null : queue.value.cursor;
  isLoading.value = true;
  try {
    const name = place.value.filters["queue"];
    const page = await desk.queue({ site: site.value, cursor, limit: PAGE, ...(name ? { queue: name } : {}) }, mine.signal);
    batch(() => {
      keep(page.items);
      apply([{ type: "page", rows: page.items.map(rowOf), open: page.open, cursor: page.next_cursor ?? null, isFirst }]);
      failure.value = null;
    });
  } catch (error) {
    if (mine.signal.aborted) return;
    failure.value = error instanceof Refusal ? error.message : String(error);
  } finally {
    if (reading === mine) isLoading.value = false;
  }
}

/** Reads on until so many rows are there: somebody dragged the bar. */
export async function reach(index: number): Promise<void> {
  furthest = Math.max(furthest, index);
  reaching ??= readOn().finally(() => {
    reaching = null;
    furthest = 0;
  });
  await reaching;
}

let furthest = 0;
let reaching: Promise<void> | null = null;

async function readOn(): Promise<void> {
  while (!queue.value.isComplete && queue.value.order.length <= furthest && !isLoading.value && !failure.value) await load(false);
}

/** A look at the head of the queue, for when there is no stream. */
export async function poll(): Promise<void> {
  const name = place.value.filters["queue"];
  const page = await desk.queue({ site: site.value, limit: 50, ...(name ? { queue: name } : {}) });
  keep(page.items);
  apply([{ type: "looked", rows: page.items.map(rowOf), open: page.open, isAll: !page.next_cursor }]);
}

/** Another site or queue: nothing of the one before stays. */
export async function enter(name: string): Promise<void> {
  await giveBack();
  batch(() => {
    site.value = name;
    queue.value = EMPTY;
    chosen.value = new Set();
    notes.value = new Map();
    failure.value = null;
  });
  cases.clear();
  done = [];
  reasons.value = { items: [], isRequired: false };
  if (!name) return;
  if (start.offers.has("reasons")) {
    const found = await desk.reasons(name).catch(() => null);
    if (found && site.value === name) reasons.value = { items: found.items, isRequired: found.required ?? false };
  }
}

// Claims

export function isMine(id: string): boolean {
  return leases.value.has(id);
}

/** The other one who holds a case, if somebody else does. */
export function holder(id: string): string | null {
  const by = queue.value.rows.get(id)?.heldBy ?? null;
  return by !== null && !leases.value.has(id) && by !== start.name ? by : null;
}

function setLease(changes: readonly (readonly [string, Lease | null])[]): void {
  const next = new Map(leases.value);
  for (const [id, lease] of changes) {
    if (lease) next.set(id, lease);
    else next.delete(id);
  }
  leases.value = next;
}

/** Goes to the next case that is mine; takes more from the server when there is none. */
export async function take(): Promise<void> {
  lastSign = Date.now();
  const mine = nextOfMine(current.value);
  if (mine) return open(mine);
  const ids = await claimMore(TAKE);
  if (ids[0]) open(ids[0]);
  else if (ids) say(t("queue.nothing_to_take"));
}

async function claimMore(count: number): Promise<string[]> {
  try {
    const { items } = await desk.claim(site.value, count, place.value.filters["queue"]);
    batch(() => {
      keep(items.map((item) => item.case));
      const missing = items.filter((item) => !queue.value.rows.has(item.case.id));
      if (missing.length) insert(missing.map((item) => item.case));
      setLease(
        items
          .filter((item) => item.claim !== null)
          .map((item) => [item.case.id, { token: item.claim ?? "", until: item.expires_at ? Date.parse(item.expires_at) : Number.POSITIVE_INFINITY }] as const),
      );
      apply(items.filter((item) => item.claim).map((item) => ({ type: "held", id: item.case.id, by: start.name })));
      forgetNotes(items.map((item) => item.case.id));
    });
    beat();
    return items.map((item) => item.case.id);
  } catch (error) {
    toast(error instanceof Refusal ? said(error) : String(error), "bad");
    return [];
  }
}

/** Puts cases where they are due, into what was read of the queue. */
function insert(items: readonly Case[]): void {
  const rows = new Map(queue.value.rows);
  for (const item of items) rows.set(item.id, rowOf(item));
  const ids = new Set([...queue.value.order, ...items.map((item) => item.id)]);
  const due = (id: string): string => rows.get(id)?.due ?? "";
  const order = [...ids].toSorted((one, other) => (due(one) < due(other) ? -1 : due(one) > due(other) ? 1 : 0));
  queue.value = { ...queue.value, rows, order, open: Math.max(queue.value.open, order.length) };
}

function nextOfMine(after: string | null): string | null {
  const mine = queue.value.order.filter((id) => leases.value.has(id) && !pending.has(id));
  const index = after ? mine.indexOf(after) : -1;
  return mine[index + 1] ?? mine.find((id) => id !== after) ?? null;
}

/** Gives one case back, or all; `isLeaving` when the page goes and no answer will be seen. */
export async function giveBack(id?: string, isLeaving = false): Promise<void> {
  const given = [...leases.value].filter(([key]) => id === undefined || key === id);
  if (given.length === 0) return;
  batch(() => {
    setLease(given.map(([key]) => [key, null] as const));
    apply(given.map(([key]) => ({ type: "released", id: key })));
  });
  await desk.release(given.map(([, lease]) => lease.token), isLeaving).catch(() => undefined);
}

export async function skip(id: string): Promise<void> {
  const lease = leases.value.get(id);
  const next = nextOfMine(id) ?? beside(shown.value, id, 1);
  if (lease) {
    setLease([[id, null]]);
    apply([{ type: "released", id }]);
    await (start.offers.has("skip") ? desk.skip(lease.token) : desk.release([lease.token])).catch(() => undefined);
  }
  if (leases.value.size === 0 && lease) await take();
  else if (next && next !== id) open(next);
}

export function signOfLife(): void {
  lastSign = Date.now();
}

let beating = 0;

/** The heartbeat: keeps the claims of somebody who is there, in time; tells what was lost. */
function beat(): void {
  clearTimeout(beating);
  if (leases.value.size === 0) return;
  const soonest = Math.min(...[...leases.value.values()].map((lease) => lease.until));
  const rest = soonest - serverNow();
  const isPresent = Date.now() - lastSign < PRESENT;
  const wait = isPresent ? Math.min(rest / 2, 60_000) : rest;
  beating = window.setTimeout(() => void pulse(), Math.max(250, Number.isFinite(wait) ? wait : 60_000));
}

async function pulse(): Promise<void> {
  const lost: string[] = [];
  if (Date.now() - lastSign < PRESENT) {
    const held = [...leases.value];
    const answer = await desk.keep(held.map(([, lease]) => lease.token)).catch(() => null);
    const until = new Map(answer?.items.map((one) => [one.claim, one.expires_at]));
    for (const [id, lease] of held) {
      if (!answer || !leases.value.has(id)) continue;
      const at = until.get(lease.token);
      if (at) setLease([[id, { ...lease, until: Date.parse(at) }]]);
      else lost.push(id);
    }
  }
  for (const [id, lease] of leases.value) if (lease.until <= serverNow() && !lost.includes(id)) lost.push(id);
  if (lost.length) lose(lost);
  beat();
}

function lose(ids: readonly string[]): void {
  const at = new Date(serverNow()).toISOString();
  batch(() => {
    setLease(ids.map((id) => [id, null] as const));
    apply(ids.map((id) => ({ type: "released", id })));
    for (const id of ids) addNote(id, { kind: "expired", by: "", at, action: "", detail: "" });
  });
  alert(t("lease.expired_said", { n: ids.length }));
}

// Deciding

const pending = new Set<string>();
/** What was decided here: that it is closed is no news. */
const mineDone = new Set<string>();
export const unanswered = signal(0);

/** Decides about a case and goes on at once; what comes back otherwise is told, and the case with it. */
export async function decide(id: string, made: Made): Promise<void> {
  const row = queue.value.rows.get(id);
  const item = cases.get(id);
  if ((!row && !item) || pending.has(id)) return;
  if (holder(id)) {
    toast(t("queue.held_by", { name: holder(id) ?? "" }), "bad");
    return;
  }
  lastSign = Date.now();
  if (MARKS.has(made.action)) return await setMark(id, made.action);
  const lease = leases.value.get(id);
  const comment = row?.comment ?? item?.comment.id ?? "";
  const version = row?.version ?? item?.comment.version ?? 1;
  const next = nextOfMine(id) ?? (lease ? null : beside(shown.value.filter((other) => other === id || !holder(other)), id, 1));
  pending.add(id);
  unanswered.value += 1;
  batch(() => {
    if (lease) setLease([[id, null]]);
    apply([{ type: "decided", id }]);
    forgetNotes([id]);
    if (current.value === id) open(next === id ? null : next);
  });
  // Before the last one is decided the next are on their way.
  if (lease && leases.value.size <= 1) void claimMore(TAKE).then((ids) => void (current.value === null && ids[0] && open(ids[0])));
  try {
    const { action, ...more } = made;
    const sent = lease && !lease.isPassed ? { comment, claim: lease.token } : { comment, version };
    const answer = (await desk.decide([sent], action, more)).items[0];
    if (answer?.problem) await refused(id, answer);
    else if (answer) succeeded(id, row?.author ?? item?.comment.author?.name ?? "", action, answer);
  } catch (error) {
    if (row) putBack(id, row.comment);
    toast(error instanceof Refusal ? said(error) : String(error), "bad");
  } finally {
    pending.delete(id);
    unanswered.value -= 1;
  }
}

/** What is said about a comment beside the case, which stays open. */
const MARKS: ReadonlySet<Action> = new Set<Action>(["feature", "unfeature", "pin", "unpin", "close_replies", "open_replies"]);

async function setMark(id: string, action: Action): Promise<void> {
  const item = cases.get(id);
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
    toast(error instanceof Refusal ? said(error) : String(error), "bad");
  }
}

function succeeded(id: string, author: string, action: Action, answer: Decided): void {
  mineDone.add(id);
  const told = answer.second_look ? ` ${named("second", answer.second_look)}` : "";
  const text = t("toast.done", { what: named("done", action), name: author || t("author.unknown") }) + told;
  if (answer.decision && start.offers.has("undo")) {
    const decision = answer.decision;
    done = [...done.slice(-49), { decision, id, toast: toast(text, "good", () => void undo(decision)) }];
  } else {
    toast(text);
  }
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
  conflicts.value = [...conflicts.value.filter((one) => one.id !== id).slice(-4), { id, note, item: await asItIsNow(id) }];
  alert(noteText(note));
}

export interface ConflictCard {
  readonly id: string;
  readonly note: Note;
  readonly item: Case | null;
}

export const conflicts = signal<readonly ConflictCard[]>([]);

export function closeConflict(id: string): void {
  conflicts.value = conflicts.value.filter((one) => one.id !== id);
}

async function asItIsNow(id: string): Promise<Case | null> {
  if (start.offers.has("case")) {
    const found = await desk.context(id).catch(() => null);
    if (found) {
      const item = caseIn(found, cases.get(id));
      keep([item]);
      return item;
    }
  }
  return cases.get(id) ?? null;
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

function putBack(id: string, _comment: string): void {
  const item = cases.get(id);
  if (item) insert([item]);
}

/** Takes a decision back; without a name the last one made here. */
export async function undo(decision?: string): Promise<void> {
  const last = decision ? done.find((one) => one.decision === decision) : done.at(-1);
  if (!last) {
    say(t("undo.nothing"));
    return;
  }
  done = done.filter((one) => one !== last);
  close(last.toast);
  try {
    await desk.undo(last.decision);
    mineDone.delete(last.id);
    toast(t("undo.done"));
    await load(true);
    if (queue.value.rows.has(last.id)) open(last.id);
  } catch (error) {
    toast(error instanceof Refusal ? said(error) : String(error), "bad");
  }
}

/** Somebody decided cases: of one that lies open here, who it was and what stands above it. */
export function closedElsewhere(ids: readonly string[]): void {
  const others = ids.filter((id) => !pending.has(id) && !mineDone.has(id));
  setLease(others.filter((id) => leases.value.has(id)).map((id) => [id, null] as const));
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

/** What the stream tells. In a queue of its own a new case is counted by the server: it may belong elsewhere. */
export function heard(events: readonly Event[]): void {
  apply(place.value.filters["queue"] ? events.filter((event) => event.type !== "opened") : events);
}

/** Open cases by queue, as the stream tells them. */
export function counted(queues: readonly QueueCount[]): void {
  counts.value = queues;
  const wanted = place.value.filters["queue"] ?? "all";
  const found = queues.find((one) => one.id === wanted || one.name === wanted);
  if (found) apply([{ type: "counted", open: found.open }]);
}

/** Several cases at once, by what was seen of them; in calls of a hundred. */
export async function decideMany(ids: readonly string[], made: Made): Promise<void> {
  const rows = ids.map((id) => queue.value.rows.get(id)).filter((row) => row !== undefined);
  let [right, wrong] = [0, 0];
  const { action, ...more } = made;
  unanswered.value += 1;
  try {
    for (let at = 0; at < rows.length; at += PAGE) {
      const part = rows.slice(at, at + PAGE);
      const items = part.map((row) => {
        const lease = leases.value.get(row.id);
        return lease ? { comment: row.comment, claim: lease.token } : { comment: row.comment, version: row.version };
      });
      const answers = (await desk.decide(items, action, more)).items;
      const decided = part.filter((_, index) => !answers[index]?.problem);
      right += decided.length;
      wrong += part.length - decided.length;
      batch(() => {
        setLease(decided.map((row) => [row.id, null] as const));
        for (const row of decided) mineDone.add(row.id);
        apply(decided.map((row) => ({ type: "decided", id: row.id })));
        chosen.value = new Set([...chosen.value].filter((id) => !decided.some((row) => row.id === id)));
      });
    }
    toast(wrong ? t("select.partly", { n: right, wrong }) : t("select.done", { n: right }), wrong ? "bad" : "good");
    if (wrong) await load(true);
  } catch (error) {
    toast(error instanceof Refusal ? said(error) : String(error), "bad");
  } finally {
    unanswered.value -= 1;
  }
}

// Looking

export function open(id: string | null, isStep = false): void {
  refine({ case: id ?? "" }, !isStep);
}

export function move(step: 1 | -1): void {
  const next = beside(shown.value, current.value, step);
  if (next) open(next);
}

export function toggle(id: string): void {
  const next = new Set(chosen.value);
  if (!next.delete(id)) next.add(id);
  chosen.value = next;
}

function addNote(id: string, note: Note): void {
  notes.value = new Map(notes.value).set(id, note);
}

function forgetNotes(ids: readonly string[]): void {
  const next = new Map(notes.value);
  for (const id of ids) next.delete(id);
  notes.value = next;
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

function said(error: Refusal): string {
  return error.kind === "offline" ? t("error.offline") : error.message;
}
