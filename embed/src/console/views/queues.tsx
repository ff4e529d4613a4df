/** Queues of the team's own: what each shows, and the order one likes them in. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { QueueFilter, SavedQueue } from "../answers";
import { desk } from "../desk";
import { inOrder, moved } from "../order";
import { at } from "../place";
import { named, number, t } from "../say";
import { queueOrder, setQueueOrder } from "../settings";
import { useAct } from "../parts/act";
import { useAnswer } from "../parts/answer";
import { Sure } from "../parts/sure";
import { Button, Checks, Failure, Head, Link, Lines, Loading, Table, Text } from "../parts/ui";
import { nameOf } from "./queue/filters";

const REASONS = ["held", "reported", "reopened", "appealed", "sampled"] as const;
const NEW: Omit<SavedQueue, "id"> = { name: "", filter: { sections: [], languages: [], reasons: [], signals: [], min_severity: 0 } };

export function QueuesView(props: { site: string }): JSX.Element {
  const { site } = props;
  const found = useAnswer(() => desk.queues(site), [site]);
  const [edited, setEdited] = useState<SavedQueue | "new" | null>(null);
  const queues = inOrder(found.value?.items ?? [], queueOrder.value[site]);
  const move = (id: string, step: 1 | -1): void => setQueueOrder(site, moved(queues.map((one) => one.id), id, step));
  return (
    <>
      <Head title={t("queues.title")}>
        <p class="count">{t("queues.about")}</p>
        <Button kind="plain" onClick={() => setEdited("new")}>
          {t("queues.new")}
        </Button>
      </Head>
      {Boolean(found.error) && <Failure error={found.error} retry={found.again} />}
      {!found.value && found.isLoading && <Loading />}
      {edited && (
        <Editor
          key={edited === "new" ? "new" : edited.id}
          site={site}
          queue={edited === "new" ? null : edited}
          onClose={() => setEdited(null)}
          onDone={() => {
            setEdited(null);
            found.again();
          }}
        />
      )}
      {queues.length > 0 && (
        <Table caption={t("queues.title")} isCaptionHidden heads={[t("queues.name"), t("queues.shows"), t("queues.order"), t("rules.edit")]}>
          {queues.map((one, index) => (
            <tr key={one.id}>
              <th scope="row">
                <Link to={at("queue", "", { queue: one.id === "all" ? "" : one.id })}>
                  <bdi>{nameOf(one)}</bdi>
                </Link>
              </th>
              <td>
                <bdi>{filterWords(one.filter)}</bdi>
              </td>
              <td>
                <span class="tools">
                  <Button isBusy={index === 0} label={t("queues.up", { name: nameOf(one) })} onClick={() => move(one.id, -1)}>
                    ↑
                  </Button>
                  <Button isBusy={index === queues.length - 1} label={t("queues.down", { name: nameOf(one) })} onClick={() => move(one.id, 1)}>
                    ↓
                  </Button>
                </span>
              </td>
              <td>
                {/^\d+$/.test(one.id) ? (
                  <Button label={t("queues.edit_one", { name: one.name })} onClick={() => setEdited(one)}>
                    {t("rules.edit")}
                  </Button>
                ) : (
                  <span class="soft">{t("queues.built_in")}</span>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
      <p class="hint">{t("queues.order_hint")}</p>
    </>
  );
}

/** What a queue shows, in one line. */
export function filterWords(filter: QueueFilter): string {
  const words = [
    ...(filter.reasons ?? []).map((one) => named("reasonOf", one)),
    ...(filter.sections ?? []),
    ...(filter.languages ?? []),
    ...(filter.signals ?? []),
    ...(filter.min_severity ? [t("queues.from_severity", { score: number(filter.min_severity, { maximumFractionDigits: 2 }) })] : []),
  ];
  return words.length ? words.join(", ") : t("queues.everything");
}

function Editor(props: { site: string; queue: SavedQueue | null; onDone: () => void; onClose: () => void }): JSX.Element {
  const { site, queue } = props;
  const [name, setName] = useState(queue?.name ?? NEW.name);
  const [filter, setFilter] = useState<QueueFilter>({ ...NEW.filter, ...queue?.filter });
  const [severity, setSeverity] = useState(filter.min_severity ? String(filter.min_severity) : "");
  const act = useAct();
  const set = (changes: Partial<QueueFilter>): void => setFilter({ ...filter, ...changes });
  const save = async (): Promise<void> => {
    const body = { name: name.trim(), filter: { ...filter, min_severity: Number(severity) } };
    if (await act.run(() => (queue ? desk.changeQueue(queue.id, body) : desk.addQueue(site, body)), t("saved"))) props.onDone();
  };
  return (
    <form
      class="card-form"
      aria-label={queue ? t("queues.edit_one", { name: queue.name }) : t("queues.new")}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Text label={t("queues.name")} value={name} onInput={setName} error={act.error("name")} isFirst />
      <Checks label={t("queues.reasons")} hint={t("queues.none_is_all")} options={REASONS.map((one) => [one, named("reasonOf", one)] as const)} chosen={filter.reasons} onChange={(reasons) => set({ reasons })} error={act.error("filter.reasons")} />
      <div class="fields">
        <Lines label={t("team.sections")} hint={t("queues.lines_hint")} value={filter.sections} onChange={(sections) => set({ sections })} error={act.error("filter.sections")} />
        <Lines label={t("queues.languages")} hint={t("queues.languages_hint")} value={filter.languages} onChange={(languages) => set({ languages })} error={act.error("filter.languages")} />
        <Lines label={t("queues.signals")} hint={t("queues.signals_hint")} value={filter.signals} onChange={(signals) => set({ signals })} error={act.error("filter.signals")} />
        <Text label={t("queues.min_severity")} hint={t("queues.severity_hint")} type="number" inputMode="decimal" value={severity} onInput={setSeverity} error={act.error("filter.min_severity")} />
      </div>
      <p class="tools">
        <Button type="submit" kind="plain" isBusy={act.isBusy}>
          {t("save")}
        </Button>
        <Button onClick={props.onClose}>{t("cancel")}</Button>
        {queue && <Sure label={t("delete")} words={t("queues.sure", { name: queue.name })} isBusy={act.isBusy} onSure={() => void act.run(() => desk.dropQueue(queue.id), t("deleted")).then((right) => right && props.onDone())} />}
      </p>
    </form>
  );
}
