/** One case with all that is needed to decide it. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Action, Case, CaseContext, Comment, Revision } from "../answers";
import { desk } from "../desk";
import { differences } from "../diff";
import { onKeys } from "../keys";
import { refined } from "../filters";
import { at, place } from "../place";
import { named, number, percent, t, time } from "../say";
import * as shift from "../shift";
import { start } from "../settings";
import { useAnswer } from "../parts/answer";
import { Body, Small } from "../parts/comment";
import { RESTRICTING, Sheet } from "../parts/sheet";
import { Ago, AuthorLink, Button, Failure, Link, Loading, Name, Nothing, Notice, When } from "../parts/ui";
import { backToList } from "./queue";

type Asked = { action: Action; isQuick: boolean };

export function CasePane(props: { id: string }): JSX.Element {
  const { id } = props;
  void shift.seen.value;
  const known = shift.caseOf(id);
  // A second look is blind: what is known around the case would tell what was decided first.
  const isBlind = known?.reason === "sampled";
  const context = useAnswer<CaseContext | null>(
    () => (start.offers.has("case") && !isBlind ? desk.context(id) : Promise.resolve(null)),
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

function Open(props: { item: Case; context: CaseContext | null; problem: unknown; retry: () => void }): JSX.Element {
  const { item, context } = props;
  const { id, comment } = item;
  const [asked, setAsked] = useState<Asked | null>(null);
  const state = comment.moderation_state ?? comment.state;
  const isShown = state === "published";
  const isAppeal = item.reason === "appealed";
  const other = shift.holder(id);
  const lease = shift.leases.value.get(id);
  const note = shift.notes.value.get(id);
  const isClosed = (note?.kind === "decided" || note?.kind === "closed") && !shift.queue.value.rows.has(id);
  const ask = (action: Action): void => {
    if (RESTRICTING.has(action) && action !== "spam" && shift.reasons.value.isRequired) setAsked({ action, isQuick: true });
    else if (action === "spam" && shift.reasons.value.isRequired) {
      const code = shift.reasons.value.items.find((one) => one.code === "spam")?.code;
      if (code) void shift.decide(id, { action, reason: code });
      else setAsked({ action, isQuick: true });
    } else void shift.decide(id, { action });
  };
  const down: Action = isShown ? "remove" : isAppeal ? standing(state) : "reject";
  useEffect(
    () =>
      onKeys({
        approve: () => ask("approve"),
        reject: () => ask(down),
        spam: () => ask("spam"),
        remove: () => ask("remove"),
        restore: () => ask("restore"),
        sheet: () => setAsked({ action: down, isQuick: false }),
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
        <header>
          <h2 id="case-head" tabIndex={-1}>
            <AuthorLink person={context?.author?.person ?? item.person} name={comment.author?.name} />
          </h2>
          <p class="facts">
            <span class={`tag ${item.priority?.level ?? ""}`}>{named("reasonOf", item.reason)}</span>
            <span>
              {t("case.written")} <Ago at={comment.created_at} />
              {comment.edited_at && `, ${t("case.edited")}`}
            </span>
            <span>
              {t("case.waits")} <Ago at={item.opened_at} />
            </span>
            {isShown && <span>{t("case.is_shown")}</span>}
            {lease && Number.isFinite(lease.until) && <span class="tag mine">{t("case.until", { at: time(new Date(lease.until).toISOString()) })}</span>}
          </p>
          <p class="where">
            <a href={articleOf(item)} target="_blank" rel="noopener">
              <bdi>{item.title ?? item.url}</bdi>
            </a>
            {item.section && (
              <>
                {" · "}
                <bdi>{item.section}</bdi>
              </>
            )}
            {item.language && item.language !== "und" && ` · ${item.language}`}
          </p>
        </header>
        {other && <Notice>{t("queue.held_by", { name: other })}</Notice>}
        {note && (
          <Notice tone={note.kind === "expired" ? "plain" : "bad"}>
            <p>{shift.noteText(note)}</p>
            {note.kind === "expired" && <p>{t("lease.go_on")}</p>}
          </Notice>
        )}
        {context?.appeal && (
          <Notice>
            <h3>{t("appeal.words")}</h3>
            <p dir="auto" class="source">
              {context.appeal.text}
            </p>
            {context.statement && (
              <p class="soft">
                {t("appeal.against")} <bdi>{context.statement.title}</bdi>
                {context.statement.note && (
                  <>
                    {": "}
                    <q dir="auto">{context.statement.note}</q>
                  </>
                )}
              </p>
            )}
          </Notice>
        )}
        <Branch item={item} context={context} />
        {context && context.revisions.length > 1 && <Edits revisions={context.revisions} />}
      </div>
      <div class="acts" role="group" aria-label={t("case.decide")}>
        {isClosed || other ? (
          <p class="soft">{other ? t("queue.held_by", { name: other }) : t("case.closed")}</p>
        ) : (
          <>
            {isAppeal ? (
              <>
                <Button kind="good" command="approve" onClick={() => ask("approve")}>
                  {t("appeal.reverse")}
                </Button>
                <Button kind="danger" command="reject" onClick={() => ask(down)}>
                  {t("appeal.uphold")}
                </Button>
              </>
            ) : state === "held" || state === "shadowed" || isShown ? (
              <>
                <Button kind="good" command="approve" onClick={() => ask("approve")}>
                  {isShown ? t("case.keep") : named("action", "approve")}
                </Button>
                <Button kind="danger" command="reject" onClick={() => ask(down)}>
                  {named("action", down)}
                </Button>
              </>
            ) : (
              <Button kind="good" command="restore" onClick={() => ask("restore")}>
                {named("action", "restore")}
              </Button>
            )}
            {!isAppeal && (
              <Button command="spam" onClick={() => ask("spam")}>
                {named("action", "spam")}
              </Button>
            )}
            <Button command="sheet" onClick={() => setAsked({ action: down, isQuick: false })}>
              {t("case.more")}
            </Button>
          </>
        )}
        <Button command="skip" onClick={() => void shift.skip(id)}>
          {t("case.skip")}
        </Button>
      </div>
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

/** The action that lets an appealed decision stand. */
function standing(state: string): Action {
  return state === "rejected" ? "reject" : state === "spam" ? "spam" : "remove";
}

