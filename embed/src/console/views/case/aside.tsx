/** What is known around a case: reports, signals, its place in the queue, its author, what was decided before. */
import type { ComponentChildren, JSX } from "preact";
import type { Case, CaseContext, EarlierDecision, Priority, Reports, Signal } from "../../answers";
import { named, number, t } from "../../say";
import { Ago, Failure, Name } from "../../parts/ui";
import { AuthorPart } from "./author";

export function Aside(props: { item: Case; context: CaseContext | null; problem: unknown; retry: () => void }): JSX.Element {
  const { item, context } = props;
  return (
    <aside class="why" id="why" tabIndex={-1} aria-label={t("why.title")}>
      {item.reports.length > 0 && <ReportsPart reports={item.reports} />}
      {item.signals.length > 0 && <SignalsPart signals={item.signals} />}
      {item.priority && <PriorityPart priority={item.priority} />}
      <AuthorPart author={context?.author ?? null} counts={context?.author?.counts ?? item.record} />
      {context && context.decisions.length > 0 && <DecisionsPart decisions={context.decisions} />}
      {Boolean(props.problem) && <Failure error={props.problem} retry={props.retry} />}
    </aside>
  );
}

export function Part(props: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section>
      <h3>{props.title}</h3>
      {props.children}
    </section>
  );
}

function ReportsPart(props: { reports: readonly Reports[] }): JSX.Element {
  return (
    <Part title={t("why.reports")}>
      <ul>
        {props.reports.map((one) => (
          <li key={one.reason}>
            {named("report", one.reason)} <span class="number">{number(one.count)}</span>
            {one.details.map((words, index) => (
              <q key={index} dir="auto">
                {words}
              </q>
            ))}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function SignalsPart(props: { signals: readonly Signal[] }): JSX.Element {
  return (
    <Part title={t("why.signals")}>
      <ul>
        {props.signals.map((one, index) => (
          <li key={index}>
            <span lang="en" dir="auto">
              {one.reason}
            </span>{" "}
            <meter min={0} max={1} value={one.score} aria-label={t("why.score", { score: number(one.score, { maximumFractionDigits: 2 }) })} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

function PriorityPart(props: { priority: Priority }): JSX.Element {
  const { priority } = props;
  return (
    <Part title={t("why.priority")}>
      <details>
        <summary>
          {named("level", priority.level)}, {t("why.due")} <Ago at={priority.due_at} />
        </summary>
        <ul lang="en" dir="ltr">
          {priority.parts.map((part) => (
            <li key={part.name}>{part.words}</li>
          ))}
        </ul>
      </details>
    </Part>
  );
}

function DecisionsPart(props: { decisions: readonly EarlierDecision[] }): JSX.Element {
  return (
    <Part title={t("why.decisions")}>
      <ul class="plain">
        {props.decisions.map((one) => (
          <li key={one.id}>
            <Name>{one.by}</Name>: {named("done", one.action)} <Ago at={one.at} />
            {one.note && <q dir="auto">{one.note}</q>}
          </li>
        ))}
      </ul>
    </Part>
  );
}
