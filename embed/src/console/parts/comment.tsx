/** A comment's text as readers would see it. The server made its HTML safe. */
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Comment, Signal } from "../answers";
import { named, t } from "../say";
import { mark } from "../spans";
import { Ago, Name } from "./ui";

export function Body(props: { html: string | null; signals?: readonly Signal[]; version?: number; isEdited?: boolean }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.innerHTML = props.html ?? "";
    for (const link of element.querySelectorAll("a")) {
      link.target = "_blank";
      link.rel = "noopener noreferrer nofollow ugc";
    }
    // Decisions make versions too; a text that was never edited is the one that was looked at.
    const spans = (props.signals ?? []).filter((one) => one.span && (!props.isEdited || one.version === props.version));
    mark(
      element,
      spans.map((one) => ({ from: one.span?.[0] ?? 0, to: one.span?.[1] ?? 0, why: one.reason })),
    );
  }, [props.html, props.signals, props.version, props.isEdited]);
  return <div ref={box} class="body" dir="auto" />;
}

export function Small(props: { comment: Comment; isOpen?: boolean }): JSX.Element {
  const { comment } = props;
  const state = comment.moderation_state ?? comment.state;
  return (
    <article class="small">
      <p class="facts">
        <b>
          <Name>{comment.author?.name}</Name>
        </b>{" "}
        <Ago at={comment.created_at} />
        {state !== "published" && <span class="state">{named("state", state)}</span>}
      </p>
      {comment.html ? <Body html={comment.html} /> : <p class="soft">{t("comment.gone")}</p>}
    </article>
  );
}
