/** A site's settings, drawn from what the server says of them, beside the frame as readers would get it. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Schema, Site } from "../answers";
import { Refusal } from "../call";
import { desk } from "../desk";
import { place, refine } from "../place";
import { named, t } from "../say";
import { changesBetween, followed, kindOf, linesOf } from "../schema";
import { toast } from "../tell";
import { useAnswer } from "../parts/answer";
import { Button, Check, Choice, Failure, Field, Head, Lines, Loading, Notice, Text } from "../parts/ui";

type Values = Record<string, Record<string, unknown>>;

export function SettingsView(props: { site: string }): JSX.Element {
  const found = useAnswer(() => desk.site(props.site), [props.site]);
  return (
    <>
      <Head title={t("settings.title")} />
      {Boolean(found.error) && <Failure error={found.error} retry={found.again} />}
      {!found.value && found.isLoading && <Loading />}
      {found.value && <Editor key={`${found.value.name}-${found.value.settings_version}`} site={found.value} onSaved={found.set} again={found.again} />}
    </>
  );
}

// What publishers change most comes first; sections of later versions come last.
const ORDER = ["posting", "reading", "looks", "screening", "moderation", "threads"];

function rank(section: string): number {
  const found = ORDER.indexOf(section);
  return found < 0 ? ORDER.length : found;
}

function Editor(props: { site: Site; onSaved: (site: Site) => void; again: () => void }): JSX.Element {
  const { site } = props;
  const [title, setTitle] = useState(site.title);
  const [origins, setOrigins] = useState(site.origins.join("\n"));
  const [values, setValues] = useState<Values>(site.settings);
  const [problem, setProblem] = useState<{ field: string; words: string } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isOld, setOld] = useState(false);
  const names = Object.keys(site.schemas).toSorted((one, other) => rank(one) - rank(other));
  const section = names.find((name) => name === place.value.filters["section"]) ?? names[0] ?? "";
  const changes = changesBetween(site.settings, values);
  const isChanged = Object.keys(changes).length > 0 || title !== site.title || origins !== site.origins.join("\n");

  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const saved = await desk.changeSite(site.name, {
        settings_version: site.settings_version,
        ...(title === site.title ? {} : { title }),
        ...(origins === site.origins.join("\n") ? {} : { origins: linesOf(origins) }),
        settings: changes,
      });
      toast(t("saved"));
      props.onSaved(saved);
    } catch (error) {
      if (error instanceof Refusal && error.kind === "settings-changed") setOld(true);
      else if (error instanceof Refusal && error.problem.field) {
        setProblem({ field: error.problem.field, words: error.message });
        const at = error.problem.field.split(".")[1];
        if (at && names.includes(at)) refine({ section: at }, true);
      } else toast(error instanceof Error ? error.message : String(error), "bad");
    } finally {
      setBusy(false);
    }
  };
  const schema = site.schemas[section] ?? {};
  const error = (path: string): string | null => (problem && (problem.field === path || problem.field.startsWith(`${path}.`)) ? problem.words : null);
  return (
    <div class="halves">
      <form
        class="settings"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {isOld && (
          <Notice tone="bad" role="alert">
            <p>{t("settings.changed_meanwhile")}</p>
            <Button onClick={props.again}>{t("settings.read_again")}</Button>
          </Notice>
        )}
        <Text label={t("settings.site_title")} value={title} onInput={setTitle} error={error("title")} />
        <Field label={t("settings.origins")} hint={t("settings.origins_hint")} error={error("origins")}>
          {(field) => <textarea {...field} rows={3} dir="ltr" value={origins} onInput={(event) => setOrigins(event.currentTarget.value)} />}
        </Field>
        <nav aria-label={t("settings.sections")} class="tabs">
          {names.map((name) => (
            <button key={name} type="button" aria-current={name === section ? "true" : undefined} onClick={() => refine({ section: name }, true)}>
              {named("section", name)}
              {changes[name] && <span class="dot" title={t("settings.changed")} />}
            </button>
          ))}
        </nav>
        <fieldset class="section" aria-label={named("section", section)}>
          {Object.entries(schema.properties ?? {}).map(([name, one]) => (
            <Setting
              key={`${section}.${name}`}
              path={`${section}.${name}`}
              schema={one}
              all={schema.$defs ?? {}}
              value={values[section]?.[name]}
              error={error(`settings.${section}.${name}`)}
              onChange={(value) => setValues({ ...values, [section]: { ...values[section], [name]: value } })}
            />
          ))}
        </fieldset>
        <p class="tools sticky">
          <Button type="submit" kind="plain" isBusy={isBusy || !isChanged}>
            {t("save")}
          </Button>
          {isChanged && <span class="soft">{t("settings.unsaved")}</span>}
        </p>
      </form>
      <Preview site={site} changes={changes} />
    </div>
  );
}

function Setting(props: { path: string; schema: Schema; all: Record<string, Schema>; value: unknown; error: string | null; onChange: (value: unknown) => void }): JSX.Element {
  const { path, all, value, onChange } = props;
  const schema = followed(props.schema, all);
  const kind = kindOf(schema, all);
  const label = named("setting", path);
  const hint = schema.description;
  switch (kind.kind) {
    case "switch":
      return <Check label={label} hint={hint} isOn={value === true} onChange={onChange} />;
    case "number":
      return <Text label={label} hint={hint} error={props.error} type="number" inputMode="decimal" value={String(value ?? "")} onInput={(text) => onChange(text.trim() === "" ? null : Number(text))} />;
    case "choice":
      return <Choice label={label} hint={hint} error={props.error} value={String(value ?? "")} options={kind.options.map((one) => [one, one] as const)} onChange={onChange} />;
    case "text":
      return <Text label={label} hint={hint} error={props.error} value={String(value ?? "")} onInput={(text) => onChange(text === "" && value === null ? null : text)} />;
    case "lines":
      return <Lines label={label} hint={hint} error={props.error} value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} />;
    case "group":
      return (
        <fieldset class="group">
          <legend>{label}</legend>
          {hint && <p class="hint">{hint}</p>}
          {props.error && <p class="problem">{props.error}</p>}
          <div class="fields">
            {Object.entries(kind.fields).map(([name, one]) => (
              <Setting key={name} path={name} schema={one} all={all} error={null} value={(value as Record<string, unknown> | null)?.[name]} onChange={(changed) => onChange({ ...(value as Record<string, unknown> | null), [name]: changed })} />
            ))}
          </div>
        </fieldset>
      );
    case "json":
      return <Written label={label} hint={hint} error={props.error} value={value} onChange={onChange} />;
  }
}

/** What has no simpler form is written as JSON. */
function Written(props: { label: string; hint: string | undefined; error: string | null; value: unknown; onChange: (value: unknown) => void }): JSX.Element {
  const [text, setText] = useState(JSON.stringify(props.value, null, 2));
  const [isBroken, setBroken] = useState(false);
  return (
    <Field label={props.label} hint={props.hint} error={props.error ?? (isBroken ? t("settings.not_json") : null)}>
      {(field) => (
        <textarea
          {...field}
          rows={4}
          dir="ltr"
          class="code"
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            try {
              props.onChange(JSON.parse(event.currentTarget.value));
              setBroken(false);
            } catch {
              setBroken(true);
            }
          }}
        />
      )}
    </Field>
  );
}

