/** Many comments at once: filter, look, one job, its progress, and back again. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Action, BulkJob, BulkPreview } from "../answers";
import { Refusal } from "../call";
import { desk } from "../desk";
import { at, go, place } from "../place";
import { named, number, t } from "../say";
import { toast } from "../tell";
import { useAnswer } from "../parts/answer";
import { Small } from "../parts/comment";
import { reasonTitle } from "../parts/sheet";
import { Ago, Button, Choice, Failure, Head, Link, Loading, Name, Nothing, Notice, Table, Text } from "../parts/ui";

const FIELDS = ["word", "author", "address", "host", "thread", "after", "before", "min_score", "max_score"] as const;
const ACTIONS: readonly Action[] = ["reject", "spam", "remove", "approve", "restore"];
const STATES = ["", "published", "held", "rejected", "spam", "removed"];

export function BulkView(props: { site: string; job: string }): JSX.Element {
  return props.job ? <Job id={props.job} key={props.job} /> : <New site={props.site} key={props.site} />;
}

function New(props: { site: string }): JSX.Element {
  const { site } = props;
  const { filters } = place.value;
  const [draft, setDraft] = useState<Record<string, string>>(() => Object.fromEntries([...FIELDS, "state"].map((name) => [name, filters[name] ?? ""])));
  const [preview, setPreview] = useState<BulkPreview | null>(null);
  const [problem, setProblem] = useState<{ field: string; words: string } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [action, setAction] = useState<string>("reject");
  const [reason, setReason] = useState("");
  const [note, setNote] = useState("");
  const jobs = useAnswer(() => desk.jobs(site), [site]);
  const reasons = useAnswer(() => desk.reasons(site).catch(() => ({ items: [] })), [site]);
  const set = (name: string, value: string): void => {
    setDraft({ ...draft, [name]: value });
    setPreview(null);
    setProblem(null);
  };
  const filter = (): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(draft)
        .filter(([, value]) => value.trim() !== "")
        .map(([name, value]) => [name, name.endsWith("_score") ? Number(value) : name === "after" || name === "before" ? new Date(value).toISOString() : value.trim()]),
    );
  const run = async (act: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    try {
      await act();
    } catch (error) {
      if (error instanceof Refusal && error.problem.field) setProblem({ field: error.problem.field, words: error.message });
      else toast(error instanceof Error ? error.message : String(error), "bad");
    } finally {
      setBusy(false);
    }
  };
  const error = (name: string): string | null => (problem && (problem.field === name || problem.field.endsWith(`.${name}`)) ? problem.words : null);
  return (
    <>
      <Head title={t("bulk.title")}>
        <p class="count">{t("bulk.about")}</p>
      </Head>
      <form
        class="card-form"
        role="search"
        aria-label={t("bulk.filter")}
        onSubmit={(event) => {
          event.preventDefault();
          go(at("bulk", "", draft), true);
          void run(async () => setPreview(await desk.preview(site, filter())));
        }}
      >
        <div class="fields">
          {FIELDS.map((name) => (
            <Text
              key={name}
              label={named("bulkField", name)}
              hint={name === "address" ? t("bulk.address_hint") : name === "author" ? t("bulk.author_hint") : undefined}
              type={name === "after" || name === "before" ? "datetime-local" : "text"}
              value={draft[name] ?? ""}
              onInput={(value) => set(name, value)}
              error={error(name)}
            />
          ))}
          <Choice label={t("bulk.state")} value={draft["state"] ?? ""} onChange={(value) => set("state", value)} options={STATES.map((state) => [state, state ? named("state", state) : t("filter.all")] as const)} error={error("state")} />
        </div>
        {problem && !FIELDS.some((name) => error(name)) && <p class="problem">{problem.words}</p>}
        <p class="tools">
          <Button type="submit" kind="plain" isBusy={isBusy}>
            {t("bulk.preview")}
          </Button>
        </p>
      </form>
      {preview && (
        <section class="card-form" aria-label={t("bulk.preview")}>
          <Notice role="status">
            <b>{t("bulk.found", { n: preview.count })}</b>
            {!preview.is_whole && <p>{t("bulk.not_whole", { n: preview.looked_at })}</p>}
          </Notice>
          {preview.count > 0 && (
            <>
              <div class="fields">
                <Choice label={t("sheet.action")} value={action} onChange={setAction} options={ACTIONS.map((one) => [one, named("action", one)] as const)} />
                {(reasons.value?.items.length ?? 0) > 0 && (
                  <Choice label={t("sheet.reason")} value={reason} onChange={setReason} options={[["", "–"], ...(reasons.value?.items ?? []).map((one) => [one.code, reasonTitle(one)] as const)]} error={error("reason")} />
                )}
                <Text label={t("sheet.note")} value={note} onInput={setNote} />
              </div>
              <Button kind="danger" isBusy={isBusy} onClick={() => void run(async () => go(at("bulk", (await desk.bulk(preview.token, action as Action, reason, note)).id)))}>
                {t("bulk.run", { n: preview.count, what: named("action", action) })}
              </Button>
              <div class="samples" role="region" aria-label={t("bulk.samples")} tabIndex={0}>
                {preview.samples.map((one) => (
                  <Small key={one.id} comment={one} />
                ))}
              </div>
            </>
          )}
        </section>
      )}
      <h2>{t("bulk.jobs")}</h2>
      {Boolean(jobs.error) && <Failure error={jobs.error} retry={jobs.again} />}
      {!jobs.value && jobs.isLoading && <Loading />}
      {jobs.value?.items.length === 0 && <Nothing>{t("bulk.none")}</Nothing>}
      {jobs.value && jobs.value.items.length > 0 && (
        <Table caption={t("bulk.jobs")} isCaptionHidden heads={[t("bulk.job"), t("log.who"), t("bulk.state_of"), t("bulk.progress")]}>
          {jobs.value.items.map((job) => (
            <tr key={job.id}>
              <th scope="row">
                <Link to={at("bulk", job.id)}>
                  {actionOf(job)} {job.created_at && <Ago at={job.created_at} />}
                </Link>
              </th>
              <td>
                <Name>{job.by}</Name>
              </td>
              <td>{named("job", job.state)}</td>
              <td>{t("bulk.of", { done: number(job.done), total: number(job.total) })}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

function actionOf(job: BulkJob): string {
  return job.action === "undo" ? t("done.undo") : named("action", job.action);
}

function skippedOf(job: BulkJob): number {
  return Object.values(job.skipped).reduce((sum, count) => sum + count, 0);
}

const AT_WORK = new Set(["waiting", "queued", "running", "undoing", "cancelling"]);

function Job(props: { id: string }): JSX.Element {
  const found = useAnswer(() => desk.job(props.id), [props.id]);
  const job = found.value;
  const isAtWork = job !== null && AT_WORK.has(job.state);
  useEffect(() => {
    if (!isAtWork) return undefined;
    const timer = setTimeout(found.again, 700);
    return () => clearTimeout(timer);
  }, [job, isAtWork]);
  const act = async (what: () => Promise<unknown>): Promise<void> => {
    try {
      await what();
      found.again();
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), "bad");
    }
  };
  return (
    <>
      <Head title={t("bulk.job")}>
        <Link to={at("bulk")} class="button quiet">
          {t("bulk.back")}
        </Link>
      </Head>
      {Boolean(found.error) && <Failure error={found.error} retry={found.again} />}
      {!job && found.isLoading && <Loading />}
      {job && (
        <section class="card-form">
          <p>
            <b>{actionOf(job)}</b> · <span role="status">{named("job", job.state)}</span>
            {job.by && (
              <>
                {" · "}
                <Name>{job.by}</Name>
              </>
            )}
          </p>
          <label>
            {t("bulk.of", { done: number(job.done), total: number(job.total) })}
            <progress max={Math.max(1, job.total)} value={job.done} />
          </label>
          {skippedOf(job) > 0 && (
            <>
              <p>{t("bulk.skipped", { n: skippedOf(job) })}</p>
              <ul class="soft">
                {Object.entries(job.skipped).map(([kind, count]) => (
                  <li key={kind}>
                    {named("problem", kind)}: {number(count)}
                  </li>
                ))}
              </ul>
            </>
          )}
          <p class="tools">
            {isAtWork && job.state !== "undoing" && <Button onClick={() => void act(() => desk.cancelJob(job.id))}>{t("bulk.cancel")}</Button>}
            {!isAtWork && job.action !== "undo" && (
              <Button kind="danger" onClick={() => void act(async () => go(at("bulk", (await desk.undoJob(job.id)).id)))}>
                {t("bulk.undo")}
              </Button>
            )}
          </p>
        </section>
      )}
    </>
  );
}

