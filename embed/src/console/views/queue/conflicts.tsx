/** Decisions that were not made: who was first, and the comment as it is now. */
import type { JSX } from "preact";
import { named, t } from "../../say";
import * as shift from "../../shift";
import { Button, Name, Notice } from "../../parts/ui";

export function Conflicts(): JSX.Element {
  return (
    <>
      {shift.conflicts.value.map(({ id, note, item }) => (
        <Notice tone="bad" key={id}>
          <h2>{t("conflict.title")}</h2>
          <p>{shift.noteText(note)}</p>
          {item?.comment.html && (
            <blockquote>
              <p class="facts">
                <b>
                  <Name>{item.comment.author?.name}</Name>
                </b>{" "}
                {t("conflict.now", { state: named("state", item.comment.state) })}
              </p>
              <div class="body" dir="auto" dangerouslySetInnerHTML={{ __html: item.comment.html }} />
            </blockquote>
          )}
          <div class="tools">
            {shift.queue.value.rows.has(id) && (
              <Button
                onClick={() => {
                  shift.closeConflict(id);
                  shift.open(id);
                }}
              >
                {t("conflict.look")}
              </Button>
            )}
            <Button onClick={() => shift.closeConflict(id)}>{t("close")}</Button>
          </div>
        </Notice>
      ))}
    </>
  );
}