function actionsFor(comment: Comment, isAppeal: boolean): readonly Action[] {
  const state = comment.moderation_state ?? comment.state;
  if (isAppeal) return ["approve", standing(state)];
  if (state === "published") return ["approve", "remove", "spam", ...marks(comment)];
  if (state === "held" || state === "shadowed") return ["approve", "reject", "spam"];
  return ["restore", "spam"];
}

function marks(comment: Comment): readonly Action[] {
  const replies: Action = comment.replies_closed ? "open_replies" : "close_replies";
  if (shift.role.value === "moderator") return [replies];
  return [replies, comment.featured ? "unfeature" : "feature", comment.pinned ? "unpin" : "pin"];
}

function articleOf(item: Case): string {
  return /^https?:/i.test(item.url) ? `${item.url}#comment-${item.comment.id}` : "#";
}

/** The comment where it stands: what it answers above it, what else answers that beside it. */
function Branch(props: { item: Case; context: CaseContext | null }): JSX.Element {
  const { item, context } = props;
  const above = context?.branch.ancestors.length ? context.branch.ancestors : item.parent ? [item.parent] : [];
  return (
    <div class="branch">
      {above.length > 1 && (
        <details>
          <summary>{t("case.above", { n: above.length - 1 })}</summary>
          {above.slice(0, -1).map((one) => (
            <Small key={one.id} comment={one} />
          ))}
        </details>
      )}
      {above.slice(-1).map((one) => (
        <div class="answered" key={one.id}>
          <p class="soft">
            {t("case.answers")} <Name>{one.author?.name}</Name>
          </p>
          <Body html={one.html} />
        </div>
      ))}
      <div class="this">
        <Body html={item.comment.html} signals={item.signals} version={item.comment.version} isEdited={item.comment.edited_at !== null} />
      </div>
      {context && context.branch.siblings.length > 0 && (
        <details>
          <summary>{t("case.beside", { n: context.branch.siblings.length })}</summary>
          {context.branch.siblings.map((one) => (
            <Small key={one.id} comment={one} />
          ))}
        </details>
      )}
    </div>
  );
}

