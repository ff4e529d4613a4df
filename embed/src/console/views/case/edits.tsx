/** Two versions side by side, what differs marked in both. */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Revision } from "../../answers";
import { differences } from "../../diff";
import { number, t } from "../../say";
import { Button, When } from "../../parts/ui";

export function Edits(props: { revisions: readonly Revision[] }): JSX.Element {
  const sorted = props.revisions.toSorted((one, other) => one.version - other.version);
  const [shown, setShown] = useState(sorted.length - 1);
  const before = sorted[shown - 1];
  const after = sorted[shown];
  if (!before || !after) return <></>;
  const pieces = differences(before.body, after.body);
  const side = (kind: "out" | "in"): ComponentChildren =>
    pieces.filter((piece) => piece.kind === "same" || piece.kind === kind).map((piece, index) => (piece.kind === "same" ? piece.text : kind === "out" ? <del key={index}>{piece.text}</del> : <ins key={index}>{piece.text}</ins>));
  return (
    <details class="edits">
      <summary>{t("case.edits", { n: sorted.length - 1 })}</summary>
      {sorted.length > 2 && (
        <p class="tools">
          {sorted.slice(1).map((one, index) => (
            <Button key={one.version} pressed={index + 1 === shown} onClick={() => setShown(index + 1)}>
              {number(index + 1)}
            </Button>
          ))}
        </p>
      )}
      <div class="sides">
        <div>
          <p class="soft">
            {t("case.before")} <When at={before.at} />
          </p>
          <p class="source" dir="auto">
            {side("out")}
          </p>
        </div>
        <div>
          <p class="soft">
            {t("case.after")} <When at={after.at} />
          </p>
          <p class="source" dir="auto">
            {side("in")}
          </p>
        </div>
      </div>
    </details>
  );
}
