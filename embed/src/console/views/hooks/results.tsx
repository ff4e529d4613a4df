/** What a hook said, in numbers and one by one: how one judges it before it decides anything. */
import type { JSX } from "preact";
import type { Signal } from "../../answers";
import type { HookResults } from "../../integrations";
import { office } from "../../office";
import { named, number, t } from "../../say";
import { useList } from "../../parts/answer";
import { Bars } from "../../parts/charts";
import { Button, Failure, Loading, Nothing, Table, When } from "../../parts/ui";

export function Results(props: { site: string; hook: string }): JSX.Element {
  const { site, hook } = props;
  const list = useList((cursor) => office.hookResults(site, hook, cursor), [site, hook]);
  const counts = (list.value as HookResults | null)?.counts ?? [];
  return (
    <section aria-label={t("hooks.results")}>
      <div class="head">
        <h2>{t("hooks.results")}</h2>
        <Button onClick={list.again}>{t("hooks.look_again")}</Button>
      </div>
      {Boolean(list.error) && <Failure error={list.error} retry={list.again} />}
      {!list.value && list.isLoading && <Loading />}
      {list.value && list.items.length === 0 && <Nothing>{t("hooks.no_results")}</Nothing>}
      {counts.length > 0 && <Bars title={t("hooks.counts")} items={counts.map((one) => ({ name: outcomeWords(one), value: one.count, words: number(one.count) }))} />}
      {list.items.length > 0 && (
        <Table caption={t("hooks.results")} isCaptionHidden heads={[t("log.when"), t("hooks.said"), t("why.signals"), t("hooks.took"), t("log.comment")]}>
          {list.items.map((one) => (
            <tr key={one.id}>
              <td class="when">
                <When at={one.at} />
              </td>
              <td>
                {outcomeWords(one)} {one.is_shadow && <span class="tag">{named("hookMode", "shadow")}</span>} <span lang="en">{one.fault}</span>
              </td>
              <td>
                <SaidSignals signals={one.signals} />
              </td>
              <td>{number(one.milliseconds, { style: "unit", unit: "millisecond", unitDisplay: "short" })}</td>
              <td>
                <code dir="ltr">{one.comment}</code>
              </td>
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

function outcomeWords(one: { outcome: string; action: string }): string {
  return one.outcome === "answered" ? `${named("outcome", one.outcome)}: ${named("hookAction", one.action)}` : named("outcome", one.outcome);
}

export function SaidSignals(props: { signals: readonly Signal[] }): JSX.Element {
  return (
    <ul class="plain">
      {props.signals.map((one, index) => (
        <li key={index}>
          <b>{one.name}</b> <span class="number">{number(one.score, { maximumFractionDigits: 2 })}</span> <span dir="auto">{one.reason}</span>
        </li>
      ))}
    </ul>
  );
}
