/** What was counted of an export: what is new, what is here already, what was left out and why. */
import type { JSX } from "preact";
import type { ImportReport, LeftOut } from "../../integrations";
import { number, t } from "../../say";
import { Table } from "../../parts/ui";

export function Counted(props: { title: string; report: ImportReport; isPlan?: boolean }): JSX.Element {
  const { report, isPlan } = props;
  const figures: [string, number][] = [
    [isPlan ? t("imports.new_comments") : t("imports.comments"), report.comments],
    [t("imports.tombstones"), report.tombstones],
    [t("imports.unchanged"), report.unchanged],
    ...(isPlan ? [] : ([[t("imports.pages"), report.pages], [t("imports.people"), report.people]] as [string, number][])),
    [t("imports.left_out"), sum(report.posts_left_out)],
  ];
  return (
    <section aria-label={props.title}>
      <h2>{props.title}</h2>
      <dl class="figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{number(value)}</dd>
          </div>
        ))}
      </dl>
      <p class="soft">{t("imports.read", { posts: number(report.posts_read), threads: number(report.threads_read) })}</p>
      <Kinds title={t("imports.posts_left_out")} kinds={report.posts_left_out} />
      <Kinds title={t("imports.threads_left_out")} kinds={report.threads_left_out} />
      <Kinds title={t("imports.mended")} kinds={report.mended} />
      {report.foreign_hosts.length > 0 && (
        <Table caption={t("imports.foreign")} heads={[t("imports.host"), t("imports.pages"), t("imports.comments")]}>
          {report.foreign_hosts.map((one) => (
            <tr key={one.host}>
              <th scope="row" dir="ltr">
                {one.host}
              </th>
              <td>{number(one.pages)}</td>
              <td>{number(one.comments)}</td>
            </tr>
          ))}
        </Table>
      )}
      {report.foreign_hosts.length > 0 && isPlan && <p class="hint">{t("imports.foreign_hint")}</p>}
      {report.twins.length > 0 && <p class="hint">{t("imports.merge_hint")}</p>}
      {report.twins.length > 0 && (
        <Table caption={t("imports.twins")} heads={[t("imports.first"), t("imports.second"), t("imports.comments")]}>
          {report.twins.map((one) => (
            <tr key={`${one.first} ${one.second}`}>
              <td dir="ltr">{one.first}</td>
              <td dir="ltr">{one.second}</td>
              <td>{number(one.comments)}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

const sum = (kinds: readonly LeftOut[]): number => kinds.reduce((total, one) => total + one.count, 0);

function Kinds(props: { title: string; kinds: readonly LeftOut[] }): JSX.Element | null {
  if (props.kinds.length === 0) return null;
  return (
    <Table caption={props.title} heads={[t("imports.why"), t("imports.how_many"), t("imports.examples")]}>
      {props.kinds.map((one) => (
        <tr key={one.kind}>
          <th scope="row" lang="en" dir="ltr">
            {one.words}
          </th>
          <td>{number(one.count)}</td>
          <td>
            <bdi>{one.examples.join(", ")}</bdi>
          </td>
        </tr>
      ))}
    </Table>
  );
}
