/** Several cases at once, each by what was seen of it; in calls of a hundred. */
import { batch } from "@preact/signals";
import type { Row } from "../queue";
import { desk } from "../desk";
import { t } from "../say";
import { toast } from "../tell";
import { unanswered, type Made } from "./deciding";
import { apply, mineDone } from "./known";
import { leases, setLease } from "./leases";
import { letGo } from "./looking";
import { said } from "./notes";
import { load } from "./reading";
import { remember } from "./undoing";

const TOGETHER = 100;

/** Decides about cases; what had changed meanwhile comes back. One undo takes all of it back. */
export async function decideMany(rows: readonly Row[], made: Made): Promise<void> {
  const decided: Row[] = [];
  const decisions: string[] = [];
  let wrong = 0;
  unanswered.value += 1;
  try {
    for (let at = 0; at < rows.length; at += TOGETHER) {
      const part = rows.slice(at, at + TOGETHER);
      const answers = await sent(part, made);
      const right = part.filter((_, index) => !answers[index]?.problem);
      decisions.push(...answers.flatMap((one) => (one.decision && !one.problem ? [one.decision] : [])));
      decided.push(...right);
      wrong += part.length - right.length;
      leave(right);
    }
  } catch (error) {
    toast(said(error), "bad");
  } finally {
    unanswered.value -= 1;
  }
  if (decided.length + wrong === 0) return;
  const text = wrong ? t("select.partly", { n: decided.length, wrong }) : t("select.done", { n: decided.length });
  remember(text, decisions, decided.map((row) => row.id), wrong ? "bad" : "good");
  if (wrong) await load(true);
}

async function sent(rows: readonly Row[], made: Made) {
  const { action, ...more } = made;
  const items = rows.map((row) => {
    const lease = leases.value.get(row.id);
    return lease && !lease.isPassed ? { comment: row.comment, claim: lease.token } : { comment: row.comment, version: row.version };
  });
  return (await desk.decide(items, action, more)).items;
}

function leave(rows: readonly Row[]): void {
  const ids = rows.map((row) => row.id);
  batch(() => {
    setLease(ids.map((id) => [id, null] as const));
    for (const row of rows) mineDone.set(row.id, row.version);
    apply(ids.map((id) => ({ type: "decided", id })));
    letGo(ids);
  });
}
