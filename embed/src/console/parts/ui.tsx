/** The small pieces every view is made of. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Refusal } from "../call";
import { now } from "../clock";
import { refined, writePlace, type Place } from "../filters";
import type { Command } from "../keymap";
import { at, go, place } from "../place";
import { ago, dateTime, named, t } from "../say";
import { linesOf } from "../schema";
import { areKeysOn, keymap } from "../settings";

export function Link(props: { to: Place; children: ComponentChildren; class?: string; current?: boolean }): JSX.Element {
  return (
    <a
      href={writePlace(props.to)}
      class={props.class}
      aria-current={props.current ? "page" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(props.to);
      }}
    >
      {props.children}
    </a>
  );
}

/** The head of a view. Takes the focus when one came here from another view, so that a screen reader reads on from it. */
export function Head(props: { title: string; children?: ComponentChildren }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${props.title} · Parley`;
    if (history.state !== "first") heading.current?.focus({ preventScroll: true });
  }, [props.title]);
  return (
    <div class="head">
      <h1 ref={heading} tabIndex={-1}>
        {props.title}
      </h1>
      {props.children}
    </div>
  );
}

export function Button(props: {
  children: ComponentChildren;
  onClick?: () => void;
  kind?: "good" | "danger" | "quiet" | "plain";
  command?: Command;
  isBusy?: boolean;
  type?: "button" | "submit";
  label?: string;
  pressed?: boolean;
}): JSX.Element {
  const key = props.command && areKeysOn.value ? keymap.value[props.command] : null;
  return (
    <button
      type={props.type ?? "button"}
      class={`button ${props.kind ?? "quiet"}`}
      // Not `disabled`: what has the focus must not lose it.
      aria-disabled={props.isBusy ? "true" : undefined}
      aria-label={props.label}
      aria-pressed={props.pressed}
      aria-keyshortcuts={key ?? undefined}
      onClick={() => {
        if (!props.isBusy) props.onClick?.();
      }}
    >
      {props.children}
      {key && (
        <kbd aria-hidden="true" dir="ltr">
          {key}
        </kbd>
      )}
    </button>
  );
}

export function Ago(props: { at: string }): JSX.Element {
  return (
    <time dateTime={props.at} title={dateTime(props.at)}>
      {ago(props.at, now.value)}
    </time>
  );
}

export function When(props: { at: string }): JSX.Element {
  return <time dateTime={props.at}>{dateTime(props.at)}</time>;
}

export function Name(props: { children: string | null | undefined }): JSX.Element {
  return <bdi>{props.children || t("author.unknown")}</bdi>;
}

export function Notice(props: { tone?: "good" | "bad" | "plain"; children: ComponentChildren; role?: "status" | "alert" }): JSX.Element {
  return (
    <div class={`notice ${props.tone ?? "plain"}`} role={props.role}>
      {props.children}
    </div>
  );
}

export function Failure(props: { error: unknown; retry?: () => void }): JSX.Element {
  const { error } = props;
  const isOurs = error instanceof Refusal;
  return (
    <Notice tone="bad" role="alert">
      {isOurs && error.kind === "offline" ? t("error.offline") : isOurs && error.problem.status === 403 ? t("error.forbidden") : isOurs ? <span lang="en" dir="ltr">{error.message}</span> : t("error.unknown")}{" "}
      {props.retry && <Button onClick={props.retry}>{t("again")}</Button>}
    </Notice>
  );
}

export function Nothing(props: { children: ComponentChildren }): JSX.Element {
  return <p class="nothing">{props.children}</p>;
}

export function Loading(): JSX.Element {
  return <p class="nothing">{t("loading")}</p>;
}

let fields = 0;

/** A labelled input; `hint` and `error` are read with it. */
export function Field(props: {
  label: string;
  hint?: string | undefined;
  error?: string | null;
  children: (attributes: { id: string; "aria-describedby"?: string; "aria-invalid"?: "true" }) => ComponentChildren;
}): JSX.Element {
  const id = useRef("");
  id.current ||= `field-${++fields}`;
  const described = [props.hint ? `${id.current}-hint` : "", props.error ? `${id.current}-error` : ""].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id.current}>{props.label}</label>
      {props.children({
        id: id.current,
        ...(described ? { "aria-describedby": described } : {}),
        ...(props.error ? { "aria-invalid": "true" as const } : {}),
      })}
      {props.hint && (
        <p class="hint" id={`${id.current}-hint`}>
          {props.hint}
        </p>
      )}
      {props.error && (
        <p class="problem" id={`${id.current}-error`}>
          {props.error}
        </p>
      )}
    </div>
  );
}

export function Text(props: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  hint?: string | undefined;
  error?: string | null;
  type?: "text" | "email" | "number" | "datetime-local" | "time" | "url";
  inputMode?: "numeric" | "decimal";
  dir?: "ltr" | "auto";
  /** The first field of a form that was just opened takes the focus. */
  isFirst?: boolean;
}): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (props.isFirst) input.current?.focus();
  }, []);
  return (
    <Field label={props.label} hint={props.hint} error={props.error ?? null}>
      {(field) => (
        <input
          {...field}
          ref={input}
          // One of some, which the types of preact want to know apart.
          type={(props.type ?? "text") as "text"}
          step={props.type === "number" ? "any" : undefined}
          inputMode={props.inputMode}
          dir={props.dir ?? "auto"}
          value={props.value}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** A list, a line for each entry. The text is kept as written while one writes. */
export function Lines(props: { label: string; hint?: string | undefined; error: string | null; value: readonly string[]; onChange: (value: string[]) => void }): JSX.Element {
  const [text, setText] = useState(props.value.join("\n"));
  return (
    <Field label={props.label} hint={props.hint} error={props.error}>
      {(field) => (
        <textarea
          {...field}
          rows={Math.min(8, Math.max(2, props.value.length + 1))}
          dir="auto"
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            props.onChange(linesOf(event.currentTarget.value));
          }}
        />
      )}
    </Field>
  );
}

export function Choice(props: {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
  hint?: string | undefined;
  error?: string | null;
}): JSX.Element {
  return (
    <Field label={props.label} hint={props.hint} error={props.error ?? null}>
      {(field) => (
        <select {...field} value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
          {props.options.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Check(props: { label: string; isOn: boolean; onChange: (on: boolean) => void; hint?: string | undefined }): JSX.Element {
  return (
    <label class="check">
      <input type="checkbox" checked={props.isOn} onChange={(event) => props.onChange(event.currentTarget.checked)} />
      <span>
        {props.label}
        {props.hint && <small class="hint">{props.hint}</small>}
      </span>
    </label>
  );
}

/** Some of a few, each with a box. */
export function Checks(props: { label: string; options: readonly (readonly [string, string])[]; chosen: readonly string[]; onChange: (chosen: string[]) => void; hint?: string; error?: string | null }): JSX.Element {
  const { chosen, onChange } = props;
  return (
    <fieldset class="choices">
      <legend>{props.label}</legend>
      {props.hint && <p class="hint">{props.hint}</p>}
      <div class="some">
        {props.options.map(([value, words]) => (
          <Check key={value} label={words} isOn={chosen.includes(value)} onChange={(on) => onChange(on ? [...chosen, value] : chosen.filter((one) => one !== value))} />
        ))}
      </div>
      {props.error && (
        <p class="problem" role="alert">
          {props.error}
        </p>
      )}
    </fieldset>
  );
}

/** A dialog of the browser's own: it keeps the focus inside, Escape closes it, the focus goes back to where it was. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren; class?: string }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const from = document.activeElement;
    const shown = dialog.current;
    shown?.showModal();
    return () => {
      shown?.close();
      if (from instanceof HTMLElement && from.isConnected) from.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={props.class}
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) props.onClose();
      }}
    >
      <div class="inside">
        <header>
          <h2 id="dialog-title">{props.title}</h2>
          <Button onClick={props.onClose}>{t("close")}</Button>
        </header>
        {props.children}
      </div>
    </dialog>
  );
}

/**
 * A table that scrolls by itself where it is too wide. On a phone each row is a card with a name before each value; what
 * is drawn as blocks is no table to a screen reader, unless its parts say that they are.
 */
export function Table(props: { caption: string; heads: readonly string[]; children: ComponentChildren; isCaptionHidden?: boolean }): JSX.Element {
  const body = useRef<HTMLTableSectionElement>(null);
  useLayoutEffect(() => {
    for (const line of body.current?.rows ?? []) {
      line.setAttribute("role", "row");
      for (const [index, cell] of [...line.cells].entries()) {
        cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
        cell.dataset["label"] = props.heads[index] ?? "";
      }
    }
  });
  return (
    <div class="wide" role="region" aria-label={props.caption} tabIndex={0}>
      <table role="table">
        <caption class={props.isCaptionHidden ? "hidden" : undefined}>{props.caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {props.heads.map((head) => (
              <th key={head} scope="col" role="columnheader">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} role="rowgroup">
          {props.children}
        </tbody>
      </table>
    </div>
  );
}

export function AuthorLink(props: { person?: string | null | undefined; name: string | null | undefined }): JSX.Element {
  return props.person ? (
    <Link to={at("authors", props.person)}>
      <Name>{props.name}</Name>
    </Link>
  ) : (
    <Name>{props.name}</Name>
  );
}

/** A text field that filters by the address, once one stops typing. */
export function Search(props: { label: string; name: string; id?: string }): JSX.Element {
  const timer = useRef(0);
  const value = place.value.filters[props.name] ?? "";
  return (
    <input
      type="search"
      class="search"
      id={props.id}
      aria-label={props.label}
      placeholder={props.label}
      dir="auto"
      value={value}
      onInput={(event) => {
        const wanted = event.currentTarget.value;
        clearTimeout(timer.current);
        timer.current = window.setTimeout(() => go(refined(place.value, { [props.name]: wanted }), true), 250);
      }}
    />
  );
}

/** A select that filters by the address. */
export function Filter(props: { label: string; name: string; options: readonly (readonly [string, string])[] }): JSX.Element {
  return (
    <label class="filter">
      <span>{props.label}</span>
      <select
        value={place.value.filters[props.name] ?? ""}
        onChange={(event) => go(refined(place.value, { [props.name]: event.currentTarget.value }))}
      >
        {props.options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Who did it, to what, when: a line of a record. */
export function actionWords(action: string): string {
  return named("done", action);
}
