/** The queue: all open cases beside the one that lies open. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Action, SavedQueue, SiteCount } from "../answers";
import { desk } from "../desk";
import { onKeys } from "../keys";
import { isLive, listen } from "../live";
import { refined } from "../filters";
import { go, place, refine } from "../place";
import { named, number, t } from "../say";
import * as shift from "../shift";
import { start } from "../settings";
import { say } from "../tell";
import { Sheet } from "../parts/sheet";
import { Ago, Button, Failure, Filter, Head, Loading, Name, Nothing, Notice, Search } from "../parts/ui";
import { VirtualList } from "../parts/virtual";
import { CasePane } from "./case";

const LEVELS = ["high", "medium", "low"] as const;

export function QueueView(props: { site: string; counts: SiteCount | null }): JSX.Element {
  const { queue: chosenQueue } = place.value.filters;
  useEffect(() => {
    let end: (() => void) | null = null;
    let isOver = false;
    const begin = async (): Promise<void> => {
      await shift.enter(props.site);
      if (isOver) return;
      await shift.load(true);
      if (isOver) return;
      end = listen(props.site, start.offers.has("live"), { heard: shift.heard, closed: shift.closedElsewhere, counted: shift.counted, poll: shift.poll });
    };
    void begin();
    return () => {
      isOver = true;
      end?.();
      void shift.giveBack();
    };
  }, [props.site, chosenQueue]);
  useEffect(
    () =>
      onKeys({
        next: () => shift.move(1),
        previous: () => shift.move(-1),
        take: () => void shift.take(),
        undo: () => void shift.undo(),
        search: () => document.getElementById("search")?.focus(),
        release: () => void shift.giveBack().then(() => say(t("queue.given_back"))),
        select: () => shift.current.value && shift.toggle(shift.current.value),
      }),
    [],
  );
  const id = shift.current.value;
  return (
    <div class={`queue${id ? " has-case" : ""}`}>
      <section class="list" aria-label={t("queue.title")}>
        <Head title={t("queue.title")}>
          <p class="count" aria-live="off">
            {t("queue.open", { n: shift.queue.value.open })}
          </p>
          <span class={`live${isLive.value ? " on" : ""}`}>{isLive.value ? t("queue.live") : t("queue.polling")}</span>
        </Head>
        <div class="tools">
          <Button kind="plain" command="take" onClick={() => void shift.take()}>
            {t("queue.take")}
          </Button>
          {shift.leases.value.size > 0 && (
            <Button command="release" onClick={() => void shift.giveBack()}>
              {t("queue.give_back", { n: shift.leases.value.size })}
            </Button>
          )}
        </div>
        <Filters counts={props.counts} site={props.site} />
        <Fresh />
        <Rows />
        <ChosenBar />
      </section>
      <section class="pane" aria-label={t("case.title")}>
        <Conflicts />
        {id ? <CasePane id={id} key={id} /> : <Nothing>{t("queue.choose")}</Nothing>}
      </section>
    </div>
  );
}

function Filters(props: { counts: SiteCount | null; site: string }): JSX.Element {
  const queues = shift.counts.value.length ? shift.counts.value : (props.counts?.queues ?? []);
  const [saved, setSaved] = useState<readonly SavedQueue[]>([]);
  useEffect(() => {
    if (!start.offers.has("queues")) return;
    desk.queues(props.site).then(
      ({ items }) => setSaved(items),
      () => undefined,
    );
  }, [props.site]);
  const options: (readonly [string, string])[] = queues.length
    ? queues.map((one) => [one.id === "all" || one.name === "all" ? "" : one.id, `${named("queues", one.name)} (${number(one.open)})`] as const)
    : saved.map((one) => [one.name === "all" ? "" : one.id, named("queues", one.name)] as const);
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Search label={t("queue.search")} name="q" id="search" />
      {options.length > 0 && <Filter label={t("queue.queue")} name="queue" options={options.some(([value]) => value === "") ? options : [["", t("filter.all")], ...options]} />}
      <Filter
        label={t("queue.reason")}
        name="reason"
        options={[["", t("filter.all")], ...["held", "reported", "appealed", "sampled", "reopened"].map((one) => [one, named("reasonOf", one)] as const)]}
      />
      <Filter label={t("queue.level")} name="level" options={[["", t("filter.all")], ...LEVELS.map((one) => [one, named("level", one)] as const)]} />
    </form>
  );
}

function Fresh(): JSX.Element | null {
  const { fresh } = shift.queue.value;
  return fresh > 0 ? (
    <button type="button" class="fresh" onClick={() => void shift.load(true)}>
      {t("queue.fresh", { n: fresh })}
    </button>
  ) : null;
}

function Rows(): JSX.Element {
  const ids = shift.shown.value;
  const { rows, open, isComplete } = shift.queue.value;
  const isNarrowed = ids !== shift.queue.value.order;
  if (shift.failure.value && ids.length === 0) return <Failure error={new Error(shift.failure.value)} retry={() => void shift.load(true)} />;
  if (ids.length === 0) return shift.isLoading.value || !shift.site.value ? <Loading /> : <Nothing>{isNarrowed ? t("queue.none_match") : t("queue.empty")}</Nothing>;
  // Rows that were not read yet have their place, so that the bar tells how long the queue is.
  const count = isComplete || isNarrowed ? ids.length : Math.max(ids.length, open);
  const current = shift.current.value;
  return (
    <VirtualList
      label={t("queue.title")}
      count={count}
      active={current ? ids.indexOf(current) : -1}
      id={(index) => `row-${ids[index] ?? `later-${index}`}`}
      isChosen={(index) => shift.chosen.value.has(ids[index] ?? "")}
      onMove={(index) => void moveTo(index)}
      onOpen={(index) => {
        if (!ids[index]) return;
        shift.open(ids[index], !matchMedia("(min-width: 64rem)").matches);
        if (!matchMedia("(min-width: 64rem)").matches) requestAnimationFrame(() => document.getElementById("case-head")?.focus());
      }}
      onToggle={(index) => ids[index] && shift.toggle(ids[index])}
      onSeen={(last) => void shift.reach(last + 1)}
      row={(index) => {
        const row = rows.get(ids[index] ?? "");
        if (!row) return <span class="later" aria-label={t("loading")} />;
        const mine = shift.isMine(row.id);
        const other = shift.holder(row.id);
        return (
          <>
            <span class="tick" aria-hidden="true" />
            <span class={`what${mine ? " mine" : ""}`}>
              <span class="line">
                <b>
                  <Name>{row.author}</Name>
                </b>
                <span class="tags">
                  {mine && <span class="tag mine">{t("row.mine")}</span>}
                  {other && (
                    <span class="tag other">
                      <bdi>{other}</bdi>
                    </span>
                  )}
                  {row.level === "high" && <span class="tag high">{named("level", "high")}</span>}
                  <span class="tag">{named("reasonOf", row.reason)}</span>
                </span>
              </span>
              <span class="excerpt" dir="auto">
                {row.excerpt}
              </span>
              <span class="line soft">
                <bdi class="of">{row.section ? `${row.section} · ${row.title}` : row.title}</bdi>
                <Ago at={row.opened} />
              </span>
            </span>
          </>
        );
      }}
    />
  );
}

/** To a row by its place, which may first have to be read. */
async function moveTo(index: number): Promise<void> {
  await shift.reach(index);
  const ids = shift.shown.value;
  const id = ids[Math.min(index, ids.length - 1)];
  if (id) shift.open(id);
}

