/** Jobs on discussions: what each would do, its beginning, how far it is, its undoing. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { publishers, type ThreadJob } from "../../publishers";
import { named, number, t } from "../../say";
import { say } from "../../tell";
import { useAct } from "../../parts/act";
import { useList } from "../../parts/answer";
import { Sure } from "../../parts/sure";
import { Button, Failure, Name, Text, When } from "../../parts/ui";

const LOOKED = 1_000;
const AT_WORK = new Set<ThreadJob["state"]>(["planning", "waiting", "running", "undoing"]);

type JobList = ReturnType<typeof useList<ThreadJob>>;

export function useJobs(site: string, isOwner: boolean): JobList {
  const list = useList<ThreadJob>((cursor) => (isOwner ? publishers.jobs(site, cursor) : Promise.resolve({ items: [] })), [site, isOwner]);
  const busy = list.items.find((one) => AT_WORK.has(one.state));
  useEffect(() => {
    if (!busy) return undefined;
    const timer = setTimeout(list.again, LOOKED);
    return () => clearTimeout(timer);
  }, [list.value]);
  const newest = list.items[0];
  useEffect(() => {
    if (newest) say(`${named("jobKind", newest.kind)}: ${named("jobState", newest.state)}`);
  }, [newest?.id, newest?.state]);
  return list;
}

export function Jobs(props: { site: string; jobs: JobList }): JSX.Element {
  const { jobs } = props;
  return (
    <section aria-label={t("publish.jobs")}>
      {jobs.items.length > 0 && <h2>{t("publish.jobs")}</h2>}
      {Boolean(jobs.error) && <Failure error={jobs.error} retry={jobs.again} />}
      {jobs.items.map((one) => (
        <JobCard key={one.id} site={props.site} job={one} onDone={jobs.again} />
      ))}
      {jobs.further && (
        <p class="older">
          <Button onClick={() => void jobs.further?.()}>{t("more")}</Button>
        </p>
      )}
    </section>
  );
}

function JobCard(props: { site: string; job: ThreadJob; onDone: () => void }): JSX.Element {
  const { site, job } = props;
  const [confirm, setConfirm] = useState("");
  const act = useAct();
  const step = (which: "begin" | "cancel" | "undo", body: Record<string, string> = {}): void => void act.run(() => publishers.step(site, job.id, which, body)).then((done) => done && props.onDone());
  const moves = job.kind !== "remap" || (job.counts["moves"] ?? 0) > 0;
  return (
    <article class="card-form" aria-label={`${named("jobKind", job.kind)}: ${named("jobState", job.state)}`}>
      <h3>
        {named("jobKind", job.kind)}: {named("jobState", job.state)}
      </h3>
      <p class="facts">
        <Name>{job.by}</Name>
        <When at={job.created_at} />
        {Object.entries(job.counts).map(([name, count]) => (
          <span key={name}>
            {named("jobCount", name)}: {number(count)}
          </span>
        ))}
      </p>
      {AT_WORK.has(job.state) && job.total > 0 && <progress max={job.total} value={job.done} aria-label={t("bulk.progress")} />}
      {job.state === "planned" && job.samples.length > 0 && (
        <ul dir="ltr">
          {job.samples.map((one) => (
            <li key={one["before"] ?? one["thread"]}>{one["after"] === undefined ? one["url"] : `${one["before"]} → ${one["after"]} (${named("jobCount", one["outcome"] ?? "")})`}</li>
          ))}
        </ul>
      )}
      {job.state === "planned" && job.kind === "purge" && <Text label={t("publish.confirm_url")} dir="ltr" value={confirm} onInput={setConfirm} error={act.error("confirm")} />}
      <p class="tools">
        {job.state === "planned" && moves && (
          <Button kind={job.kind === "purge" ? "danger" : "plain"} isBusy={act.isBusy} onClick={() => step("begin", { confirm })}>
            {t("publish.begin")}
          </Button>
        )}
        {(job.state === "planned" || job.state === "planning" || (job.state === "running" && job.kind === "remap")) && (
          <Button isBusy={act.isBusy} onClick={() => step("cancel")}>
            {t("bulk.cancel")}
          </Button>
        )}
        {job.state === "done" && job.kind !== "purge" && <Sure label={t("publish.undo")} words={t("publish.undo_sure")} isBusy={act.isBusy} onSure={() => step("undo")} />}
      </p>
    </article>
  );
}
