/** Taking back what was decided here: the last act first, each act as a whole. */
import { desk } from "../desk";
import { t } from "../say";
import { start } from "../settings";
import { close, say, toast } from "../tell";
import { mineDone, queue } from "./known";
import { open } from "./looking";
import { said } from "./notes";
import { load } from "./reading";

interface Act {
  readonly decisions: readonly string[];
  readonly cases: readonly string[];
  readonly toast: number;
}

const ACTS = 50;
const TOGETHER = 4;
let done: readonly Act[] = [];

/** Tells what was decided, and how to take it back where the server can. */
export function remember(text: string, decisions: readonly string[], cases: readonly string[], tone: "good" | "bad" = "good"): void {
  if (!start.offers.has("undo") || decisions.length === 0) {
    toast(text, tone);
    return;
  }
  const shown = toast(text, tone, () => void undo(shown));
  done = [...done.slice(1 - ACTS), { decisions, cases, toast: shown }];
}

/** Takes an act back, named by its toast; without a name the last one made here. */
export async function undo(toastId?: number): Promise<void> {
  const act = toastId === undefined ? done.at(-1) : done.find((one) => one.toast === toastId);
  if (!act) {
    say(t("undo.nothing"));
    return;
  }
  done = done.filter((one) => one !== act);
  close(act.toast);
  const problems = await eachUndone(act.decisions);
  for (const id of act.cases) mineDone.delete(id);
  const right = act.decisions.length - problems.length;
  if (act.decisions.length === 1) toast(problems[0] ?? t("undo.done"), problems[0] ? "bad" : "good");
  else toast(problems.length ? t("undo.partly", { n: right, wrong: problems.length }) : t("undo.many", { n: right }), problems.length ? "bad" : "good");
  if (right === 0) return;
  await load(true);
  const [first] = act.cases;
  if (act.cases.length === 1 && first && queue.value.rows.has(first)) open(first);
}

/** Undoes some decisions, a few at a time; what was refused, in words. */
async function eachUndone(decisions: readonly string[]): Promise<string[]> {
  const waiting = [...decisions];
  const problems: string[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await desk.undo(next).catch((error: unknown) => problems.push(said(error)));
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, work));
  return problems;
}

export function forgetActs(): void {
  done = [];
}
