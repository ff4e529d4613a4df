/** A site's discussions: found, closed, locked; for owners also named, moved, merged, remapped and purged. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { at, place } from "../place";
import { publishers, type Thread, type ThreadState } from "../publishers";
import { named, number, t } from "../say";
import { linesOf } from "../schema";
import { useAct } from "../parts/act";
import { useAnswer, useList } from "../parts/answer";
import { Button, Choice, Failure, Field, Filter, Head, Link, Loading, Nothing, Search, Table, Text, When } from "../parts/ui";
import { Jobs, useJobs } from "./threads/jobs";

const STATES = ["open", "closed", "locked"] as const;

export function ThreadsView(props: { site: string; id: string; isOwner: boolean }): JSX.Element {
  return props.id ? <One key={props.id} {...props} /> : <All {...props} />;
}

function All(props: { site: string; isOwner: boolean }): JSX.Element {
  const { site, isOwner } = props;
  const { q, state } = place.value.filters;
  const list = useList((cursor) => publishers.threads(site, { q, state, cursor }), [site, q, state]);
  const jobs = useJobs(site, isOwner);
  return (
    <>
      <Head title={t("publish.threads")} />
      <div class="filters">
        <Search label={t("publish.search")} name="q" />
        <Filter label={t("webhooks.state")} name="state" options={STATES.map((one) => [one, named("threadState", one)] as const)} />
      </div>
      {Boolean(list.error) && <Failure error={list.error} retry={list.again} />}
      {!list.value && list.isLoading && <Loading />}
      {list.value && list.items.length === 0 && !list.further && <Nothing>{t("publish.none")}</Nothing>}
      {list.items.length > 0 && (
        <Table caption={t("publish.threads")} isCaptionHidden heads={[t("publish.thread"), t("webhooks.state"), t("imports.comments"), t("log.when")]}>
          {list.items.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                <Link to={at("threads", one.id)}>
                  <bdi>{one.title ?? one.url}</bdi>
                </Link>
              </th>
              <td>{named("threadState", one.state)}</td>
              <td>{number(one.comment_count)}</td>
              <td class="when">
                <When at={one.created_at} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {list.further && (
        <p class="older">
          <Button onClick={() => void list.further?.()}>{t("more")}</Button>
        </p>
      )}
      {isOwner && <Remap site={site} onPlanned={jobs.again} />}
      {isOwner && <Jobs site={site} jobs={jobs} />}
    </>
  );
}

function Remap(props: { site: string; onPlanned: () => void }): JSX.Element {
  const [rule, setRule] = useState("prefix");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const act = useAct();
  const plan = (): Promise<unknown> => (rule === "csv" ? (file ? publishers.planList(props.site, file) : Promise.resolve()) : publishers.plan(props.site, "remap", { rule, from, to }));
  return (
    <form
      class="card-form"
      aria-label={t("publish.remap")}
      onSubmit={(event) => {
        event.preventDefault();
        void act.run(plan).then((done) => done && props.onPlanned());
      }}
    >
      <h2>{t("publish.remap")}</h2>
      <div class="fields">
        <Choice label={t("publish.rule")} value={rule} onChange={setRule} options={["prefix", "host", "pattern", "csv"].map((one) => [one, named("remapRule", one)] as const)} />
        {rule === "csv" ? (
          <Field label={t("publish.csv")} hint={t("publish.csv_hint")} error={act.error("csv")}>
            {(field) => <input {...field} type="file" accept=".csv,text/csv" onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} />}
          </Field>
        ) : (
          <>
            <Text label={t("publish.from")} dir="ltr" value={from} onInput={setFrom} error={act.error("from")} />
            <Text label={t("publish.to")} dir="ltr" value={to} onInput={setTo} error={act.error("to")} hint={rule === "pattern" ? t("publish.groups") : undefined} />
          </>
        )}
      </div>
      <Button type="submit" kind="plain" isBusy={act.isBusy}>
        {t("publish.plan")}
      </Button>
    </form>
  );
}

function One(props: { site: string; id: string; isOwner: boolean }): JSX.Element {
  const { site, id, isOwner } = props;
  const found = useAnswer(() => publishers.thread(site, id), [site, id]);
  const jobs = useJobs(site, isOwner);
  const thread = found.value;
  return (
    <>
      <p>
        <Link to={at("threads")}>{t("publish.all")}</Link>
      </p>
      <Head title={thread?.title ?? t("publish.thread")} />
      {Boolean(found.error) && <Failure error={found.error} retry={found.again} />}
      {thread && (
        <>
          <p class="facts">
            <a href={thread.url} rel="noreferrer" dir="ltr">
              {thread.url}
            </a>
            <span>{t("publish.comments", { n: thread.comment_count })}</span>
            <b>{named("threadState", thread.state)}</b>
          </p>
          <State site={site} thread={thread} onDone={found.set} />
          {isOwner && <Edit key={thread.url} site={site} thread={thread} onDone={found.set} />}
          <h2>{t("publish.addresses")}</h2>
          <ul dir="ltr">{thread.addresses?.map((one) => <li key={one}>{one}</li>)}</ul>
          {isOwner && <Plan site={site} thread={thread} onPlanned={jobs.again} />}
          {isOwner && <Jobs site={site} jobs={jobs} />}
        </>
      )}
    </>
  );
}

function State(props: { site: string; thread: Thread; onDone: (thread: Thread) => void }): JSX.Element {
  const act = useAct();
  const set = (state: ThreadState) => void act.run(async () => props.onDone(await publishers.change(props.site, props.thread.id, { state })), t("saved"));
  return (
    <p class="tools">
      {STATES.filter((one) => one !== props.thread.state).map((one) => (
        <Button key={one} isBusy={act.isBusy} onClick={() => set(one)}>
          {named("threadAct", one)}
        </Button>
      ))}
    </p>
  );
}

function Edit(props: { site: string; thread: Thread; onDone: (thread: Thread) => void }): JSX.Element {
  const { thread } = props;
  const [title, setTitle] = useState(thread.title ?? "");
  const [url, setUrl] = useState(thread.url);
  const act = useAct();
  return (
    <form
      class="card-form"
      aria-label={t("publish.edit")}
      onSubmit={(event) => {
        event.preventDefault();
        void act.run(async () => props.onDone(await publishers.change(props.site, thread.id, { title, ...(url === thread.url ? {} : { url }) })), t("saved"));
      }}
    >
      <div class="fields">
        <Text label={t("publish.title")} value={title} onInput={setTitle} error={act.error("title")} />
        <Text label={t("publish.url")} dir="ltr" value={url} onInput={setUrl} error={act.error("url")} hint={t("publish.url_hint")} />
      </div>
      <Button type="submit" kind="plain" isBusy={act.isBusy}>
        {t("save")}
      </Button>
    </form>
  );
}

/** Merging and purging are planned here and begun below, when one has seen what they come to. */
function Plan(props: { site: string; thread: Thread; onPlanned: () => void }): JSX.Element {
  const { site, thread } = props;
  const [into, setInto] = useState("");
  const act = useAct();
  const plan = (what: () => Promise<unknown>): void => void act.run(what).then((done) => done && props.onPlanned());
  const merge = async (): Promise<unknown> => {
    const [wanted = ""] = linesOf(into);
    const there = /^\d+$/.test(wanted) ? wanted : (await publishers.threads(site, { url: wanted })).items[0]?.id;
    return publishers.plan(site, "merge", { thread: thread.id, into: there ?? "0" });
  };
  return (
    <form
      class="card-form"
      aria-label={t("publish.merge")}
      onSubmit={(event) => {
        event.preventDefault();
        plan(merge);
      }}
    >
      <Text label={t("publish.into")} dir="ltr" value={into} onInput={setInto} error={act.error("into") ?? act.error("thread") ?? act.error("url")} />
      <p class="tools">
        <Button type="submit" kind="plain" isBusy={act.isBusy}>
          {t("publish.plan_merge")}
        </Button>
        <Button kind="danger" isBusy={act.isBusy} onClick={() => plan(() => publishers.plan(site, "purge", { thread: thread.id }))}>
          {t("publish.plan_purge")}
        </Button>
      </p>
    </form>
  );
}
