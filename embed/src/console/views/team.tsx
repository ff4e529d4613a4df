/** Who works for the site, as what. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { TeamMember } from "../answers";
import { Refusal } from "../call";
import { desk } from "../desk";
import { named, t } from "../say";
import { toast } from "../tell";
import { useAnswer } from "../parts/answer";
import { Button, Choice, Failure, Head, Loading, Name, Notice, Table, Text } from "../parts/ui";

const ROLES = ["moderator", "editor", "owner"] as const;

function parts(written: string): string[] {
  return written
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
}

export function TeamView(props: { site: string }): JSX.Element {
  const team = useAnswer(() => desk.team(props.site), [props.site]);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<string>("moderator");
  const [sections, setSections] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [leaving, setLeaving] = useState<TeamMember | null>(null);
  const act = async (what: () => Promise<unknown>): Promise<void> => {
    setProblem(null);
    try {
      await what();
      toast(t("saved"));
      team.again();
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      if (error instanceof Refusal && error.problem.field) setProblem(words);
      else toast(words, "bad");
    }
  };
  return (
    <>
      <Head title={t("team.title")} />
      <form
        class="card-form"
        aria-label={t("team.invite")}
        onSubmit={(event) => {
          event.preventDefault();
          void act(async () => {
            await desk.setMember(props.site, email.trim(), role, parts(sections));
            setEmail("");
            setSections("");
          });
        }}
      >
        <div class="fields">
          <Text label={t("team.email")} type="email" dir="ltr" value={email} onInput={setEmail} error={problem} />
          <Choice label={t("team.role")} value={role} onChange={setRole} options={ROLES.map((one) => [one, named("role", one)] as const)} hint={named("roleHint", role)} />
          <Text label={t("team.sections")} value={sections} onInput={setSections} hint={t("team.sections_hint")} />
        </div>
        <Button type="submit" kind="plain">
          {t("team.add")}
        </Button>
      </form>
      {Boolean(team.error) && <Failure error={team.error} retry={team.again} />}
      {!team.value && team.isLoading && <Loading />}
      {leaving && (
        <Notice tone="bad" role="alert">
          <p>{t("team.sure", { name: leaving.name })}</p>
          <p class="tools">
            <Button
              kind="danger"
              onClick={() => {
                void act(() => desk.dropMember(props.site, leaving.account));
                setLeaving(null);
              }}
            >
              {t("team.remove")}
            </Button>
            <Button onClick={() => setLeaving(null)}>{t("cancel")}</Button>
          </p>
        </Notice>
      )}
      {team.value && (
        <Table caption={t("team.title")} isCaptionHidden heads={[t("team.name"), t("team.email"), t("team.role"), t("team.sections"), t("team.remove")]}>
          {team.value.items.map((one) => (
            <tr key={one.account}>
              <th scope="row">
                <Name>{one.name}</Name>
              </th>
              <td dir="ltr">{one.email}</td>
              <td>
                <select aria-label={t("team.role_of", { name: one.name })} value={one.role} onChange={(event) => void act(() => desk.setMember(props.site, one.account, event.currentTarget.value, one.sections ?? null))}>
                  {[...new Set<string>([...ROLES, one.role])].map((known) => (
                    <option key={known} value={known}>
                      {named("role", known)}
                    </option>
                  ))}
                </select>
              </td>
              <td>{one.sections?.length ? one.sections.join(", ") : t("team.everywhere")}</td>
              <td>
                <Button onClick={() => setLeaving(one)} label={t("team.remove_one", { name: one.name })}>
                  {t("team.remove")}
                </Button>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}
