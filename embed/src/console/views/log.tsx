/** Every act of anyone with authority: searched, and handed out. */
import type { JSX } from "preact";
import type { LogEntry } from "../answers";
import { desk } from "../desk";
import { at, place, refine } from "../place";
import { dateTime, named, t } from "../say";
import { useList } from "../parts/answer";
import { AuthorLink, Button, Failure, Filter, Head, Link, Loading, Name, Nothing, Search, Table, When } from "../parts/ui";

const ACTS = [
  "approve", "reject", "spam", "remove", "restore", "feature", "close_replies", "undo",
  "sanction-imposed", "sanction-lifted", "role-given", "role-taken", "settings-changed", "rule-made", "rule-changed", "rule-deleted", "bulk-started", "bulk-cancelled", "bulk-undone",
  "queue-saved", "queue-changed", "queue-deleted", "webhook-added", "webhook-changed", "webhook-removed", "webhook-secret-made", "webhook-tested", "webhook-replayed", "hook-added", "hook-changed", "hook-removed", "hook-secret-made", "hook-tested", "key-made", "key-rotated", "key-revoked", "key-sessions-ended", "member-signed-out",
  "looked-at-person", "author-marked", "exported", "import-uploaded", "import-begun", "import-cancelled", "import-ended", "mail-link-used", "sign-in",
];

/** The beginning of a day here, or of the one after it: the log asks for moments. */
function moment(date: string | undefined, days: number): string | undefined {
  if (!date) return undefined;
  const [year = 0, month = 1, of = 1] = date.split("-").map(Number);
  const begin = new Date(year, month - 1, of + days);
  return Number.isNaN(begin.getTime()) ? undefined : begin.toISOString();
}

export function LogView(props: { site: string; isOwner: boolean }): JSX.Element {
  const { site } = props;
  const { q, by, action, since, until } = place.value.filters;
  const log = useList<LogEntry>((cursor) => desk.log({ site, q, by, action, since: moment(since, 0), until: moment(until, 1), cursor }), [site, q, by, action, since, until]);
  return (
    <>
      <Head title={t("log.title")}>
        {props.isOwner && (
          <a class="button quiet" href={desk.logExport(site)} download>
            {t("log.export")}
          </a>
        )}
      </Head>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <Search label={t("log.search")} name="q" id="search" />
        <Search label={t("log.by")} name="by" />
        <Filter label={t("log.act")} name="action" options={[["", t("filter.all")], ...ACTS.map((act) => [act, named("done", act)] as const)]} />
        <DateFilter label={t("log.since")} name="since" />
        <DateFilter label={t("log.until")} name="until" />
      </form>
      {Boolean(log.error) && <Failure error={log.error} retry={log.again} />}
      {!log.value && log.isLoading && <Loading />}
      {log.value && log.items.length === 0 && <Nothing>{t("log.empty")}</Nothing>}
      {log.items.length > 0 && (
        <Table caption={t("log.title")} isCaptionHidden heads={[t("log.when"), t("log.who"), t("log.what"), t("log.about"), t("log.note")]}>
          {log.items.map((entry) => (
            <tr key={entry.id}>
              <td class="when">
                <When at={entry.at} />
              </td>
              <td>
                <Name>{entry.by}</Name>
              </td>
              <td>{named("done", entry.action ?? entry.act ?? "")}</td>
              <td>{about(entry)}</td>
              <td>
                {entry.reason && <span class="tag">{named("reason", entry.reason)}</span>}
                {entry.note && <q dir="auto">{entry.note}</q>}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {log.further && (
        <p class="older">
          <Button onClick={() => void log.further?.()}>{t("more")}</Button>
        </p>
      )}
    </>
  );
}

export function DateFilter(props: { label: string; name: string; fallback?: string }): JSX.Element {
  return (
    <label class="filter">
      <span>{props.label}</span>
      <DateInput name={props.name} fallback={props.fallback ?? ""} />
    </label>
  );
}

function DateInput(props: { name: string; fallback: string }): JSX.Element {
  const value = place.value.filters[props.name] ?? props.fallback;
  return <input type="date" value={value.slice(0, 10)} onChange={(event) => refineDate(props.name, event.currentTarget.value)} />;
}

function refineDate(name: string, value: string): void {
  refine({ [name]: value });
}

function Subject(props: { entry: LogEntry }): JSX.Element {
  const [kind = "", id = ""] = (props.entry.subject ?? "").split(":");
  if (kind === "person") return <AuthorLink person={id} name={`${named("target", "person")} ${id.slice(-6)}`} />;
  if (kind === "bulk") return <Link to={at("bulk", id)}>{t("bulk.job")}</Link>;
  return <bdi>{props.entry.words?.["email"] ?? props.entry.subject}</bdi>;
}

function about(entry: LogEntry): JSX.Element {
  const detail = entry.comment ? [] : Object.entries(entry.detail ?? {}).filter(([key, value]) => key !== "reason" && (typeof value !== "object" || Array.isArray(value)) && !/^(\d{12,})?$/.test(String(value)));
  return (
    <>
      {entry.comment && (
        <span class="soft">
          {t("log.comment")} <bdi dir="ltr">{entry.comment}</bdi>
        </span>
      )}{" "}
      {entry.state_before && entry.state_after && entry.state_before !== entry.state_after && (
        <span>
          {named("state", entry.state_before)} → {named("state", entry.state_after)}
        </span>
      )}
      {!entry.comment && entry.subject && entry.subject !== "site" && <Subject entry={entry} />}
      {detail.length > 0 && (
        <span class="soft" dir="ltr">
          {" "}
          {detail.map(([key, value]) => `${key}: ${typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? dateTime(value) : String(value)}`).join(", ")}
        </span>
      )}
    </>
  );
}
