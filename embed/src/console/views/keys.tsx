/** What the publisher's own servers prove themselves with: made, exchanged for another, ended. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { KeyDraft, SiteKey } from "../integrations";
import { office } from "../office";
import { named, t } from "../say";
import { useAct } from "../parts/act";
import { useAnswer } from "../parts/answer";
import { Secret } from "../parts/secret";
import { Sure } from "../parts/sure";
import { Button, Checks, Choice, Failure, Head, Lines, Loading, Nothing, Table, Text, When } from "../parts/ui";

const SCOPES = ["sso", "read", "manage"] as const;
const ALGORITHMS = ["HS256", "EdDSA", "ES256", "RS256", "disqus"] as const;
const SHARED: ReadonlySet<string> = new Set(["HS256", "disqus"]);
const NEW: KeyDraft = { name: "", scopes: ["sso"], algorithm: "HS256", public_key: [], jwks_url: "" };

export function KeysView(props: { site: string }): JSX.Element {
  const { site } = props;
  const found = useAnswer(() => office.keys(site), [site]);
  const [isNew, setNew] = useState(false);
  const [secret, setSecret] = useState("");
  const act = useAct();
  return (
    <>
      <Head title={t("keys.title")}>
        <p class="count">{t("keys.about")}</p>
        <Button kind="plain" onClick={() => setNew(true)}>
          {t("keys.new")}
        </Button>
      </Head>
      {Boolean(found.error) && <Failure error={found.error} retry={found.again} />}
      {!found.value && found.isLoading && <Loading />}
      {secret && <Secret secret={secret} onClose={() => setSecret("")} />}
      {isNew && (
        <Editor
          onClose={() => setNew(false)}
          save={async (draft) => {
            setSecret((await office.addKey(site, draft)).secret ?? "");
            setNew(false);
            found.again();
          }}
        />
      )}
      {found.value?.items.length === 0 && <Nothing>{t("keys.empty")}</Nothing>}
      {found.value && found.value.items.length > 0 && (
        <Table caption={t("keys.title")} isCaptionHidden heads={[t("queues.name"), t("keys.public"), t("keys.for"), t("keys.algorithm"), t("keys.used"), t("webhooks.state"), t("keys.end")]}>
          {found.value.items.map((key) => (
            <tr key={key.id}>
              <th scope="row">
                <bdi>{key.name}</bdi>
              </th>
              <td>
                <code dir="ltr">{key.public}</code>
              </td>
              <td>{key.scopes.map((scope) => named("scope", scope)).join(", ")}</td>
              <td>
                <bdi>{key.algorithm}</bdi>
              </td>
              <td>{key.used_at && <When at={key.used_at} />}</td>
              <td>{key.is_valid ? key.ends_at ? <Until at={key.ends_at} /> : t("webhooks.fine") : t("keys.ended")}</td>
              <td>
                {key.is_valid && (
                  <span class="tools">
                    {SHARED.has(key.algorithm) && !key.ends_at && (
                      <Sure
                        label={t("secret.rotate")}
                        words={t("secret.sure")}
                        isBusy={act.isBusy}
                        onSure={() => void act.run(async () => setSecret((await office.rotateKey(site, key.id)).secret ?? "")).then(found.again)}
                      />
                    )}
                    {key.scopes.includes("sso") && (
                      <Sure
                        label={t("keys.end_all")}
                        words={t("keys.sure_all", { name: key.name })}
                        isBusy={act.isBusy}
                        onSure={() => void act.run(() => office.endKey(site, key.id, true), t("saved")).then(found.again)}
                      />
                    )}
                    <Sure label={t("keys.end")} words={t("keys.sure", { name: key.name })} isBusy={act.isBusy} onSure={() => void act.run(() => office.endKey(site, key.id), t("saved")).then(found.again)} />
                  </span>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

function Until(props: { at: SiteKey["created_at"] }): JSX.Element {
  return (
    <>
      {t("alerts.until")} <When at={props.at} />
    </>
  );
}

function Editor(props: { save: (draft: KeyDraft) => Promise<void>; onClose: () => void }): JSX.Element {
  const [draft, setDraft] = useState(NEW);
  const act = useAct();
  const set = (changes: Partial<KeyDraft>): void => setDraft({ ...draft, ...changes });
  return (
    <form
      class="card-form"
      aria-label={t("keys.new")}
      onSubmit={(event) => {
        event.preventDefault();
        void act.run(() => props.save(draft), t("saved"));
      }}
    >
      <div class="fields">
        <Text label={t("queues.name")} hint={t("keys.name_hint")} value={draft.name} onInput={(name) => set({ name })} error={act.error("name")} isFirst />
        <Choice label={t("keys.algorithm")} value={draft.algorithm} options={ALGORITHMS.map((one) => [one, one === "disqus" ? "Disqus (remote_auth_s3)" : one] as const)} onChange={(algorithm) => set({ algorithm })} />
        {!SHARED.has(draft.algorithm) && (
          <>
            <Lines label={t("keys.public_key")} hint={t("keys.public_key_hint")} value={draft.public_key} onChange={(public_key) => set({ public_key })} error={act.error("public_key")} />
            <Text label={t("keys.jwks_url")} hint={t("webhooks.url_hint")} type="url" dir="ltr" value={draft.jwks_url} onInput={(jwks_url) => set({ jwks_url })} error={act.error("jwks_url")} />
          </>
        )}
      </div>
      <Checks label={t("keys.for")} options={SCOPES.map((one) => [one, named("scope", one)] as const)} chosen={draft.scopes} onChange={(scopes) => set({ scopes })} error={act.error("scopes")} />
      <p class="tools">
        <Button type="submit" kind="plain" isBusy={act.isBusy}>
          {t("save")}
        </Button>
        <Button onClick={props.onClose}>{t("cancel")}</Button>
      </p>
    </form>
  );
}
