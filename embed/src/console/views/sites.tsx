/** A site as a whole: who changed its settings, its end; and, for who runs the platform, new ones. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { desk } from "../desk";
import { publishers } from "../publishers";
import { named, t } from "../say";
import { linesOf } from "../schema";
import { useAct } from "../parts/act";
import { useAnswer, useList } from "../parts/answer";
import { Sure } from "../parts/sure";
import { Button, Failure, Head, Lines, Loading, Name, Nothing, Notice, Table, Text, When } from "../parts/ui";

export function SitesView(props: { site: string; isAdmin: boolean }): JSX.Element {
  return (
    <>
      <Head title={t("sites.title")} />
      <History site={props.site} />
      {props.isAdmin && <NewSite />}
      {props.isAdmin && <Undelivered />}
      <End site={props.site} />
    </>
  );
}

function said(values: Readonly<Record<string, unknown>> | null, names: readonly string[]): string {
  if (values === null) return t("sites.forgotten");
  return names.map((name) => `${name}: ${name in values ? JSON.stringify(values[name]) : t("sites.default")}`).join("; ");
}

function History(props: { site: string }): JSX.Element {
  const { site } = props;
  const list = useList((cursor) => publishers.changes(site, cursor), [site]);
  const act = useAct();
  // From the version as it is now: what somebody changed meanwhile stands in the list.
  const takeBack = (number: string): void =>
    void act.run(async () => publishers.takeBack(site, number, (await desk.site(site)).settings_version), t("saved")).then((done) => done && list.again());
  return (
    <section aria-label={t("sites.history")}>
      <h2>{t("sites.history")}</h2>
      {Boolean(list.error) && <Failure error={list.error} retry={list.again} />}
      {!list.value && list.isLoading && <Loading />}
      {list.value && list.items.length === 0 && <Nothing>{t("sites.unchanged")}</Nothing>}
      {list.items.length > 0 && (
        <Table caption={t("sites.history")} isCaptionHidden heads={[t("log.when"), t("log.who"), t("settings.sections"), t("sites.before"), t("sites.after"), t("publish.undo")]}>
          {list.items.map((one) => (
            <tr key={one.number}>
              <td class="when">
                <When at={one.at} />
              </td>
              <td>
                <Name>{one.by}</Name>
              </td>
              <th scope="row">{named("section", one.section)}</th>
              <td dir="ltr">{said(one.before, one.settings)}</td>
              <td dir="ltr">{said(one.after, one.settings)}</td>
              <td>{one.before && <Sure label={t("publish.undo")} words={t("sites.sure")} isBusy={act.isBusy} onSure={() => takeBack(one.number)} />}</td>
            </tr>
          ))}
        </Table>
      )}
      {list.further && (
        <p class="older">
          <Button onClick={() => void list.further?.()}>{t("more")}</Button>
        </p>
      )}
    </section>
  );
}

function NewSite(): JSX.Element {
  const [name, setName] = useState("");
  const [title, setTitle] = useState("");
  const [owner, setOwner] = useState("");
  const [origins, setOrigins] = useState<string[]>([]);
  const act = useAct();
  const make = (): Promise<unknown> => publishers.make({ name, title, origins: origins.flatMap(linesOf), ...(owner ? { owner } : {}) });
  return (
    <form
      class="card-form"
      aria-label={t("sites.new")}
      onSubmit={(event) => {
        event.preventDefault();
        void act.run(make, t("sites.made")).then((done) => done && location.assign(`/console/snippet?site=${encodeURIComponent(name)}`));
      }}
    >
      <h2>{t("sites.new")}</h2>
      <div class="fields">
        <Text label={t("sites.name")} dir="ltr" value={name} onInput={setName} error={act.error("name")} hint={t("sites.name_hint")} />
        <Text label={t("settings.site_title")} value={title} onInput={setTitle} error={act.error("title")} />
        <Lines label={t("settings.origins")} hint={t("settings.origins_hint")} value={origins} onChange={setOrigins} error={act.error("origins")} />
        <Text label={t("sites.owner")} type="email" dir="ltr" value={owner} onInput={setOwner} error={act.error("owner")} />
      </div>
      <Button type="submit" kind="plain" isBusy={act.isBusy}>
        {t("sites.make")}
      </Button>
    </form>
  );
}

/** What follows from what happened at all sites, and was given up. */
function Undelivered(): JSX.Element {
  const found = useAnswer(() => publishers.outbox(), []);
  const act = useAct();
  const box = found.value;
  return (
    <section class="card-form" aria-label={t("outbox.title")}>
      <h2>{t("outbox.title")}</h2>
      {Boolean(found.error) && <Failure error={found.error} retry={found.again} />}
      {box && (
        <p class="facts">
          <span>{t("outbox.waiting", { n: box.waiting })}</span>
          {box.oldest && <When at={box.oldest} />}
          <span>{t("outbox.dead", { n: box.dead })}</span>
        </p>
      )}
      {box && box.items.length > 0 && (
        <>
          <ul dir="ltr">
            {box.items.map((one) => (
              <li key={one.id}>
                {one.kind}: {one.last_error} (<When at={one.created_at} />)
              </li>
            ))}
          </ul>
          <Button isBusy={act.isBusy} onClick={() => void act.run(() => publishers.redrive(), t("saved")).then((done) => done && found.again())}>
            {t("outbox.again")}
          </Button>
        </>
      )}
    </section>
  );
}

function End(props: { site: string }): JSX.Element {
  const { site } = props;
  const found = useAnswer(() => publishers.erasure(site), [site]);
  const [confirm, setConfirm] = useState("");
  const act = useAct();
  const run = (what: () => Promise<unknown>): void => void act.run(what, t("saved")).then((done) => done && found.again());
  return (
    <section class="card-form" aria-label={t("sites.erase")}>
      <h2>{t("sites.erase")}</h2>
      {found.value?.is_asked && found.value.due_at ? (
        <Notice tone="bad">
          <p>
            {t("sites.goes")} <When at={found.value.due_at} />
          </p>
          <Button isBusy={act.isBusy} onClick={() => run(() => publishers.keep(site))}>
            {t("sites.keep")}
          </Button>
        </Notice>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            run(() => publishers.erase(site, confirm));
          }}
        >
          <p>{t("sites.erase_hint")}</p>
          <Text label={t("sites.confirm", { name: site })} dir="ltr" value={confirm} onInput={setConfirm} error={act.error("confirm")} />
          <Button type="submit" kind="danger" isBusy={act.isBusy}>
            {t("sites.erase_in_a_week")}
          </Button>
        </form>
      )}
    </section>
  );
}
