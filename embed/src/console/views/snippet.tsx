/** What a publisher pastes into the article's template. */
import type { JSX } from "preact";
import { t } from "../say";
import { copy } from "../tell";
import { Button, Head } from "../parts/ui";

export function snippets(site: string, origin: string): { frame: string; counts: string } {
  return {
    frame: `<div id="parley" data-site="${site}"></div>\n<script async src="${origin}/embed.js"></script>`,
    counts: `<a href="https://…" class="parley-count" data-zero="No comments" data-one="1 comment" data-many="{n} comments"></a>\n<script async src="${origin}/count.js" data-site="${site}"></script>`,
  };
}

export function SnippetView(props: { site: string }): JSX.Element {
  const made = snippets(props.site, location.origin);
  return (
    <>
      <Head title={t("snippet.title")} />
      <Code title={t("snippet.frame")} hint={t("snippet.frame_hint")} code={made.frame} />
      <Code title={t("snippet.counts")} hint={t("snippet.counts_hint")} code={made.counts} />
    </>
  );
}

function Code(props: { title: string; hint: string; code: string }): JSX.Element {
  return (
    <section class="card-form">
      <h2>{props.title}</h2>
      <p class="hint">{props.hint}</p>
      <pre tabIndex={0} dir="ltr" aria-label={props.title}>
        <code>{props.code}</code>
      </pre>
      <Button onClick={() => copy(props.code)}>{t("snippet.copy")}</Button>
    </section>
  );
}
