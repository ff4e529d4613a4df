/** What stands above a comment: who, when, where, whose case it is, what was said against a decision. */
import type { JSX } from "preact";
import type { Case, CaseContext } from "../../answers";
import { named, t, time } from "../../say";
import * as shift from "../../shift";
import { Ago, AuthorLink, Notice } from "../../parts/ui";
import { stateOf } from "./acts";

export function CaseHead(props: { item: Case; context: CaseContext | null }): JSX.Element {
  const { item, context } = props;
  const { comment } = item;
  const lease = shift.leases.value.get(item.id);
  return (
    <header>
      <h2 id="case-head" tabIndex={-1}>
        <AuthorLink person={context?.author?.person ?? item.person} name={comment.author?.name} />
      </h2>
      <p class="facts">
        <span class={`tag ${item.priority?.level ?? ""}`}>{named("reasonOf", item.reason)}</span>
        <span>
          {t("case.written")} <Ago at={comment.created_at} />
          {comment.edited_at && `, ${t("case.edited")}`}
        </span>
        <span>
          {t("case.waits")} <Ago at={item.opened_at} />
        </span>
        {stateOf(comment) === "published" && <span>{t("case.is_shown")}</span>}
        {lease && Number.isFinite(lease.until) && <span class="tag mine">{t("case.until", { at: time(new Date(lease.until).toISOString()) })}</span>}
      </p>
      <p class="where">
        <a href={articleOf(item)} target="_blank" rel="noopener">
          <bdi>{item.title ?? item.url}</bdi>
        </a>
        {item.section && (
          <>
            {" · "}
            <bdi>{item.section}</bdi>
          </>
        )}
        {item.language && item.language !== "und" && ` · ${item.language}`}
      </p>
    </header>
  );
}

export function articleOf(item: Case): string {
  return /^https?:/i.test(item.url) ? `${item.url}#comment-${item.comment.id}` : "#";
}

/** Why this case is not, or not any more, one's own to decide. */
export function Standing(props: { id: string }): JSX.Element {
  const other = shift.holder(props.id);
  const note = shift.notes.value.get(props.id);
  return (
    <>
      {other && <Notice>{t("queue.held_by", { name: other })}</Notice>}
      {note && (
        <Notice tone={note.kind === "expired" ? "plain" : "bad"}>
          <p>{shift.noteText(note)}</p>
          {note.kind === "expired" && <p>{t("lease.go_on")}</p>}
        </Notice>
      )}
    </>
  );
}

export function AppealNotice(props: { context: CaseContext }): JSX.Element | null {
  const { appeal, statement } = props.context;
  if (!appeal) return null;
  return (
    <Notice>
      <h3>{t("appeal.words")}</h3>
      <p dir="auto" class="source">
        {appeal.text}
      </p>
      {statement && (
        <p class="soft">
          {t("appeal.against")} <bdi>{statement.title}</bdi>
          {statement.note && (
            <>
              {": "}
              <q dir="auto">{statement.note}</q>
            </>
          )}
        </p>
      )}
    </Notice>
  );
}
