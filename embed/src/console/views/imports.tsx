/** Bringing in what was written elsewhere: upload a file, see what would come of it, let it run. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Refusal } from "../call";
import { office } from "../office";
import { at, go } from "../place";
import { fileSize, named, number, percent, t } from "../say";
import { useList } from "../parts/answer";
import { Button, Failure, Field, Head, Link, Loading, Name, Nothing, Notice, Table, When } from "../parts/ui";
import { RunView } from "./imports/run";

export function ImportsView(props: { site: string; run: string }): JSX.Element {
  const { site, run } = props;
  return run ? <RunView key={run} site={site} id={run} /> : <All site={site} />;
}

function All(props: { site: string }): JSX.Element {
  const { site } = props;
  const list = useList((cursor) => office.imports(site, cursor), [site]);
  return (
    <>
      <Head title={t("imports.title")}>
        <p class="count">{t("imports.about")}</p>
        <a class="button" href={office.commentsExport(site)} download>
          {t("imports.export")}
        </a>
      </Head>
      <Upload site={site} />
      {Boolean(list.error) && <Failure error={list.error} retry={list.again} />}
      {!list.value && list.isLoading && <Loading />}
      {list.value && list.items.length === 0 && <Nothing>{t("imports.empty")}</Nothing>}
      {list.items.length > 0 && (
        <Table caption={t("imports.earlier")} heads={[t("log.when"), t("imports.file"), t("webhooks.state"), t("imports.comments"), t("log.who")]}>
          {list.items.map((one) => (
            <tr key={one.id}>
              <td class="when">
                <Link to={at("imports", one.id)}>
                  <When at={one.created_at} />
                </Link>
              </td>
              <th scope="row">
                <bdi>{one.file_name}</bdi> <span class="soft">{fileSize(one.bytes)}</span>
              </th>
              <td>{named("importState", one.state)}</td>
              <td>{one.report ? number(one.report.comments + one.report.tombstones) : "–"}</td>
              <td>{one.by === null ? t("imports.terminal") : <Name>{one.by}</Name>}</td>
            </tr>
          ))}
        </Table>
      )}
      {list.further && (
        <p class="older">
          <Button onClick={() => void list.further?.()}>{t("more")}</Button>
        </p>
      )}
    </>
  );
}

function Upload(props: { site: string }): JSX.Element {
  const [file, setFile] = useState<File | null>(null);
  const [part, setPart] = useState<number | null>(null);
  const [problem, setProblem] = useState<{ words: string; run: string | null } | null>(null);
  const sending = useRef<AbortController | null>(null);
  useEffect(() => () => sending.current?.abort(), []);
  const send = async (): Promise<void> => {
    if (!file || part !== null) return;
    const mine = (sending.current = new AbortController());
    setProblem(null);
    setPart(0);
    try {
      const run = await office.upload(props.site, file, setPart, mine.signal);
      go(at("imports", run.id));
    } catch (error) {
      if (mine.signal.aborted) return setPart(null);
      const under = error instanceof Refusal ? (error.problem as { run?: string }).run : undefined;
      setProblem({ words: error instanceof Refusal && error.kind === "offline" ? t("error.offline") : error instanceof Error ? error.message : String(error), run: under ?? null });
      setPart(null);
    }
  };
  return (
    <form
      class="card-form"
      aria-label={t("imports.new")}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Field label={t("imports.choose")} hint={t("imports.choose_hint")} error={problem?.words ?? null}>
        {(field) => <input {...field} type="file" onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} />}
      </Field>
      {problem?.run && (
        <Notice tone="bad">
          <Link to={at("imports", problem.run)}>{t("imports.under_way")}</Link>
        </Notice>
      )}
      {part !== null && (
        <div role="status">
          <label>
            {t("imports.sending", { share: percent(part) })}
            <progress max={1} value={part} />
          </label>
        </div>
      )}
      <p class="tools">
        <Button type="submit" kind="plain" isBusy={!file || part !== null}>
          {t("imports.upload")}
        </Button>
        {part !== null && <Button onClick={() => sending.current?.abort()}>{t("cancel")}</Button>}
      </p>
      <p class="hint">{t("imports.nothing_yet")}</p>
    </form>
  );
}
