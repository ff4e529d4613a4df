/** The whole decision in one act: what, why, a note to the author, a sanction. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Action, Reason, Sanction } from "../answers";
import { named, t } from "../say";
import { reasons, type Made } from "../shift";
import { Button, Choice, Dialog, Field } from "./ui";

export const RESTRICTING: ReadonlySet<Action> = new Set<Action>(["reject", "spam", "remove", "close_replies"]);

const SANCTIONS: readonly (readonly [string, Sanction | null])[] = [
  ["none", null],
  ["premoderate_168", { kind: "premoderate", hours: 168 }],
  ["suspend_24", { kind: "suspend", hours: 24 }],
  ["suspend_168", { kind: "suspend", hours: 168 }],
  ["shadow_168", { kind: "shadow", hours: 168 }],
  ["ban", { kind: "ban" }],
];

export function reasonTitle(reason: Reason): string {
  return reason.title || named("reason", reason.code);
}

export function Sheet(props: {
  title: string;
  actions: readonly Action[];
  action: Action;
  canSanction: boolean;
  isQuick?: boolean;
  onClose: () => void;
  onMade: (made: Made) => void;
}): JSX.Element {
  const [action, setAction] = useState<Action>(props.action);
  const [reason, setReason] = useState("");
  const [note, setNote] = useState("");
  const [sanction, setSanction] = useState("none");
  const [problem, setProblem] = useState<string | null>(null);
  const { items, isRequired } = reasons.value;
  const asksReason = RESTRICTING.has(action) && items.length > 0;

  const made = (code: string): void => {
    if (asksReason && isRequired && !code) {
      setProblem(t("sheet.reason_missing"));
      return;
    }
    const chosen = SANCTIONS.find(([name]) => name === sanction)?.[1];
    props.onMade({ action, ...(asksReason && code ? { reason: code } : {}), ...(note.trim() ? { note: note.trim() } : {}), ...(chosen ? { sanction: chosen } : {}) });
  };

  return (
    <Dialog title={props.title} onClose={props.onClose} class="sheet">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          made(reason);
        }}
        onKeyDown={(press) => {
          const place = "123456789".indexOf(press.key);
          const code = place >= 0 && press.key ? items[place]?.code : undefined;
          if (!asksReason || code === undefined || press.ctrlKey || press.altKey || press.metaKey || press.target instanceof HTMLTextAreaElement) return;
          press.preventDefault();
          setReason(code);
          if (props.isQuick) made(code);
        }}
      >
        {props.actions.length > 1 && (
          <fieldset class="choices inline">
            <legend>{t("sheet.action")}</legend>
            {props.actions.map((one) => (
              <label key={one} class="check">
                <input type="radio" name="action" checked={one === action} onChange={() => setAction(one)} /> <span>{named("action", one)}</span>
              </label>
            ))}
          </fieldset>
        )}
        {asksReason && (
          <fieldset class="choices reasons" aria-describedby={problem ? "reason-problem" : undefined}>
            <legend>{t("sheet.reason")}</legend>
            <div class="two">
            {items.map((one, index) => (
              <label key={one.code} class="check">
                <input
                  type="radio"
                  name="reason"
                  checked={one.code === reason}
                  autofocus={index === 0}
                  onChange={() => {
                    setReason(one.code);
                    setProblem(null);
                  }}
                />
                <span class="of">
                  <bdi>{reasonTitle(one)}</bdi>
                  {one.rule && (
                    <small class="hint">
                      <bdi>{one.rule}</bdi>
                    </small>
                  )}
                </span>
                {index < 9 && (
                  <kbd aria-hidden="true" dir="ltr">
                    {index + 1}
                  </kbd>
                )}
              </label>
            ))}
            </div>
            {problem && (
              <p class="problem" id="reason-problem" role="alert">
                {problem}
              </p>
            )}
          </fieldset>
        )}
        <Field label={t("sheet.note")} hint={t("sheet.note_hint")}>
          {(field) => <textarea {...field} rows={2} maxLength={1000} dir="auto" value={note} onInput={(event) => setNote(event.currentTarget.value)} />}
        </Field>
        {props.canSanction && (
          <Choice label={t("sheet.sanction")} value={sanction} onChange={setSanction} options={SANCTIONS.map(([name]) => [name, named("sanction", name)] as const)} />
        )}
        <p class="row-of">
          <Button type="submit" kind={RESTRICTING.has(action) ? "danger" : "good"}>
            {named("action", action)}
          </Button>
          <Button onClick={props.onClose}>{t("cancel")}</Button>
        </p>
      </form>
    </Dialog>
  );
}