/** Two versions side by side, what differs marked in both. */
function Edits(props: { revisions: readonly Revision[] }): JSX.Element {
  const sorted = props.revisions.toSorted((one, other) => one.version - other.version);
  const [shown, setShown] = useState(sorted.length - 1);
  const before = sorted[shown - 1];
  const after = sorted[shown];
  if (!before || !after) return <></>;
  const pieces = differences(before.body, after.body);
  const side = (kind: "out" | "in"): ComponentChildren =>
    pieces.filter((piece) => piece.kind === "same" || piece.kind === kind).map((piece, index) => (piece.kind === "same" ? piece.text : kind === "out" ? <del key={index}>{piece.text}</del> : <ins key={index}>{piece.text}</ins>));
  return (
    <details class="edits">
      <summary>{t("case.edits", { n: sorted.length - 1 })}</summary>
      {sorted.length > 2 && (
        <p class="tools">
          {sorted.slice(1).map((one, index) => (
            <Button key={one.version} pressed={index + 1 === shown} onClick={() => setShown(index + 1)}>
              {number(index + 1)}
            </Button>
          ))}
        </p>
      )}
      <div class="sides">
        <div>
          <p class="soft">
            {t("case.before")} <When at={before.at} />
          </p>
          <p class="source" dir="auto">
            {side("out")}
          </p>
        </div>
        <div>
          <p class="soft">
            {t("case.after")} <When at={after.at} />
          </p>
          <p class="source" dir="auto">
            {side("in")}
          </p>
        </div>
      </div>
    </details>
  );
}

function Aside(props: { item: Case; context: CaseContext | null; problem: unknown; retry: () => void }): JSX.Element {
  const { item, context } = props;
  const record = context?.author?.counts ?? item.record;
  const states = Object.entries(record).filter(([, count]) => count > 0);
  return (
    <aside class="why" id="why" tabIndex={-1} aria-label={t("why.title")}>
      {item.reports.length > 0 && (
        <section>
          <h3>{t("why.reports")}</h3>
          <ul>
            {item.reports.map((one) => (
              <li key={one.reason}>
                {named("report", one.reason)} <span class="number">{number(one.count)}</span>
                {one.details.map((words, index) => (
                  <q key={index} dir="auto">
                    {words}
                  </q>
                ))}
              </li>
            ))}
          </ul>
        </section>
      )}
      {item.signals.length > 0 && (
        <section>
          <h3>{t("why.signals")}</h3>
          <ul>
            {item.signals.map((one, index) => (
              <li key={index}>
                <span lang="en" dir="auto">
                  {one.reason}
                </span>{" "}
                <meter min={0} max={1} value={one.score} aria-label={t("why.score", { score: number(one.score, { maximumFractionDigits: 2 }) })} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {item.priority && (
        <section>
          <h3>{t("why.priority")}</h3>
          <details>
            <summary>
              {named("level", item.priority.level)}, {t("why.due")} <Ago at={item.priority.due_at} />
            </summary>
            <ul lang="en" dir="ltr">
              {item.priority.parts.map((part) => (
                <li key={part.name}>{part.words}</li>
              ))}
            </ul>
          </details>
        </section>
      )}
      <section>
        <h3>{t("why.author")}</h3>
        {context?.author && (
          <p>
            {named("kind", context.author.kind)}, {t("author.since")} <When at={context.author.since} />
          </p>
        )}
        {states.length === 0 ? <p>{t("author.nothing")}</p> : (
          <ul class="pairs">
            {states.map(([state, count]) => (
              <li key={state}>
                {named("state", state)} <span class="number">{number(count)}</span>
              </li>
            ))}
          </ul>
        )}
        {context?.author && (
          <>
            <p>
              {t("author.rates", { approved: percent(context.author.approved), reported: percent(context.author.reported) })}
            </p>
            {context.author.sanctions.filter((one) => one.is_active).map((one) => (
              <p key={one.id} class="tag high">
                {named("sanctionKind", one.kind)}
              </p>
            ))}
            {context.author.notes.map((one) => (
              <p key={one.id} class="note">
                <q dir="auto">{one.text}</q> <Name>{one.by}</Name>
              </p>
            ))}
            <details>
              <summary>{t("author.last")}</summary>
              {context.author.last.map((one) => (
                <Small key={one.id} comment={one} />
              ))}
            </details>
          </>
        )}
      </section>
      {context && context.decisions.length > 0 && (
        <section>
          <h3>{t("why.decisions")}</h3>
          <ul class="plain">
            {context.decisions.map((one) => (
              <li key={one.id}>
                <Name>{one.by}</Name>: {named("done", one.action)} <Ago at={one.at} />
                {one.note && <q dir="auto">{one.note}</q>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {Boolean(props.problem) && <Failure error={props.problem} retry={props.retry} />}
    </aside>
  );
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

export const caseAddress = (id: string): string => `/console?${new URLSearchParams({ ...(place.value.filters["site"] ? { site: place.value.filters["site"] } : {}), case: id }).toString()}`;
