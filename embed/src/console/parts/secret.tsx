/** A secret that is shown this once. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../say";
import { copy } from "../tell";
import { Button, Notice } from "./ui";

export function Secret(props: { secret: string; onClose: () => void }): JSX.Element {
  const code = useRef<HTMLPreElement>(null);
  useEffect(() => code.current?.focus(), []);
  return (
    <Notice tone="good" role="status">
      <h2>{t("secret.title")}</h2>
      <p>{t("secret.about")}</p>
      <pre ref={code} tabIndex={0} dir="ltr" aria-label={t("secret.title")}>
        <code>{props.secret}</code>
      </pre>
      <p class="tools">
        <Button kind="plain" onClick={() => copy(props.secret)}>
          {t("snippet.copy")}
        </Button>
        <Button onClick={props.onClose}>{t("secret.kept")}</Button>
      </p>
    </Notice>
  );
}
