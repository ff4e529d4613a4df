/** How one is told of cases by mail: one's own affair, site by site. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Alerts } from "../integrations";
import { office } from "../office";
import { LANGUAGES, named, t } from "../say";
import { start } from "../settings";
import { useAct } from "../parts/act";
import { useAnswer } from "../parts/answer";
import { Button, Check, Choice, Failure, Head, Loading, Text } from "../parts/ui";

const LEVELS = ["never", "high", "medium", "low"] as const;

export function AlertsView(props: { site: string }): JSX.Element {
  const found = useAnswer(() => office.alerts(props.site), [props.site]);
  return (
    <>
      <Head title={t("alerts.title")}>
        <p class="count">{t("alerts.about", { email: start.email })}</p>
      </Head>
      {Boolean(found.error) && <Failure error={found.error} retry={found.again} />}
      {!found.value && found.isLoading && <Loading />}
      {found.value && <Wishes key={props.site} site={props.site} alerts={found.value} />}
    </>
  );
}

function Wishes(props: { site: string; alerts: Alerts }): JSX.Element {
  const [draft, setDraft] = useState<Alerts>(props.alerts);
  const act = useAct();
  const set = (changes: Partial<Alerts>): void => setDraft({ ...draft, ...changes });
  const isQuiet = draft.quiet_from !== null;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <form
      class="card-form"
      aria-label={t("alerts.title")}
      onSubmit={(event) => {
        event.preventDefault();
        const { at_once, gap_minutes, digest_hours, quiet_from, quiet_until, zone, language } = draft;
        void act.run(() => office.setAlerts(props.site, { at_once, gap_minutes, digest_hours, quiet_from, quiet_until, zone, language }), t("saved"));
      }}
    >
      <div class="fields">
        <Choice label={t("alerts.at_once")} hint={t("alerts.at_once_hint")} value={draft.at_once} options={LEVELS.map((one) => [one, named("atOnce", one)] as const)} onChange={(at_once) => set({ at_once: at_once as Alerts["at_once"] })} error={act.error("at_once")} />
        <Text label={t("alerts.gap")} hint={t("alerts.gap_hint")} type="number" inputMode="numeric" value={String(draft.gap_minutes)} onInput={(value) => set({ gap_minutes: Number(value) })} error={act.error("gap_minutes")} />
        <Text label={t("alerts.digest")} hint={t("alerts.digest_hint")} type="number" inputMode="numeric" value={String(draft.digest_hours)} onInput={(value) => set({ digest_hours: Number(value) })} error={act.error("digest_hours")} />
        <Choice label={t("alerts.language")} value={draft.language} options={Object.entries(LANGUAGES)} onChange={(language) => set({ language })} error={act.error("language")} />
      </div>
      <Check label={t("alerts.quiet")} isOn={isQuiet} onChange={(on) => set(on ? { quiet_from: "22:00", quiet_until: "07:00", zone: draft.zone === "UTC" && own ? own : draft.zone } : { quiet_from: null, quiet_until: null })} />
      {isQuiet && (
        <div class="fields">
          <Text label={t("alerts.from")} type="time" value={draft.quiet_from ?? ""} onInput={(quiet_from) => set({ quiet_from })} error={act.error("quiet_from")} />
          <Text label={t("alerts.until")} type="time" value={draft.quiet_until ?? ""} onInput={(quiet_until) => set({ quiet_until })} error={act.error("quiet_until")} />
          <Text label={t("alerts.zone")} dir="ltr" value={draft.zone} onInput={(zone) => set({ zone })} error={act.error("zone")} />
        </div>
      )}
      <p class="tools">
        <Button type="submit" kind="plain" isBusy={act.isBusy}>
          {t("save")}
        </Button>
      </p>
      <p class="hint">{t("alerts.hint")}</p>
    </form>
  );
}
