/** The comment where it stands: what it answers above it, what else answers that beside it. */
import type { JSX } from "preact";
import type { Case, CaseContext } from "../../answers";
import { t } from "../../say";
import { Body, Small } from "../../parts/comment";
import { Name } from "../../parts/ui";

export function Branch(props: { item: Case; context: CaseContext | null }): JSX.Element {
  const { item, context } = props;
  const above = context?.branch.ancestors.length ? context.branch.ancestors : item.parent ? [item.parent] : [];
  return (
    <div class="branch">
      {above.length > 1 && (
        <details>
          <summary>{t("case.above", { n: above.length - 1 })}</summary>
          {above.slice(0, -1).map((one) => (
            <Small key={one.id} comment={one} />
          ))}
        </details>
      )}
      {above.slice(-1).map((one) => (
        <div class="answered" key={one.id}>
          <p class="soft">
            {t("case.answers")} <Name>{one.author?.name}</Name>
          </p>
          <Body html={one.html} />
        </div>
      ))}
      <div class="this">
        <Body html={item.comment.html} signals={item.signals} version={item.comment.version} isEdited={item.comment.edited_at !== null} />
      </div>
      {context && context.branch.siblings.length > 0 && (
        <details>
          <summary>{t("case.beside", { n: context.branch.siblings.length })}</summary>
          {context.branch.siblings.map((one) => (
            <Small key={one.id} comment={one} />
          ))}
        </details>
      )}
    </div>
  );
}
