/** What is set of a screening hook. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { HookDraft } from "../../integrations";
import { named, t } from "../../say";
import { useAct } from "../../parts/act";
import { Button, Choice, Text } from "../../parts/ui";

// In shadow at first: what it would do is seen before it does it.
export const NEW: HookDraft = { name: "", url: "", timing: "wait", timeout_ms: 800, when_silent: "pass", hold_at: 0.8, shadow: true, enabled: true };
type Mode = "off" | "shadow" | "enforce";

export function modeOf(hook: Pick<HookDraft, "shadow" | "enabled">): Mode {
  return !hook.enabled ? "off" : hook.shadow ? "shadow" : "enforce";
}

export function HookEditor(props: { label: string; hook: HookDraft; save: (draft: HookDraft) => Promise<void>; onClose?: () => void }): JSX.Element {
  const [draft, setDraft] = useState(props.hook);
  const act = useAct();
  const set = (changes: Partial<HookDraft>): void => setDraft({ ...draft, ...changes });
  const mode = modeOf(draft);
  return (
    <form
      class="card-form"
      aria-label={props.label}
      onSubmit={(event) => {
        event.preventDefault();
        void act.run(() => props.save({ ...draft, url: draft.url.trim(), name: draft.name.trim() }), t("saved"));
      }}
    >
      <div class="fields">
        <Text label={t("queues.name")} hint={t("hooks.name_hint")} dir="ltr" value={draft.name} onInput={(name) => set({ name })} error={act.error("name")} isFirst={props.onClose !== undefined} />
        <Text label={t("webhooks.url")} hint={t("webhooks.url_hint")} type="url" dir="ltr" value={draft.url} onInput={(url) => set({ url })} error={act.error("url")} />
        <Choice label={t("hooks.mode")} hint={named("hookModeHint", mode)} value={mode} options={(["shadow", "enforce", "off"] as const).map((one) => [one, named("hookMode", one)] as const)} onChange={(wanted) => set({ enabled: wanted !== "off", ...(wanted === "off" ? {} : { shadow: wanted === "shadow" }) })} />
        <Choice label={t("hooks.timing")} value={draft.timing} options={(["wait", "after"] as const).map((one) => [one, named("timing", one)] as const)} onChange={(timing) => set({ timing: timing as HookDraft["timing"] })} error={act.error("timing")} />
        <Text label={t("hooks.timeout")} hint={t("hooks.timeout_hint")} type="number" inputMode="numeric" value={String(draft.timeout_ms)} onInput={(value) => set({ timeout_ms: Number(value) })} error={act.error("timeout_ms")} />
        <Choice label={t("hooks.when_silent")} hint={t("hooks.silent_hint")} value={draft.when_silent} options={(["pass", "hold"] as const).map((one) => [one, named("silent", one)] as const)} onChange={(when) => set({ when_silent: when as HookDraft["when_silent"] })} error={act.error("when_silent")} />
        <Text label={t("hooks.hold_at")} hint={t("hooks.hold_at_hint")} type="number" inputMode="decimal" value={String(draft.hold_at)} onInput={(value) => set({ hold_at: Number(value) })} error={act.error("hold_at")} />
      </div>
      <p class="tools">
        <Button type="submit" kind="plain" isBusy={act.isBusy}>
          {t("save")}
        </Button>
        {props.onClose && <Button onClick={props.onClose}>{t("cancel")}</Button>}
      </p>
    </form>
  );
}