/** What is done with the cases that are chosen, on however many pages they stand. */
function ChosenBar(): JSX.Element | null {
  const [action, setAction] = useState<Action | null>(null);
  const ids = [...shift.chosen.value];
  if (ids.length === 0) return null;
  const act = (wanted: Action): void => {
    const needsReason = wanted !== "approve" && shift.reasons.value.isRequired;
    if (needsReason) setAction(wanted);
    else void shift.decideMany(ids, { action: wanted });
  };
  return (
    <div class="chosen" role="group" aria-label={t("select.title")}>
      <p>{t("select.count", { n: ids.length })}</p>
      <div class="tools">
        <Button kind="good" onClick={() => act("approve")}>
          {named("action", "approve")}
        </Button>
        <Button kind="danger" onClick={() => act("reject")}>
          {named("action", "reject")}
        </Button>
        <Button onClick={() => act("spam")}>{named("action", "spam")}</Button>
        <Button onClick={() => (shift.chosen.value = new Set(shift.shown.value))}>{t("select.all", { n: shift.shown.value.length })}</Button>
        <Button onClick={() => (shift.chosen.value = new Set())}>{t("select.clear")}</Button>
      </div>
      {action && (
        <Sheet
          title={t("select.count", { n: ids.length })}
          actions={[action]}
          action={action}
          canSanction={false}
          onClose={() => setAction(null)}
          onMade={(made) => {
            setAction(null);
            void shift.decideMany(ids, made);
          }}
        />
      )}
    </div>
  );
}

function Conflicts(): JSX.Element {
  return (
    <>
      {shift.conflicts.value.map(({ id, note, item }) => (
        <Notice tone="bad" key={id}>
          <h2>{t("conflict.title")}</h2>
          <p>{shift.noteText(note)}</p>
          {item?.comment.html && (
            <blockquote>
              <p class="facts">
                <b>
                  <Name>{item.comment.author?.name}</Name>
                </b>{" "}
                {t("conflict.now", { state: named("state", item.comment.state) })}
              </p>
              <div class="body" dir="auto" dangerouslySetInnerHTML={{ __html: item.comment.html }} />
            </blockquote>
          )}
          <div class="tools">
            {shift.queue.value.rows.has(id) && (
              <Button
                onClick={() => {
                  shift.closeConflict(id);
                  shift.open(id);
                }}
              >
                {t("conflict.look")}
              </Button>
            )}
            <Button onClick={() => shift.closeConflict(id)}>{t("close")}</Button>
          </div>
        </Notice>
      ))}
    </>
  );
}

/** Back to the list, on a phone. */
export function backToList(): void {
  if (place.value.filters["case"]) refine({ case: "" });
  else go(refined(place.value, {}));
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".rows")?.focus());
}
