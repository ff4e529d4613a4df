/** The buttons of a case, and which decisions its state allows. */
import type { JSX } from "preact";
import type { Action, Comment } from "../../answers";
import { named, t } from "../../say";
import * as shift from "../../shift";
import { Button } from "../../parts/ui";

export function stateOf(comment: Comment): string {
  return comment.moderation_state ?? comment.state;
}

/** What "reject" means for a comment: taken from readers, kept from them, or an appealed decision that stands. */
export function downOf(comment: Comment, isAppeal: boolean): Action {
  const state = stateOf(comment);
  return state === "published" ? "remove" : isAppeal ? standing(state) : "reject";
}

/** The action that lets an appealed decision stand. */
function standing(state: string): Action {
  return state === "rejected" ? "reject" : state === "spam" ? "spam" : "remove";
}

/** All that can be decided about a comment as it is. */
export function actionsFor(comment: Comment, isAppeal: boolean): readonly Action[] {
  const state = stateOf(comment);
  if (isAppeal) return ["approve", standing(state)];
  if (state === "published") return ["approve", "remove", "spam", ...marks(comment)];
  if (state === "held" || state === "shadowed") return ["approve", "reject", "spam"];
  return ["restore", "spam"];
}

function marks(comment: Comment): readonly Action[] {
  const replies: Action = comment.replies_closed ? "open_replies" : "close_replies";
  if (shift.role.value === "moderator") return [replies];
  return [replies, comment.featured ? "unfeature" : "feature", comment.pinned ? "unpin" : "pin"];
}

export function Acts(props: { id: string; comment: Comment; isAppeal: boolean; isClosed: boolean; ask: (action: Action) => void; more: () => void }): JSX.Element {
  const { id, isAppeal, isClosed, ask } = props;
  const other = shift.holder(id);
  return (
    <div class="acts" role="group" aria-label={t("case.decide")}>
      {isClosed || other ? (
        <p class="soft">{other ? t("queue.held_by", { name: other }) : t("case.closed")}</p>
      ) : (
        <>
          <Main comment={props.comment} isAppeal={isAppeal} ask={ask} />
          {!isAppeal && (
            <Button command="spam" onClick={() => ask("spam")}>
              {named("action", "spam")}
            </Button>
          )}
          <Button command="sheet" onClick={props.more}>
            {t("case.more")}
          </Button>
        </>
      )}
      <Button command="skip" onClick={() => void shift.skip(id)}>
        {t("case.skip")}
      </Button>
    </div>
  );
}

function Main(props: { comment: Comment; isAppeal: boolean; ask: (action: Action) => void }): JSX.Element {
  const { comment, isAppeal, ask } = props;
  const state = stateOf(comment);
  const down = downOf(comment, isAppeal);
  if (!isAppeal && state !== "held" && state !== "shadowed" && state !== "published")
    return (
      <Button kind="good" command="restore" onClick={() => ask("restore")}>
        {named("action", "restore")}
      </Button>
    );
  return (
    <>
      <Button kind="good" command="approve" onClick={() => ask("approve")}>
        {isAppeal ? t("appeal.reverse") : state === "published" ? t("case.keep") : named("action", "approve")}
      </Button>
      <Button kind="danger" command="reject" onClick={() => ask(down)}>
        {isAppeal ? t("appeal.uphold") : named("action", down)}
      </Button>
    </>
  );
}
