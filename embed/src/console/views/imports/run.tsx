/** One import: what the dry run counted, begin, how far it is, what came of it. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ImportRun } from "../../integrations";
import { office } from "../../office";
import { at } from "../../place";
import { fileSize, named, number, percent, t } from "../../say";
import { say } from "../../tell";
import { useAct } from "../../parts/act";
import { useAnswer } from "../../parts/answer";
import { Sure } from "../../parts/sure";
import { Ago, Button, Failure, Field, Head, Link, Loading, Name, Notice, When } from "../../parts/ui";
import { Counted } from "./report";

const LOOKED = 1_000;
const UNDER_WAY = new Set<ImportRun["state"]>(["receiving", "checking", "waiting", "running", "undoing"]);

export function RunView(props: { site: string; id: string }): JSX.Element {
  const { site, id } = props;
  const found = useAnswer(() => office.run(site, id), [site, id]);
  const run = found.value;
  useEffect(() => {
    if (!run || !UNDER_WAY.has(run.state)) return undefined;
    const timer = setTimeout(found.again, LOOKED);
    return () => clearTimeout(timer);
  }, [run]);
  // Each step is told once, however often one looks.
  useEffect(() => {
    if (run) say(named("importState", run.state));
  }, [run?.state]);
  return (
    <>
      <p>
        <Link to={at("imports")}>{t("imports.all")}</Link>
      </p>
      <Head title={t("imports.one")} />
      {Boolean(found.error) && <Failure error={found.error} retry={found.again} />}
      {!run && found.isLoading && <Loading />}
      {run && (
        <>
          <p class="facts">
            <b>
              <bdi>{run.file_name}</bdi>
            </b>
            <span>{fileSize(run.bytes)}</span>
            <span>{run.by === null ? t("imports.terminal") : <Name>{run.by}</Name>}</span>
            <When at={run.created_at} />
          </p>
          <Standing run={run} />
          <Acts site={site} run={run} onDone={found.set} />
          {run.state === "ready" && <Moves key={run.moves.join("\n")} site={site} run={run} onDone={found.set} />}
          {run.report ? <Counted title={t("imports.report")} report={run.report} /> : run.plan && <Counted title={t("imports.plan")} report={run.plan} isPlan />}
        </>
      )}
    </>
  );
}

function Standing(props: { run: ImportRun }): JSX.Element {
  const { run } = props;
  const share = run.total ? run.done / run.total : 0;
  return (
    <section class="card-form" aria-label={t("bulk.progress")}>
      <h2>{named("importState", run.state)}</h2>
      {run.state === "checking" && <p>{t("imports.read_so_far", { n: run.done })}</p>}
      {(run.state === "running" || run.state === "waiting" || run.state === "undoing") && (
        <>
          <progress max={Math.max(1, run.total)} value={run.done} aria-label={t("bulk.progress")} />
          <p>
            {t("bulk.of", { done: number(run.done), total: number(run.total) })} ({percent(share)})
          </p>
        </>
      )}
      {run.state === "ready" && run.plan && (
        <p>
          {run.plan.changed ? t("imports.ready") : t("imports.all_there")}{" "}
          {run.expires_at && (
            <span class="soft">
              {t("imports.kept_until")} <Ago at={run.expires_at} />
            </span>
          )}
        </p>
      )}
      {run.state === "cancelled" && <p>{t("imports.cancelled_hint")}</p>}
      {run.state === "undone" && <p>{t("imports.undone_hint")}</p>}
      {run.state === "expired" && <p>{t("imports.expired_hint")}</p>}
      {run.problem && (
        <Notice tone="bad" role="alert">
          <p lang="en" dir="ltr">
            {run.problem.detail}
            {run.problem.line !== null && ` (line ${run.problem.line}, column ${run.problem.column ?? 0})`}
          </p>
        </Notice>
      )}
    </section>
  );
}

function Acts(props: { site: string; run: ImportRun; onDone: (run: ImportRun) => void }): JSX.Element | null {
  const { site, run, onDone } = props;
  const act = useAct();
  const canBegin = run.state === "ready";
  const canStop = canBegin || (UNDER_WAY.has(run.state) && run.state !== "undoing");
  if (run.can_undo)
    return (
      <p class="tools">
        <Sure label={t("imports.undo")} words={t("imports.sure_undo")} isBusy={act.isBusy} onSure={() => void act.run(async () => onDone(await office.undoImport(site, run.id)))} />
      </p>
    );
  if (!canStop) return null;
  return (
    <p class="tools">
      {canBegin && (
        <Button kind="plain" isBusy={act.isBusy} onClick={() => void act.run(async () => onDone(await office.begin(site, run.id)))}>
          {t("imports.begin", { n: (run.plan?.comments ?? 0) + (run.plan?.tombstones ?? 0) })}
        </Button>
      )}
      <Sure label={canBegin ? t("imports.discard") : t("bulk.cancel")} words={canBegin ? t("imports.sure_discard") : t("imports.sure_stop")} isBusy={act.isBusy} onSure={() => void act.run(async () => onDone(await office.cancel(site, run.id)))} />
    </p>
  );
}

/** Rules that say where pages are now; the file is checked again with them. */
function Moves(props: { site: string; run: ImportRun; onDone: (run: ImportRun) => void }): JSX.Element {
  const { site, run, onDone } = props;
  const act = useAct();
  const [rules, setRules] = useState(run.moves.join("\n"));
  return (
    <form
      class="card-form"
      aria-label={t("imports.moves")}
      onSubmit={(event) => {
        event.preventDefault();
        void act.run(async () => onDone(await office.checkAgain(site, run.id, rules.split("\n"))));
      }}
    >
      <Field label={t("imports.moves")} hint={t("imports.moves_hint")} error={null}>
        {(field) => <textarea {...field} rows={3} dir="ltr" spellcheck={false} value={rules} onInput={(event) => setRules(event.currentTarget.value)} />}
      </Field>
      <p class="tools">
        <Button type="submit" isBusy={act.isBusy}>
          {t("imports.check_again")}
        </Button>
      </p>
    </form>
  );
}
