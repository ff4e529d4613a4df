/** What became of each event a webhook is told: every try, and sending it again. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Delivery } from "../../integrations";
import { office } from "../../office";
import { place } from "../../place";
import { named, number, t } from "../../say";
import { useAct } from "../../parts/act";
import { useList } from "../../parts/answer";
import { Ago, Button, Failure, Filter, Loading, Nothing, Table, When } from "../../parts/ui";

const STATES = ["waiting", "delivered", "dead", "moot"] as const;
const LOOKED = 3_000;
const PAGE = 25;

export function Deliveries(props: { site: string; webhook: string; turn: number }): JSX.Element {
  const { site, webhook } = props;
  const state = place.value.filters["state"];
  const list = useList((cursor) => office.deliveries(site, webhook, state, cursor), [site, webhook, state, props.turn]);
  const act = useAct();
  // What is on its way is looked at again until something came of it, unless one reads further down.
  const isWaiting = list.items.length <= PAGE && list.items.some((one) => one.state === "waiting");
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(list.again, LOOKED);
    return () => clearTimeout(timer);
  }, [isWaiting, list.value]);
  return (
    <section aria-label={t("deliveries.title")}>
      <div class="head">
        <h2>{t("deliveries.title")}</h2>
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <Filter label={t("webhooks.state")} name="state" options={[["", t("filter.all")], ...STATES.map((one) => [one, named("delivery", one)] as const)]} />
        </form>
        <Button isBusy={act.isBusy} onClick={() => void act.run(() => office.replayDead(site, webhook), t("deliveries.sent_again")).then(list.again)}>
          {t("deliveries.replay_dead")}
        </Button>
      </div>
      {Boolean(list.error) && <Failure error={list.error} retry={list.again} />}
      {!list.value && list.isLoading && <Loading />}
      {list.value && list.items.length === 0 && <Nothing>{t("deliveries.empty")}</Nothing>}
      {list.items.length > 0 && (
        <Table caption={t("deliveries.title")} isCaptionHidden heads={[t("log.when"), t("deliveries.event"), t("webhooks.state"), t("deliveries.tries"), t("deliveries.again")]}>
          {list.items.map((one) => (
            <tr key={one.id}>
              <td class="when">
                <When at={one.created_at} />
              </td>
              <th scope="row">{named("event", one.event.replace(".", "_"))}</th>
              <td>
                <span class={one.state === "dead" ? "state" : undefined}>{named("delivery", one.state)}</span>
                {one.next_at && (
                  <span class="soft">
                    {", "}
                    <Ago at={one.next_at} />
                  </span>
                )}
              </td>
              <td>
                <Tries delivery={one} />
              </td>
              <td>
                <Button isBusy={act.isBusy} label={t("deliveries.replay_one", { what: named("event", one.event.replace(".", "_")) })} onClick={() => void act.run(() => office.replay(site, webhook, one.id), t("deliveries.sent_again")).then(list.again)}>
                  {t("deliveries.replay")}
                </Button>
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

function Tries(props: { delivery: Delivery }): JSX.Element {
  const { tries } = props.delivery;
  if (tries.length === 0) return <>–</>;
  return (
    <ul class="plain">
      {tries.map((one) => (
        <li key={one.at}>
          {one.status !== null && <b>{one.status}</b>} <span lang="en">{one.fault}</span> <span class="soft">{number(one.milliseconds, { style: "unit", unit: "millisecond", unitDisplay: "short" })}</span>
        </li>
      ))}
    </ul>
  );
}
