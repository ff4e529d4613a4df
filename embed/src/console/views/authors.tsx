/** One author's record. That somebody looked at it is itself on record. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { desk } from "../desk";
import { named, number, percent, t } from "../say";
import { start } from "../settings";
import { toast } from "../tell";
import { useAnswer } from "../parts/answer";
import { Small } from "../parts/comment";
import { Ago, Button, Failure, Field, Head, Loading, Name, Nothing, When } from "../parts/ui";
import { SanctionForm, SanctionTable } from "./sanctions";

export function AuthorView(props: { site: string; person: string }): JSX.Element {
  const { site, person } = props;
  const found = useAnswer(() => desk.author(person, site), [site, person]);
  const [isSanctioning, setSanctioning] = useState(false);
  const act = async (what: () => Promise<unknown>, words: string): Promise<void> => {
    try {
      await what();
      toast(words);
      found.again();
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), "bad");
    }
  };
  const author = found.value;
  if (!author) {
    return (
      <>
        <Head title={t("author.title")} />
        {found.error ? <Failure error={found.error} retry={found.again} /> : <Loading />}
      </>
    );
  }
  return (
    <>
      <Head title={author.name}>
        <p class="count">
          {named("kind", author.kind)}, {t("author.since")} <When at={author.since} />
        </p>
        {start.offers.has("sanctions") && <Button onClick={() => setSanctioning(!isSanctioning)}>{t("sanctions.new")}</Button>}
      </Head>
      <p class="hint">{t("author.logged")}</p>
      {isSanctioning && (
        <SanctionForm
          site={site}
          target={{ type: "person", value: person }}
          onClose={() => setSanctioning(false)}
          onMade={(body) => {
            setSanctioning(false);
            void act(() => desk.sanction(site, body), t("sanctions.made"));
          }}
        />
      )}
      <dl class="figures">
        {Object.entries(author.counts).map(([state, count]) => (
          <div key={state}>
            <dt>{named("state", state)}</dt>
            <dd>{number(count)}</dd>
          </div>
        ))}
        <div>
          <dt>{t("author.approved")}</dt>
          <dd>{percent(author.approved)}</dd>
        </div>
        <div>
          <dt>{t("author.reported")}</dt>
          <dd>{percent(author.reported)}</dd>
        </div>
      </dl>
      {author.sanctions.length > 0 && (
        <section>
          <h2>{t("sanctions.title")}</h2>
          <SanctionTable items={author.sanctions} onLift={(id) => void act(() => desk.lift(id), t("sanctions.lifted"))} />
        </section>
      )}
      <div class="halves">
        <section>
          <h2>{t("author.last")}</h2>
          {author.last.length === 0 ? <Nothing>{t("author.nothing")}</Nothing> : author.last.map((one) => <Small key={one.id} comment={one} />)}
        </section>
        <div>
          <section>
            <h2>{t("author.notes")}</h2>
            {author.notes.map((one) => (
              <p key={one.id} class="note">
                <q dir="auto">{one.text}</q> <Name>{one.by}</Name>, <Ago at={one.created_at} />
              </p>
            ))}
            <NoteForm onMade={(text) => void act(() => desk.note(person, site, text), t("saved"))} />
          </section>
          <section>
            <h2>{t("why.decisions")}</h2>
            <ul class="plain">
              {author.decisions.map((one) => (
                <li key={one.id}>
                  <Name>{one.by}</Name>: {named("done", one.action)} <Ago at={one.at} />
                </li>
              ))}
            </ul>
          </section>
        </div>
      </div>
    </>
  );
}

function NoteForm(props: { onMade: (text: string) => void }): JSX.Element {
  const [text, setText] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!text.trim()) return;
        props.onMade(text.trim());
        setText("");
      }}
    >
      <Field label={t("author.note")} hint={t("author.note_hint")}>
        {(field) => <textarea {...field} rows={2} dir="auto" value={text} onInput={(event) => setText(event.currentTarget.value)} />}
      </Field>
      <Button type="submit">{t("author.add_note")}</Button>
    </form>
  );
}
