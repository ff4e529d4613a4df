/** Claims: taking cases, keeping them while somebody is there, giving them back. */
import { batch, computed } from "@preact/signals";
import { serverNow } from "../clock";
import { desk } from "../desk";
import { beside } from "../queue";
import { t } from "../say";
import { start } from "../settings";
import { alert, toast } from "../tell";
import { apply, current, insert, isBehind, keep, lane, pending, queue, shown, site } from "./known";
import { leases, setLease } from "./leases";
import { open } from "./looking";
import { addNote, forgetNotes, said } from "./notes";

const TAKE = 5;
/** A claim is kept for somebody who is there: no key, no pointer for so long, and it runs out. */
const PRESENT = 5 * 60_000;

let lastSign = Date.now();
let beating = 0;

export function signOfLife(): void {
  lastSign = Date.now();
}

/** The other one who holds a case, if somebody else does. */
export function holder(id: string): string | null {
  const by = queue.value.rows.get(id)?.heldBy ?? null;
  return by !== null && !leases.value.has(id) && by !== start.name ? by : null;
}

/** Who else is at work, by how many cases they hold of those that were read. */
export const others = computed(() => {
  const found = new Map<string, number>();
  for (const { heldBy } of queue.value.rows.values()) if (heldBy !== null && heldBy !== start.name) found.set(heldBy, (found.get(heldBy) ?? 0) + 1);
  return [...found].toSorted(([one], [other]) => one.localeCompare(other));
});

/** Goes to the next case that is mine; takes more from the server when there is none. */
export async function take(): Promise<void> {
  signOfLife();
  const mine = nextOfMine(current.value);
  if (mine) return open(mine);
  const ids = await claimMore();
  if (ids?.[0]) open(ids[0]);
  else if (ids) toast(t("queue.nothing_to_take"));
}

/** Takes some more cases; their ids, or null when that was refused, which is told. */
export async function claimMore(isAgain = false): Promise<string[] | null> {
  try {
    const answer = await desk.claim(site.value, TAKE, lane.value);
    // What we decided while the claim was on its way may be among them: it goes back, and is not looked at twice.
    const items = answer.items.filter((item) => !isBehind(item.case));
    const behind = answer.items.flatMap((item) => (isBehind(item.case) && item.claim ? [item.claim] : []));
    if (behind.length) void desk.release(behind).catch(() => undefined);
    if (behind.length && items.length === 0 && !isAgain) return await claimMore(true);
    const ids = items.map((item) => item.case.id);
    batch(() => {
      keep(items.map((item) => item.case));
      insert(items.map((item) => item.case).filter((item) => !queue.value.rows.has(item.id)));
      const claimed = items.filter((item) => item.claim !== null);
      setLease(claimed.map((item) => [item.case.id, { token: item.claim ?? "", until: item.expires_at ? Date.parse(item.expires_at) : Number.POSITIVE_INFINITY }] as const));
      apply(claimed.map((item) => ({ type: "held", id: item.case.id, by: start.name })));
      forgetNotes(ids);
    });
    beat();
    return ids;
  } catch (error) {
    toast(said(error), "bad");
    return null;
  }
}

/** The next case that is mine, in the order they are due; some may lie in a queue that is not shown. */
export function nextOfMine(after: string | null): string | null {
  const { order, rows } = queue.value;
  const mine = [...order.filter((id) => leases.value.has(id)), ...[...leases.value.keys()].filter((id) => !rows.has(id))].filter((id) => !pending.has(id));
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
