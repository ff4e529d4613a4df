/** Programs of the publisher's that are told of cases, decisions and comments. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Webhook, WebhookDraft } from "../integrations";
import { office } from "../office";
import { at, go } from "../place";
import { named, t } from "../say";
import { useAct } from "../parts/act";
import { useAnswer } from "../parts/answer";
import { Secret } from "../parts/secret";
import { Sure } from "../parts/sure";
import { Ago, Button, Check, Checks, Failure, Head, Link, Loading, Nothing, Notice, Table, Text } from "../parts/ui";
import { Deliveries } from "./webhooks/deliveries";

const EVENTS = ["case.opened", "case.decided", "comment.posted", "comment.edited", "comment.removed", "thread.closed"] as const;
const NEW: WebhookDraft = { url: "", events: [], note: "", enabled: true };

export function WebhooksView(props: { site: string; id: string }): JSX.Element {
  const { site, id } = props;
  const found = useAnswer(() => office.webhooks(site), [site]);
  const [isNew, setNew] = useState(false);
  const [secret, setSecret] = useState("");
  const one = id ? found.value?.items.find((known) => known.id === id) : undefined;
  return (
    <>
      {id && (
        <p>
          <Link to={at("webhooks")}>{t("webhooks.all")}</Link>
        </p>
      )}
      <Head title={id ? (one ? hostOf(one.url) : t("webhooks.title")) : t("webhooks.title")}>
        {!id && <p class="count">{t("webhooks.about")}</p>}
        {!id && (
          <Button kind="plain" onClick={() => setNew(true)}>
            {t("webhooks.new")}
          </Button>
        )}
      </Head>
      {Boolean(found.error) && <Failure error={found.error} retry={found.again} />}
      {!found.value && found.isLoading && <Loading />}
      {secret && <Secret secret={secret} onClose={() => setSecret("")} />}
      {isNew && !id && (
        <Editor
          label={t("webhooks.new")}
          webhook={NEW}
          onClose={() => setNew(false)}
          save={async (draft) => {
            setSecret((await office.addWebhook(site, draft)).secret);
            setNew(false);
            found.again();
          }}
        />
      )}
      {!id && found.value && <List webhooks={found.value.items} />}
      {id && found.value && !one && <Nothing>{t("webhooks.gone")}</Nothing>}
      {one && <One key={one.id} site={site} webhook={one} again={found.again} onSecret={setSecret} />}
    </>
  );
}

export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function List(props: { webhooks: readonly Webhook[] }): JSX.Element {
  if (props.webhooks.length === 0) return <Nothing>{t("webhooks.empty")}</Nothing>;
  return (
    <Table caption={t("webhooks.title")} isCaptionHidden heads={[t("webhooks.url"), t("webhooks.events"), t("webhooks.state"), t("rules.note")]}>
      {props.webhooks.map((one) => (
        <tr key={one.id}>
          <th scope="row">
            <Link to={at("webhooks", one.id)}>
              <bdi>{one.url}</bdi>
            </Link>
          </th>
          <td>{one.events.map((event) => named("event", event.replace(".", "_"))).join(", ")}</td>
          <td>
            <State webhook={one} />
          </td>
          <td>
            <bdi>{one.note}</bdi>
          </td>
        </tr>
      ))}
    </Table>
  );
}

function State(props: { webhook: Webhook }): JSX.Element {
  const { webhook } = props;
  if (!webhook.enabled) return <span class="tag">{t("webhooks.paused")}</span>;
  if (webhook.failing_since)
    return (
      <span class="state">
        {t("webhooks.failing", { n: webhook.failures })} <Ago at={webhook.failing_since} />
      </span>
    );
  return <>{t("webhooks.fine")}</>;
}

function One(props: { site: string; webhook: Webhook; again: () => void; onSecret: (secret: string) => void }): JSX.Element {
  const { site, webhook, again } = props;
  const act = useAct();
  const [turn, setTurn] = useState(0);
  const { url, events, note, enabled } = webhook;
  return (
    <>
      <p class="facts">
        <State webhook={webhook} />
      </p>
      {webhook.disabled_because && (
        <Notice tone="bad">
          <span lang="en">{webhook.disabled_because}</span>
        </Notice>
      )}
      <p class="tools">
        <Button isBusy={act.isBusy} onClick={() => void act.run(() => office.testWebhook(site, webhook.id)).then(() => setTurn(turn + 1))}>
          {t("webhooks.test")}
        </Button>
        <Button isBusy={act.isBusy} onClick={() => void act.run(() => office.changeWebhook(site, webhook.id, { url, events, note, enabled: !enabled }), t("saved")).then(again)}>
          {enabled ? t("webhooks.pause") : t("webhooks.resume")}
        </Button>
        <Sure label={t("secret.rotate")} words={t("secret.sure")} isBusy={act.isBusy} onSure={() => void act.run(async () => props.onSecret((await office.rotateWebhook(site, webhook.id)).secret))} />
        <Sure label={t("delete")} words={t("webhooks.sure")} isBusy={act.isBusy} onSure={() => void act.run(() => office.dropWebhook(site, webhook.id), t("deleted")).then((right) => right && leave(again))} />
      </p>
      <Editor
        key={JSON.stringify(webhook)}
        label={t("webhooks.edit")}
        webhook={{ url, events, note, enabled }}
        save={async (draft) => {
          await office.changeWebhook(site, webhook.id, draft);
          again();
        }}
      />
      <Deliveries site={site} webhook={webhook.id} turn={turn} />
    </>
  );
}

function leave(again: () => void): void {
  go(at("webhooks"));
  again();
}

function Editor(props: { label: string; webhook: WebhookDraft; save: (draft: WebhookDraft) => Promise<void>; onClose?: () => void }): JSX.Element {
  const [draft, setDraft] = useState(props.webhook);
  const act = useAct();
  const set = (changes: Partial<WebhookDraft>): void => setDraft({ ...draft, ...changes });
  return (
    <form
      class="card-form"
      aria-label={props.label}
      onSubmit={(event) => {
        event.preventDefault();
        void act.run(() => props.save({ ...draft, url: draft.url.trim() }), t("saved"));
      }}
    >
      <div class="fields">
        <Text label={t("webhooks.url")} hint={t("webhooks.url_hint")} type="url" dir="ltr" value={draft.url} onInput={(url) => set({ url })} error={act.error("url")} isFirst={props.onClose !== undefined} />
        <Text label={t("rules.note")} hint={t("author.note_hint")} value={draft.note} onInput={(note) => set({ note })} error={act.error("note")} />
      </div>
      <Checks label={t("webhooks.events")} options={EVENTS.map((one) => [one, named("event", one.replace(".", "_"))] as const)} chosen={draft.events} onChange={(events) => set({ events })} error={act.error("events")} />
      {!props.onClose && <Check label={t("webhooks.enabled")} isOn={draft.enabled} onChange={(enabled) => set({ enabled })} />}
      <p class="tools">
        <Button type="submit" kind="plain" isBusy={act.isBusy}>
          {t("save")}
        </Button>
        {props.onClose && <Button onClick={props.onClose}>{t("cancel")}</Button>}
      </p>
    </form>
  );
}
