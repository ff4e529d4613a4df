/** Statements of reasons: one for each restriction, with the appeal where its author made one. */
import type { JSX } from "preact";
import type { Statement } from "../answers";
import { desk } from "../desk";
import { at } from "../place";
import { named, t } from "../say";
import { useList } from "../parts/answer";
import { Button, Failure, Head, Link, Loading, Nothing, Table, When } from "../parts/ui";

export function StatementsView(props: { site: string; isOwner: boolean }): JSX.Element {
  const list = useList<Statement>((cursor) => desk.statements(props.site, cursor), [props.site]);
  return (
    <>
      <Head title={t("statements.title")}>
        <Link to={at("queue", "", { queue: "appeals" })} class="button quiet">
          {t("statements.appeals")}
        </Link>
        {props.isOwner && (
          <a class="button quiet" href={desk.statementsExport(props.site)} download>
            {t("log.export")}
          </a>
        )}
      </Head>
      <p class="hint">{t("statements.about")}</p>
      {Boolean(list.error) && <Failure error={list.error} retry={list.again} />}
      {!list.value && list.isLoading && <Loading />}
      {list.value && list.items.length === 0 && <Nothing>{t("statements.empty")}</Nothing>}
      {list.items.length > 0 && (
        <Table caption={t("statements.title")} isCaptionHidden heads={[t("log.when"), t("log.what"), t("sheet.reason"), t("statements.ground"), t("statements.text"), t("statements.appeal")]}>
          {list.items.map((one) => (
            <tr key={one.id}>
              <td>
                <When at={one.created_at} />
              </td>
              <td>{named("state", one.restriction)}{one.withdrawn_at && `, ${t("statements.withdrawn")}`}</td>
              <td><bdi>{one.title}</bdi></td>
              <td>{named("ground", one.ground)}</td>
              <td>
                <bdi>{one.facts}</bdi> {one.note && <q dir="auto">{one.note}</q>}
              </td>
              <td>
                {one.appeal ? (
                  <>
                    <span class="tag">{named("appeal", one.appeal)}</span> {one.appeal_answer && <q dir="auto">{one.appeal_answer}</q>}
                  </>
                ) : (
                  "–"
                )}
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
    </>
  );
}
