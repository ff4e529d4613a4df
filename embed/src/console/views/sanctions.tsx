/** Bans, suspensions and the like that are in force, and how to lift one. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { SanctionRow } from "../answers";
import { desk } from "../desk";
import { named, t } from "../say";
import { toast } from "../tell";
import { useAnswer, useList } from "../parts/answer";
import { reasonTitle } from "../parts/sheet";
import { AuthorLink, Button, Choice, Failure, Head, Loading, Name, Nothing, Table, Text, When } from "../parts/ui";

const KINDS = ["ban", "suspend", "premoderate", "slow", "shadow"] as const;

export function SanctionsView(props: { site: string }): JSX.Element {
  const list = useList<SanctionRow>((cursor) => desk.sanctions(props.site, cursor), [props.site]);
  const [isNew, setNew] = useState(false);
  const act = async (what: () => Promise<unknown>, words: string): Promise<void> => {
    try {
      await what();
      toast(words);
      list.again();
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), "bad");
    }
  };
  return (
    <>
      <Head title={t("sanctions.title")}>
        <Button kind="plain" onClick={() => setNew(!isNew)}>
          {t("sanctions.new")}
        </Button>
      </Head>
      {isNew && (
        <SanctionForm
          site={props.site}
          target={null}
          onClose={() => setNew(false)}
          onMade={(body) => {
            setNew(false);
            void act(() => desk.sanction(props.site, body), t("sanctions.made"));
          }}
        />
      )}
      {Boolean(list.error) && <Failure error={list.error} retry={list.again} />}
      {!list.value && list.isLoading && <Loading />}
      {list.value && list.items.length === 0 && <Nothing>{t("sanctions.empty")}</Nothing>}
      {list.items.length > 0 && <SanctionTable items={list.items} onLift={(id) => void act(() => desk.lift(id), t("sanctions.lifted"))} />}
      {list.further && (
        <p class="older">
          <Button onClick={() => void list.further?.()}>{t("more")}</Button>
        </p>
      )}
    </>
  );
}

export function SanctionTable(props: { items: readonly SanctionRow[]; onLift: (id: string) => void }): JSX.Element {
  return (
    <Table caption={t("sanctions.title")} isCaptionHidden heads={[t("sanctions.kind"), t("sanctions.whom"), t("sanctions.why"), t("sanctions.by"), t("sanctions.until"), t("sanctions.lift")]}>
      {props.items.map((one) => (
        <tr key={one.id}>
          <th scope="row">{named("sanctionKind", one.kind)}</th>
          <td>
            <AuthorLink person={one.person} name={targetName(one)} />
          </td>
          <td>
            {one.title && (
              <span class="tag">
                <bdi>{one.title}</bdi>
              </span>
            )}{" "}
            <bdi>{one.note}</bdi>
          </td>
          <td>
            <Name>{one.by}</Name>
          </td>
          <td>{one.until ? <When at={one.until} /> : t("sanctions.forever")}</td>
          <td>
            {one.lifted_at ? (
              <When at={one.lifted_at} />
            ) : !one.is_active ? (
              "–"
            ) : (
              <Button onClick={() => props.onLift(one.id)} label={t("sanctions.lift_one", { name: targetName(one) })}>
                {t("sanctions.lift")}
              </Button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function targetName(one: SanctionRow): string {
  return one.target.type === "email_domain" ? one.target.value : `${named("target", one.target.type)} ${one.target.value.slice(-6)}`;
}

export function SanctionForm(props: { site: string; target: { type: string; value: string } | null; onMade: (body: Record<string, unknown>) => void; onClose: () => void }): JSX.Element {
  const [kind, setKind] = useState<string>("suspend");
  const [type, setType] = useState("email_domain");
  const [value, setValue] = useState("");
  const [hours, setHours] = useState("24");
  const [slow, setSlow] = useState("60");
  const [reason, setReason] = useState("");
  const [note, setNote] = useState("");
  const reasons = useAnswer(() => desk.reasons(props.site), [props.site]);
  return (
    <form
      class="card-form"
      aria-label={t("sanctions.new")}
      onSubmit={(event) => {
        event.preventDefault();
        const until = hours.trim() ? new Date(Date.now() + Number(hours) * 3_600_000).toISOString() : null;
        props.onMade({ kind, target: props.target ?? { type, value }, reason, note, ...(until ? { until } : {}), ...(kind === "slow" ? { slow_seconds: Number(slow) } : {}) });
      }}
    >
      <div class="fields">
        <Choice label={t("sanctions.kind")} value={kind} onChange={setKind} options={KINDS.map((one) => [one, named("sanctionKind", one)] as const)} hint={named("sanctionHint", kind)} />
        {!props.target && (
          <>
            <Choice label={t("sanctions.target")} value={type} onChange={setType} options={["email_domain", "address", "person"].map((one) => [one, named("target", one)] as const)} />
            <Text label={t("sanctions.whom")} value={value} onInput={setValue} dir="ltr" />
          </>
        )}
        <Text label={t("sanctions.hours")} value={hours} onInput={setHours} inputMode="numeric" hint={t("sanctions.hours_hint")} />
        {kind === "slow" && <Text label={t("sanctions.slow")} value={slow} onInput={setSlow} inputMode="numeric" />}
        {(reasons.value?.items.length ?? 0) > 0 && (
          <Choice label={t("sanctions.reason")} value={reason} onChange={setReason} options={[["", "–"], ...(reasons.value?.items ?? []).map((one) => [one.code, reasonTitle(one)] as const)]} />
        )}
        <Text label={t("sanctions.note")} value={note} onInput={setNote} />
      </div>
      <p class="tools">
        <Button type="submit" kind="danger">
          {named("sanctionKind", kind)}
        </Button>
        <Button onClick={props.onClose}>{t("cancel")}</Button>
      </p>
    </form>
  );
}
