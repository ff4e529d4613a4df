/** What is done with the cases that are chosen, on however many pages they stand. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Action } from "../../answers";
import { named, t } from "../../say";
import * as shift from "../../shift";
import { RESTRICTING, Sheet } from "../../parts/sheet";
import { Button } from "../../parts/ui";

export function ChosenBar(): JSX.Element | null {
  const [action, setAction] = useState<Action | null>(null);
  const rows = [...shift.chosen.value.values()];
  if (rows.length === 0) return null;
  const act = (wanted: Action): void => {
    if (RESTRICTING.has(wanted) && shift.reasons.value.isRequired) setAction(wanted);
    else void shift.decideMany(rows, { action: wanted });
  };
  const isBusy = shift.unanswered.value > 0;
  return (
    <div class="chosen" role="group" aria-label={t("select.title")}>
      <p>{t("select.count", { n: rows.length })}</p>
      <div class="tools">
        <Button kind="good" isBusy={isBusy} onClick={() => act("approve")}>
          {named("action", "approve")}
        </Button>
        <Button kind="danger" isBusy={isBusy} onClick={() => act("reject")}>
          {named("action", "reject")}
        </Button>
        <Button isBusy={isBusy} onClick={() => act("spam")}>
          {named("action", "spam")}
        </Button>
        <More />
        <Button onClick={() => shift.letGo()}>{t("select.clear")}</Button>
      </div>
      {action && (
        <Sheet
          title={t("select.count", { n: rows.length })}
          actions={[action]}
          action={action}
          canSanction={false}
          onClose={() => setAction(null)}
          onMade={(made) => {
            setAction(null);
            void shift.decideMany(rows, made);
          }}
        />
      )}
    </div>
  );
}

/** Choosing all there are: those shown, or the whole queue, of which the rest is read first. */
function More(): JSX.Element | null {
  const ids = shift.shown.value;
  const { order, open, isComplete } = shift.queue.value;
  const isPartly = ids === order && !isComplete && open > ids.length;
  if (isPartly)
    return (
      <Button isBusy={shift.isLoading.value} onClick={() => void shift.reach(open).then(() => shift.choose(shift.shown.value))}>
        {t("select.whole", { n: open })}
      </Button>
    );
  if (ids.every((id) => shift.chosen.value.has(id))) return null;
  return <Button onClick={() => shift.choose(ids)}>{t("select.all", { n: ids.length })}</Button>;
}
