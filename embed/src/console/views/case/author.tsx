/** The author of a case, in short: counts, rates, what is in force, notes, the last comments. */
import type { JSX } from "preact";
import type { AuthorRecord } from "../../answers";
import { named, number, percent, t } from "../../say";
import { Small } from "../../parts/comment";
import { Name, When } from "../../parts/ui";
import { Part } from "./aside";

export function AuthorPart(props: { author: AuthorRecord | null; counts: Readonly<Record<string, number>> }): JSX.Element {
  const { author } = props;
  const states = Object.entries(props.counts).filter(([, count]) => count > 0);
  return (
    <Part title={t("why.author")}>
      {author && (
        <p>
          {named("kind", author.kind)}, {t("author.since")} <When at={author.since} />
        </p>
      )}
      {states.length === 0 ? (
        <p>{t("author.nothing")}</p>
      ) : (
        <ul class="pairs">
          {states.map(([state, count]) => (
            <li key={state}>
              {named("state", state)} <span class="number">{number(count)}</span>
            </li>
          ))}
        </ul>
      )}
      {author && <Record author={author} />}
    </Part>
  );
}

function Record(props: { author: AuthorRecord }): JSX.Element {
  const { author } = props;
  return (
    <>
      <p>{t("author.rates", { approved: percent(author.approved), reported: percent(author.reported) })}</p>
      {author.sanctions
        .filter((one) => one.is_active)
        .map((one) => (
          <p key={one.id} class="tag high">
            {named("sanctionKind", one.kind)}
          </p>
        ))}
      {author.notes.map((one) => (
        <p key={one.id} class="note">
          <q dir="auto">{one.text}</q> <Name>{one.by}</Name>
        </p>
      ))}
      <details>
        <summary>{t("author.last")}</summary>
        {author.last.map((one) => (
          <Small key={one.id} comment={one} />
        ))}
      </details>
    </>
  );
}
