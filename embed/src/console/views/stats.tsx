/** How the desk is doing: pictures, the tables behind them, and all of it as CSV. */
import type { JSX } from "preact";
import type { Stats, StatsDay, StatsRow } from "../answers";
import { serverNow } from "../clock";
import { desk } from "../desk";
import { place, refine } from "../place";
import { day, lasting, named, number, percent, t } from "../say";
import { useAnswer } from "../parts/answer";
import { Bars, Lines } from "../parts/charts";
import { Button, Failure, Head, Loading, Name, Nothing, Table } from "../parts/ui";
import { DateFilter } from "./log";

const SPANS = [7, 30, 90] as const;

function daysAgo(days: number): string {
  return new Date(serverNow() - days * 86_400_000).toISOString().slice(0, 10);
}

export function StatsView(props: { site: string }): JSX.Element {
  const { site } = props;
  const from = place.value.filters["from"] ?? daysAgo(29);
  const to = place.value.filters["to"] ?? daysAgo(0);
  const found = useAnswer(() => desk.stats(site, from, to), [site, from, to]);
  return (
    <>
      <Head title={t("stats.title")}>
        <a class="button quiet" href={desk.statsExport(site, from, to)} download>
          {t("stats.csv")}
        </a>
      </Head>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <DateFilter label={t("stats.from")} name="from" fallback={from} />
        <DateFilter label={t("stats.to")} name="to" fallback={to} />
        <div class="tools">
          {SPANS.map((span) => (
            <Button key={span} pressed={from === daysAgo(span - 1) && to === daysAgo(0)} onClick={() => refine({ from: daysAgo(span - 1), to: daysAgo(0) })}>
              {t("stats.days", { n: span })}
            </Button>
          ))}
        </div>
      </form>
      {Boolean(found.error) && <Failure error={found.error} retry={found.again} />}
      {!found.value && found.isLoading && <Loading />}
      {found.value && (found.value.days.length ? <Figures stats={found.value} /> : <Nothing>{t("stats.empty")}</Nothing>)}
    </>
  );
}

function Figures(props: { stats: Stats }): JSX.Element {
  const { days, queues, sections, moderators, agreement, agreement_by_moderator: agreements } = props.stats;
  const sum = (of: (entry: StatsDay) => number): number => days.reduce((total, entry) => total + of(entry), 0);
  const [approvals, rejections] = [sum((entry) => entry.approvals), sum((entry) => entry.rejections)];
  const labels = days.map((entry) => day(entry.day));
  const rates = days.map((entry) => (entry.approvals + entry.rejections ? (100 * entry.approvals) / (entry.approvals + entry.rejections) : null));
  const reasons = Object.entries(props.stats.reasons).toSorted(([, one], [, other]) => other - one);
  const hasComments = days.some((entry) => entry.comments !== null);
  return (
    <>
      <dl class="figures">
        {hasComments && <Figure name={t("stats.comments")} value={number(sum((entry) => entry.comments ?? 0))} />}
        <Figure name={t("stats.holds")} value={number(sum(holdsOf))} />
        <Figure name={t("stats.approval_rate")} value={percent(approvals + rejections ? approvals / (approvals + rejections) : null)} />
        <Figure name={t("stats.agreement")} value={percent(agreement.share)} />
      </dl>
      <div class="charts">
        <Lines title={t("stats.volume")} labels={labels} series={[{ name: t("stats.comments"), values: days.map((entry) => entry.comments) }, { name: t("stats.holds"), values: days.map(holdsOf) }]} />
        <Lines title={t("stats.rate_chart")} labels={labels} end={100} series={[{ name: t("stats.approval_rate"), values: rates }]} />
        {reasons.length > 0 && <Bars title={t("stats.reasons")} items={reasons.map(([code, count]) => ({ name: named("reason", code), value: count, words: number(count) }))} />}
        <Waits title={t("stats.median_queue")} rows={queues} prefix="queues" />
        <Waits title={t("stats.median_moderator")} rows={moderators} prefix="" />
      </div>
      <details class="numbers">
        <summary>{t("stats.table")}</summary>
        <Table caption={t("stats.volume")} heads={[t("stats.day"), t("stats.comments"), t("stats.holds"), t("stats.approvals"), t("stats.rejects"), t("stats.approval_rate")]}>
          {days.map((entry, index) => (
            <tr key={entry.day}>
              <th scope="row">{labels[index]}</th>
              <td>{entry.comments === null ? "–" : number(entry.comments)}</td>
              <td>{number(holdsOf(entry))}</td>
              <td>{number(entry.approvals)}</td>
              <td>{number(entry.rejections)}</td>
              <td>{percent(rates[index] === null || rates[index] === undefined ? null : (rates[index] ?? 0) / 100)}</td>
            </tr>
          ))}
        </Table>
      </details>
      <Times title={t("stats.by_moderator")} rows={moderators} prefix="" />
      <Times title={t("stats.by_queue")} rows={queues} prefix="queues" />
      <Times title={t("stats.by_section")} rows={sections} prefix="" />
      {agreements.length > 0 && (
        <Table caption={t("stats.agreement")} heads={[t("stats.name"), t("stats.looked_at"), t("stats.share"), t("stats.kappa")]}>
          {agreements.map((one) => (
            <tr key={one.key}>
              <th scope="row">
                <Name>{one.name}</Name>
              </th>
              <td>{number(one.looked_at)}</td>
              <td>{percent(one.share)}</td>
              <td>{one.kappa === null ? "–" : number(one.kappa, { maximumFractionDigits: 2 })}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

/** How long cases waited: the bar is the median, the words say both. */
function Waits(props: { title: string; rows: readonly StatsRow[]; prefix: string }): JSX.Element | null {
  const { rows, prefix } = props;
  if (rows.length === 0) return null;
  const items = rows.map((one) => ({ name: prefix ? named(prefix, one.name) : one.name, value: one.median_seconds ?? 0, words: `${lasting(one.median_seconds)} / ${lasting(one.p90_seconds)}` }));
  return <Bars title={props.title} items={items} />;
}

function holdsOf(entry: StatsDay): number {
  return entry.cases["held"] ?? 0;
}

function Figure(props: { name: string; value: string }): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}

function Times(props: { title: string; rows: readonly StatsRow[]; prefix: string }): JSX.Element | null {
  if (props.rows.length === 0) return null;
  return (
    <Table caption={props.title} heads={[t("stats.name"), t("stats.decisions"), t("stats.median"), t("stats.p90")]}>
      {props.rows.map((row) => (
        <tr key={row.key}>
          <th scope="row">
            <Name>{props.prefix ? named(props.prefix, row.name) : row.name}</Name>
          </th>
          <td>{number(row.decisions)}</td>
          <td>{lasting(row.median_seconds)}</td>
          <td>{lasting(row.p90_seconds)}</td>
        </tr>
      ))}
    </Table>
  );
}