/** The frame with these settings, drawn by the server, shown where none of its scripts run. */
function Preview(props: { site: Site; changes: Values }): JSX.Element {
  const [discussed, setDiscussed] = useState("");
  const url = place.value.filters["url"] ?? discussed;
  const [theme, setTheme] = useState("auto");
  const [drawn, setDrawn] = useState({ html: "", style: "" });
  const [problem, setProblem] = useState<string | null>(null);
  const wanted = JSON.stringify(props.changes);
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    // An article whose discussion has something in it: that of a case, where there is one.
    const origin = props.site.origins.find((one) => !one.includes("*")) ?? "https://example.com";
    desk.queue({ site: props.site.name, limit: 1 }).then(
      ({ items }) => setDiscussed(items[0]?.url ?? `${origin}/`),
      () => setDiscussed(`${origin}/`),
    );
  }, [props.site.name]);
  useEffect(() => {
    if (!url) return undefined;
    const asked = new AbortController();
    const draw = async (): Promise<void> => {
      try {
        setDrawn(await desk.drawn(props.site.name, JSON.parse(wanted), url, theme === "auto" ? null : theme, asked.signal));
        setProblem(null);
      } catch (error) {
        if (!asked.signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
      }
    };
    const timer = setTimeout(() => void draw(), 300);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [props.site.name, wanted, url, theme]);
  return (
    <section class="preview" aria-label={t("settings.preview")}>
      <h2>{t("settings.preview")}</h2>
      <Text label={t("settings.preview_url")} value={url} dir="ltr" onInput={(value) => refine({ url: value }, true)} />
      {problem && <p class="problem">{problem}</p>}
      <Choice label={t("help.theme")} value={theme} options={(["auto", "light", "dark"] as const).map((one) => [one, named("theme", one)] as const)} onChange={setTheme} />
      {/* Ours to put a style into, and still without scripts. */}
      <iframe ref={frame} title={t("settings.preview")} sandbox="allow-same-origin" srcdoc={drawn.html} onLoad={() => dress(frame.current, drawn.style)} />
    </section>
  );
}

/** Lays a site's looks over what is drawn. The console's policy holds in there too, and refuses a style in the document. */
function dress(frame: HTMLIFrameElement | null, style: string): void {
  const view = frame?.contentWindow as (Window & typeof globalThis) | null | undefined;
  if (!view) return;
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(style);
  view.document.adoptedStyleSheets = [sheet];
}
