/** The queue: all open cases beside the one that lies open. Its parts are in `queue/`. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { SiteCount } from "../answers";
import { onKeys } from "../keys";
import { isLive, listen } from "../live";
import { go, place, refine } from "../place";
import { number, t } from "../say";
import * as shift from "../shift";
import { start } from "../settings";
import { say } from "../tell";
import { Button, Head, Name, Nothing } from "../parts/ui";
import { CasePane } from "./case";
import { ChosenBar } from "./queue/chosen";
import { Conflicts } from "./queue/conflicts";
import { Filters, Fresh, Searched } from "./queue/filters";
import { Rows } from "./queue/rows";

export function QueueView(props: { site: string; counts: SiteCount | null }): JSX.Element {
  useShift(props.site);
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
        <Others />
        <Filters counts={props.counts} site={props.site} />
        <Fresh />
        <Rows />
        <Searched />
        <ChosenBar />
      </section>
      <section class="pane" aria-label={t("case.title")}>
        <Conflicts />
        {id ? <CasePane id={id} key={id} /> : <Nothing>{t("queue.choose")}</Nothing>}
      </section>
    </div>
  );
}

/** Reads the queue, listens to it and answers to keys while it is looked at. */
function useShift(site: string): void {
  const { queue } = place.value.filters;
  const lane = shift.lane.value;
  const read = useRef<string | undefined>(undefined);
  useEffect(() => {
    let end: (() => void) | null = null;
    let isOver = false;
    const begin = async (): Promise<void> => {
      await shift.enter(site);
      if (isOver) return;
      read.current = shift.lane.value;
      await shift.load(true);
      if (isOver) return;
      end = listen(site, start.offers.has("live"), { heard: shift.heard, closed: shift.closedElsewhere, counted: shift.counted, poll: shift.poll });
    };
    void begin();
    return () => {
      isOver = true;
      end?.();
      void shift.giveBack();
    };
  }, [site, queue]);
  // Narrowed to one reason, its own queue is read: claims and choice stay.
  useEffect(() => {
    if (shift.site.value !== site || read.current === lane) return;
    read.current = lane;
    void shift.load(true);
  }, [lane]);
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
}

/** Who else is at the desk. */
function Others(): JSX.Element | null {
  const others = shift.others.value;
  if (others.length === 0) return null;
  return (
    <p class="others">
      {t("queue.others")}
      {others.map(([name, count]) => (
        <span key={name} class="tag other">
          <Name>{name}</Name> {number(count)}
        </span>
      ))}
    </p>
  );
}

/** Back to the list, on a phone. */
export function backToList(): void {
  if (place.value.filters["case"]) refine({ case: "" });
  else go({ ...place.value });
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".rows")?.focus());
}
