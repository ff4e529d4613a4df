/** What the list is narrowed to, as it stands in the address. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { SavedQueue, SiteCount } from "../../answers";
import { desk } from "../../desk";
import { inOrder } from "../../order";
import { at, place } from "../../place";
import { named, number, t } from "../../say";
import * as shift from "../../shift";
import { queueOrder, start } from "../../settings";
import { Button, Filter, Link, Search } from "../../parts/ui";

const LEVELS = ["high", "medium", "low"] as const;
const REASONS = ["held", "reported", "appealed", "sampled", "reopened"] as const;

export function Filters(props: { counts: SiteCount | null; site: string }): JSX.Element {
  const saved = useSaved(props.site);
  const counted = shift.counts.value.length ? shift.counts.value : (props.counts?.queues ?? []);
  const known: readonly { id: string; name: string; open?: number }[] = counted.length ? counted : saved;
  const options = inOrder(known, queueOrder.value[props.site]).map(
    (one) => [one.id === "all" ? "" : one.id, one.open === undefined ? nameOf(one) : `${nameOf(one)} (${number(one.open)})`] as const,
  );
  const all = [["", t("filter.all")]] as const;
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Search label={t("queue.search")} name="q" id="search" />
      {options.length > 0 && <Filter label={t("queue.queue")} name="queue" options={options.some(([value]) => value === "") ? options : [...all, ...options]} />}
      <Filter label={t("queue.reason")} name="reason" options={[...all, ...REASONS.map((one) => [one, named("reasonOf", one)] as const)]} />
      <Filter label={t("queue.level")} name="level" options={[...all, ...LEVELS.map((one) => [one, named("level", one)] as const)]} />
      {start.offers.has("queues") && (
        <Link to={at("queues")} class="manage">
          {t("queues.title")}
        </Link>
      )}
    </form>
  );
}

/** A queue that everybody has is called as in the reader's language, a saved one as it was saved. */
export function nameOf(one: { id: string; name: string }): string {
  return /^\d+$/.test(one.id) ? one.name : named("queues", one.name);
}

function useSaved(site: string): readonly SavedQueue[] {
  const [saved, setSaved] = useState<readonly SavedQueue[]>([]);
  useEffect(() => {
    if (!start.offers.has("queues")) return;
    desk.queues(site).then(
      ({ items }) => setSaved(items),
      () => undefined,
    );
  }, [site]);
  return saved;
}

export function Fresh(): JSX.Element | null {
  const { fresh } = shift.queue.value;
  return fresh > 0 ? (
    <button type="button" class="fresh" onClick={() => void shift.load(true)}>
      {t("queue.fresh", { n: fresh })}
    </button>
  ) : null;
}

/** How far a narrowed list was looked through. A screenful is looked for by itself, more when one asks. */
export function Searched(): JSX.Element | null {
  const { order, open, isComplete } = shift.queue.value;
  const isNarrowed = shift.shown.value !== order;
  const { reason, level, q } = place.value.filters;
  const hasSome = order.length > 0;
  useEffect(() => {
    if (isNarrowed && hasSome) void shift.searchOn();
  }, [isNarrowed, hasSome, reason, level, q]);
  if (!isNarrowed || isComplete || !hasSome) return null;
  return (
    <p class="searched">
      <span>{t("queue.searched", { n: order.length, of: number(open) })}</span>
      <Button isBusy={shift.isLoading.value} onClick={() => void shift.searchOn(true)}>
        {t("queue.search_on")}
      </Button>
    </p>
  );
}
