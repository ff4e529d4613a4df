/** Words and link hosts: tried out on what was written before they are switched on. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Rule, RuleTrial } from "../answers";
import { Refusal } from "../call";
import { desk } from "../desk";
import { named, number, t } from "../say";
import { toast } from "../tell";
import { useAnswer } from "../parts/answer";
import { Small } from "../parts/comment";
import { Button, Check, Choice, Failure, Head, Loading, Nothing, Notice, Table, Text } from "../parts/ui";

type Draft = Omit<Rule, "id">;
const NEW: Draft = { kind: "word", pattern: "", action: "hold", severity: 0.5, whole_word: true, enabled: false, note: "" };

export function RulesView(props: { site: string }): JSX.Element {
  const rules = useAnswer(() => desk.rules(props.site), [props.site]);
  const [edited, setEdited] = useState<Rule | "new" | null>(null);
  return (
    <>
      <Head title={t("rules.title")}>
        <p class="count">{t("rules.about")}</p>
        <Button kind="plain" onClick={() => setEdited("new")}>
          {t("rules.new")}
        </Button>
      </Head>
      {Boolean(rules.error) && <Failure error={rules.error} retry={rules.again} />}
      {edited && (
        <Editor
          key={edited === "new" ? "new" : edited.id}
          site={props.site}
          rule={edited === "new" ? null : edited}
          onDone={() => {
            setEdited(null);
            rules.again();
          }}
          onClose={() => setEdited(null)}
        />
      )}
      {!rules.value && rules.isLoading && <Loading />}
      {rules.value?.items.length === 0 && <Nothing>{t("rules.empty")}</Nothing>}
      {rules.value && rules.value.items.length > 0 && (
        <Table caption={t("rules.title")} isCaptionHidden heads={[t("rules.pattern"), t("rules.kind"), t("rules.action"), t("rules.state"), t("rules.note"), t("rules.edit")]}>
          {rules.value.items.map((rule) => (
            <tr key={rule.id}>
              <th scope="row">
                <code dir="auto">{rule.pattern}</code>
              </th>
              <td>{named("ruleKind", rule.kind)}</td>
              <td>{named("ruleAction", rule.action)}</td>
              <td>{rule.enabled ? t("on") : t("off")}</td>
              <td>
                <bdi>{rule.note}</bdi>
              </td>
              <td>
                <Button onClick={() => setEdited(rule)} label={t("rules.edit_one", { pattern: rule.pattern })}>
                  {t("rules.edit")}
                </Button>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

function Editor(props: { site: string; rule: Rule | null; onDone: () => void; onClose: () => void }): JSX.Element {
  const { site, rule } = props;
  const { id: _id, ...known } = rule ?? { id: "", ...NEW };
  const [draft, setDraft] = useState<Draft>({ ...NEW, ...pick(known) });
  const [trial, setTrial] = useState<RuleTrial | null>(null);
  const [problem, setProblem] = useState<{ field: string; words: string } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const set = (changes: Partial<Draft>): void => {
    setDraft({ ...draft, ...changes });
    setTrial(null);
    setProblem(null);
  };
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
  return (
    <form
      class="card-form"
      aria-label={rule ? t("rules.edit_one", { pattern: rule.pattern }) : t("rules.new")}
      onSubmit={(event) => {
        event.preventDefault();
        void run(async () => {
          await (rule ? desk.changeRule(rule.id, draft) : desk.addRule(site, draft));
          toast(t("saved"));
          props.onDone();
        });
      }}
    >
      <div class="fields">
        <Choice label={t("rules.kind")} value={draft.kind} onChange={(kind) => set({ kind: kind as Rule["kind"] })} options={[["word", named("ruleKind", "word")], ["host", named("ruleKind", "host")]]} />
        <Text label={t("rules.pattern")} value={draft.pattern} onInput={(pattern) => set({ pattern })} hint={draft.kind === "word" ? t("rules.word_hint") : t("rules.host_hint")} error={problem?.words ?? null} />
        <Choice label={t("rules.action")} value={draft.action} onChange={(action) => set({ action: action as Rule["action"] })} options={["hold", "reject", "allow"].map((one) => [one, named("ruleAction", one)] as const)} />
        <Text label={t("rules.severity")} type="number" inputMode="decimal" value={String(draft.severity)} onInput={(value) => set({ severity: Number(value) || 0 })} hint={t("rules.severity_hint")} />
        <Text label={t("rules.note")} value={draft.note} onInput={(note) => set({ note })} />
      </div>
      {draft.kind === "word" && <Check label={t("rules.whole_word")} isOn={draft.whole_word} onChange={(on) => set({ whole_word: on })} />}
      <Check label={t("rules.enabled")} isOn={draft.enabled} onChange={(on) => set({ enabled: on })} />
      <p class="tools">
        <Button isBusy={isBusy} onClick={() => void run(async () => setTrial(await desk.tryRule(site, draft)))}>
          {t("rules.try")}
        </Button>
        <Button type="submit" kind="plain" isBusy={isBusy}>
          {t("save")}
        </Button>
        {rule && (
          <Button
            kind="danger"
            isBusy={isBusy}
            onClick={() =>
              void run(async () => {
                await desk.dropRule(rule.id);
                props.onDone();
              })
            }
          >
            {t("delete")}
          </Button>
        )}
        <Button onClick={props.onClose}>{t("cancel")}</Button>
      </p>
      {trial && (
        <Notice role="status">
          <p>
            <b>{t("rules.would", { n: trial.would_hold + trial.would_reject, of: number(trial.looked_at) })}</b>{" "}
            {Boolean(trial.of_published) && t("rules.of_published", { n: trial.of_published ?? 0 })}{" "}
            {Boolean(trial.would_allow) && t("rules.would_allow", { n: trial.would_allow ?? 0 })}
          </p>
          <div class="samples" role="region" aria-label={t("bulk.samples")} tabIndex={0}>
            {trial.samples.map((one) => (
              <Small key={one.id} comment={one} />
            ))}
          </div>
        </Notice>
      )}
    </form>
  );
}

function pick(rule: Draft): Draft {
  const { kind, pattern, action, severity, whole_word, enabled, note } = rule;
  return { kind, pattern, action, severity, whole_word, enabled, note };
}
