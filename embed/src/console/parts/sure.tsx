/** A button for what cannot be undone: it asks once more, in its place. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../say";
import { Button } from "./ui";

export function Sure(props: { label: string; words: string; isBusy?: boolean; onSure: () => void }): JSX.Element {
  const [isAsked, setAsked] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  const wasAsked = useRef(false);
  // The focus is where the question is, and back at the button when it is taken back.
  useEffect(() => {
    if (isAsked || wasAsked.current) box.current?.querySelector("button")?.focus();
    wasAsked.current = isAsked;
  }, [isAsked]);
  return (
    <span class="sure" ref={box}>
      {isAsked ? (
        <span role="group" aria-label={props.words} class="tools">
          <span>{props.words}</span>
          <Button
            kind="danger"
            isBusy={props.isBusy ?? false}
            onClick={() => {
              setAsked(false);
              props.onSure();
            }}
          >
            {props.label}
          </Button>
          <Button onClick={() => setAsked(false)}>{t("cancel")}</Button>
        </span>
      ) : (
        <Button onClick={() => setAsked(true)}>{props.label}</Button>
      )}
    </span>
  );
}
