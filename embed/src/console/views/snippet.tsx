/** What a publisher pastes into the article's template. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { desk } from "../desk";
import { t } from "../say";
import { copy } from "../tell";
import { useAnswer } from "../parts/answer";
import { Button, Choice, Head, Notice } from "../parts/ui";

export function snippets(site: string, origin: string): { frame: string; counts: string; feeds: string } {
  const feed = `<link rel="alternate" type="application/atom+xml" title="Comments" href="${origin}/api/v1`;
  return {
    frame: `<div id="parley" data-site="${site}"></div>\n<script async src="${origin}/embed.js"></script>`,
    counts: `<a href="https://…" class="parley-count" data-zero="No comments" data-one="1 comment" data-many="{n} comments"></a>\n<script async src="${origin}/count.js" data-site="${site}"></script>`,
    feeds: `${feed}/sites/${site}/feed.atom">\n${feed}/feed.atom?site=${site}&amp;url=https://…">`,
  };
}

/** What each line of a list takes, in rem (styles/lists.css); the room is kept before the list comes. */
const LINES = { latest: 5.03, discussed: 5.03, authors: 3.72 };
const HEADING = 2.03;
type Kind = keyof typeof LINES;

export function widget(site: string, origin: string, kind: Kind, count: number): { element: string; frame: string; height: number } {
  const height = Math.ceil(HEADING + count * LINES[kind]);
  const asked = `site=${site}&amp;count=${count}`;
  return {
    element: `<div data-parley-widget="${kind}" data-site="${site}" data-count="${count}" style="min-height: ${height}rem"></div>\n<script async src="${origin}/embed.js"></script>`,
    frame: `<iframe src="${origin}/widgets/${kind}?${asked}" title="${t(`snippet.widget_${kind}`)}" style="width: 100%; height: ${height + 1}rem; border: 0"></iframe>`,
    height,
  };
}

export function SnippetView(props: { site: string }): JSX.Element {
  const made = snippets(props.site, location.origin);
  return (
    <>
      <Head title={t("snippet.title")} />
      <Code title={t("snippet.frame")} hint={t("snippet.frame_hint")} code={made.frame} />
      <Code title={t("snippet.counts")} hint={t("snippet.counts_hint")} code={made.counts} />
      <Widgets site={props.site} />
      <Code title={t("snippet.feeds")} hint={t("snippet.feeds_hint")} code={made.feeds} />
    </>
  );
}

function Widgets(props: { site: string }): JSX.Element {
  const [kind, setKind] = useState<Kind>("latest");
  const [count, setCount] = useState(5);
  const found = useAnswer(() => desk.site(props.site), [props.site]);
  const made = widget(props.site, location.origin, kind, count);
  const isOff = kind === "authors" && found.value && !found.value.settings["reading"]?.["top_authors"];
  return (
    <section class="card-form">
      <h2>{t("snippet.widgets")}</h2>
      <p class="hint">{t("snippet.widgets_hint")}</p>
      <Choice
        label={t("snippet.widget")}
        value={kind}
        options={[
          ["latest", t("snippet.widget_latest")],
          ["discussed", t("snippet.widget_discussed")],
          ["authors", t("snippet.widget_authors")],
        ]}
        onChange={(value) => setKind(value as Kind)}
      />
      <Choice
        label={t("snippet.lines")}
        value={String(count)}
        options={[3, 5, 10, 20].map((each) => [String(each), String(each)] as const)}
        onChange={(value) => setCount(Number(value))}
      />
      <Pasted label={t("snippet.widgets")} code={made.element} />
      <p class="hint">{t("snippet.frame_only")}</p>
      <Pasted label={t("snippet.frame_only")} code={made.frame} />
      {isOff ? (
        <Notice>{t("snippet.widget_off")}</Notice>
      ) : (
        <iframe
          class="list-preview"
          title={t("snippet.preview")}
          sandbox="allow-same-origin"
          src={`/widgets/${kind}?site=${encodeURIComponent(props.site)}&count=${count}`}
          style={{ blockSize: `${made.height + 1}rem` }}
        />
      )}
    </section>
  );
}

function Code(props: { title: string; hint: string; code: string }): JSX.Element {
  return (
    <section class="card-form">
      <h2>{props.title}</h2>
      <p class="hint">{props.hint}</p>
      <Pasted label={props.title} code={props.code} />
    </section>
  );
}

function Pasted(props: { label: string; code: string }): JSX.Element {
  return (
    <>
      <pre tabIndex={0} dir="ltr" aria-label={props.label}>
        <code>{props.code}</code>
      </pre>
      <Button onClick={() => copy(props.code)}>{t("snippet.copy")}</Button>
    </>
  );
}
