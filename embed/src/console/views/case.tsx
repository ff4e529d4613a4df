/** One case with all that is needed to decide it. Its parts are in `case/`. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Action, Case, CaseContext } from "../answers";
import { desk } from "../desk";
import { onKeys } from "../keys";
import { refined } from "../filters";
import { at } from "../place";
import { t } from "../say";
import * as shift from "../shift";
import { start } from "../settings";
import { useAnswer } from "../parts/answer";
import { RESTRICTING, Sheet } from "../parts/sheet";
import { Button, Failure, Link, Loading, Nothing } from "../parts/ui";
import { Acts, actionsFor, downOf } from "./case/acts";
import { Aside } from "./case/aside";
import { Branch } from "./case/branch";
import { Edits } from "./case/edits";
import { AppealNotice, articleOf, CaseHead, Standing } from "./case/head";
import { backToList } from "./queue";

const MOMENT = 80;

type Asked = { action: Action; isQuick: boolean };

export function CasePane(props: { id: string }): JSX.Element {
  const { id } = props;
  void shift.seen.value;
  const known = shift.caseOf(id);
  // A second look is blind: what is known around the case would tell what was decided first.
  const isBlind = known?.reason === "sampled";
  const stayed = useStayed();
  const context = useAnswer<CaseContext | null>(
    async () => (start.offers.has("case") && !isBlind && (await stayed()) ? await desk.context(id) : null),
    [id, known?.comment.version ?? 0],
  );
  useEffect(() => {
    if (context.value) shift.keep([shift.caseIn(context.value, shift.caseOf(id))]);
  }, [context.value]);
  const item = known ?? (context.value ? shift.caseIn(context.value) : null);
  if (!item) {
    if (context.isLoading || shift.isLoading.value) return <Loading />;
    return context.error ? <Failure error={context.error} retry={context.again} /> : <Nothing>{t("case.gone")}</Nothing>;
  }
  return <Open item={item} context={context.value} problem={context.error} retry={context.again} />;
}

/** Whether one is still here after a moment: who passes by with the arrow keys does not ask for everything. */
function useStayed(): () => Promise<boolean> {
  const isHere = useRef(true);
  useEffect(() => () => void (isHere.current = false), []);
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, MOMENT));
    return isHere.current;
  };
}

function Open(props: { item: Case; context: CaseContext | null; problem: unknown; retry: () => void }): JSX.Element {
  const { item, context } = props;
  const { id, comment } = item;
  const [asked, setAsked] = useState<Asked | null>(null);
  const isAppeal = item.reason === "appealed";
  const note = shift.notes.value.get(id);
  const isClosed = (note?.kind === "decided" || note?.kind === "closed") && !shift.queue.value.rows.has(id);
  const down = downOf(comment, isAppeal);
  const ask = (action: Action): void => {
    const code = codeFor(action);
    if (code === null) setAsked({ action, isQuick: true });
    else void shift.decide(id, { action, ...(code ? { reason: code } : {}) });
  };
  const more = (): void => setAsked({ action: down, isQuick: false });
  useEffect(
    () =>
      onKeys({
        approve: () => ask("approve"),
        reject: () => ask(down),
        spam: () => ask("spam"),
        remove: () => ask("remove"),
        restore: () => ask("restore"),
        sheet: more,
        skip: () => void shift.skip(id),
        context: () => document.getElementById("why")?.focus(),
        article: () => void window.open(articleOf(item), "_blank", "noopener"),
      }),
    [id, down],
  );
  return (
    <article class="case" aria-labelledby="case-head">
      <div class="reading">
        <p class="back">
          <Button onClick={backToList}>{t("case.back")}</Button>
        </p>
        <CaseHead item={item} context={context} />
        <Standing id={id} />
        {context && <AppealNotice context={context} />}
        <Branch item={item} context={context} />
        {context && context.revisions.length > 1 && <Edits revisions={context.revisions} />}
      </div>
      <Acts id={id} comment={comment} isAppeal={isAppeal} isClosed={isClosed} ask={ask} more={more} />
      <Aside item={item} context={context} problem={props.problem} retry={props.retry} />
      {asked && (
        <Sheet
          title={t("sheet.title", { name: comment.author?.name ?? t("author.unknown") })}
          actions={asked.isQuick ? [asked.action] : actionsFor(comment, isAppeal)}
          action={asked.action}
          isQuick={asked.isQuick}
          canSanction={start.offers.has("sanctions")}
          onClose={() => setAsked(null)}
          onMade={(made) => {
            setAsked(null);
            void shift.decide(id, made);
          }}
        />
      )}
    </article>
  );
}

/** The reason a decision made by one key has: none, spam's own, or null when the moderator has to choose. */
function codeFor(action: Action): string | null {
  const { isRequired, items } = shift.reasons.value;
  if (!isRequired || !RESTRICTING.has(action)) return "";
  return action === "spam" ? (items.find((one) => one.code === "spam")?.code ?? null) : null;
}

/** A case by its address, say from the log. */
export function CaseView(props: { id: string }): JSX.Element {
  return (
    <>
      <p>
        <Link to={refined(at("queue"), {})}>{t("case.to_queue")}</Link>
      </p>
      {props.id ? <CasePane id={props.id} key={props.id} /> : <Nothing>{t("case.gone")}</Nothing>}
    </>
  );
}
