/** Programs of the publisher's that are asked about each text; in shadow mode what they say is only recorded. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Hook, Said } from "../integrations";
import { office } from "../office";
import { at, go } from "../place";
import { named, number, t } from "../say";
import { useAct } from "../parts/act";
import { useAnswer } from "../parts/answer";
import { Secret } from "../parts/secret";
import { Sure } from "../parts/sure";
import { Button, Failure, Head, Link, Loading, Nothing, Notice, Table } from "../parts/ui";
import { HookEditor, modeOf, NEW } from "./hooks/editor";
import { Results, SaidSignals } from "./hooks/results";

export function HooksView(props: { site: string; id: string }): JSX.Element {
  const { site, id } = props;
  const found = useAnswer(() => office.hooks(site), [site]);
  const [isNew, setNew] = useState(false);
  const [secret, setSecret] = useState("");
  const one = id ? found.value?.items.find((known) => known.id === id) : undefined;
  return (
    <>
      {id && (
        <p>
          <Link to={at("hooks")}>{t("hooks.all")}</Link>
        </p>
      )}
      <Head title={one?.name ?? t("hooks.title")}>
        {!id && <p class="count">{t("hooks.about")}</p>}
        {!id && (
          <Button kind="plain" onClick={() => setNew(true)}>
            {t("hooks.new")}
          </Button>
        )}
      </Head>
      {Boolean(found.error) && <Failure error={found.error} retry={found.again} />}
      {!found.value && found.isLoading && <Loading />}
      {secret && <Secret secret={secret} onClose={() => setSecret("")} />}
      {isNew && !id && (
        <HookEditor
          label={t("hooks.new")}
          hook={NEW}
          onClose={() => setNew(false)}
          save={async (draft) => {
            setSecret((await office.addHook(site, draft)).secret);
            setNew(false);
            found.again();
          }}
        />
      )}
      {!id && found.value && <List hooks={found.value.items} />}
      {id && found.value && !one && <Nothing>{t("hooks.gone")}</Nothing>}
      {one && <One key={one.id} site={site} hook={one} again={found.again} onSecret={setSecret} />}
    </>
  );
}

function List(props: { hooks: readonly Hook[] }): JSX.Element {
  if (props.hooks.length === 0) return <Nothing>{t("hooks.empty")}</Nothing>;
  return (
    <Table caption={t("hooks.title")} isCaptionHidden heads={[t("queues.name"), t("webhooks.url"), t("hooks.mode"), t("hooks.timing"), t("hooks.when_silent")]}>
      {props.hooks.map((one) => (
        <tr key={one.id}>
          <th scope="row">
            <Link to={at("hooks", one.id)}>{one.name}</Link>
          </th>
          <td>
            <bdi>{one.url}</bdi>
          </td>
          <td>{named("hookMode", modeOf(one))}</td>
          <td>
            {named("timing", one.timing)}, {number(one.timeout_ms, { style: "unit", unit: "millisecond", unitDisplay: "short" })}
          </td>
          <td>{named("silent", one.when_silent)}</td>
        </tr>
      ))}
    </Table>
  );
}

function One(props: { site: string; hook: Hook; again: () => void; onSecret: (secret: string) => void }): JSX.Element {
  const { site, hook, again } = props;
  const [said, setSaid] = useState<Said | null>(null);
  const act = useAct();
  const { id, created_at: _, ...draft } = hook;
  const change = (changes: Partial<Hook>): void => void act.run(() => office.changeHook(site, id, { ...draft, ...changes }), t("saved")).then(again);
  return (
    <>
      <p class="facts">
        <span class="tag">{named("hookMode", modeOf(hook))}</span>
        <bdi>{hook.url}</bdi>
      </p>
      <p class="tools">
        <Button isBusy={act.isBusy} onClick={() => void act.run(async () => setSaid(await office.testHook(site, id)))}>
          {t("hooks.test")}
        </Button>
        <Button isBusy={act.isBusy} onClick={() => change({ enabled: !hook.enabled })}>
          {hook.enabled ? t("webhooks.pause") : t("webhooks.resume")}
        </Button>
        <Sure label={t("secret.rotate")} words={t("secret.sure")} isBusy={act.isBusy} onSure={() => void act.run(async () => props.onSecret((await office.rotateHook(site, id)).secret))} />
        <Sure label={t("delete")} words={t("hooks.sure")} isBusy={act.isBusy} onSure={() => void act.run(() => office.dropHook(site, id), t("deleted")).then((right) => right && leave(again))} />
      </p>
      {said && (
        <Notice role="status" tone={said.outcome === "answered" ? "good" : "bad"}>
          <p>
            <b>
              {named("outcome", said.outcome)}: {named("hookAction", said.action)}
            </b>{" "}
            <span lang="en">{said.fault}</span> <span class="soft">{number(said.milliseconds, { style: "unit", unit: "millisecond", unitDisplay: "short" })}</span>
          </p>
          <SaidSignals signals={said.signals} />
        </Notice>
      )}
      <HookEditor
        key={JSON.stringify(hook)}
        label={t("hooks.edit")}
        hook={draft}
        save={async (wanted) => {
          await office.changeHook(site, id, wanted);
          again();
        }}
      />
      <Results site={site} hook={id} />
    </>
  );
}

function leave(again: () => void): void {
  go(at("hooks"));
  again();
}
