/** The frame around the views: where one is, where one can go, what is said. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { OwnSite, Role, SiteCount } from "./answers";
import { whenSignedOut } from "./call";
import { desk } from "./desk";
import { refined, type View } from "./filters";
import { onKeys } from "./keys";
import { at, go, place } from "./place";
import { language, t, type Key } from "./say";
import { start } from "./settings";
import { giveBack, role } from "./shift";
import { assertive, close, polite, toasts } from "./tell";
import { useAnswer } from "./parts/answer";
import { Button, Failure, Head, Link, Loading, Nothing } from "./parts/ui";
import { AuthorView } from "./views/authors";
import { AlertsView } from "./views/alerts";
import { BulkView } from "./views/bulk";
import { CaseView } from "./views/case";
import { Help } from "./views/help";
import { HooksView } from "./views/hooks";
import { ImportsView } from "./views/imports";
import { KeysView } from "./views/keys";
import { LogView } from "./views/log";
import { QueueView } from "./views/queue";
import { QueuesView } from "./views/queues";
import { RulesView } from "./views/rules";
import { SanctionsView } from "./views/sanctions";
import { SettingsView } from "./views/settings";
import { SitesView } from "./views/sites";
import { SnippetView } from "./views/snippet";
import { StatementsView } from "./views/statements";
import { StatsView } from "./views/stats";
import { TeamView } from "./views/team";
import { ThreadsView } from "./views/threads";
import { WebhooksView } from "./views/webhooks";

interface Stop {
  readonly view: View;
  readonly words: Key;
  readonly offer?: string;
  readonly isForOwners?: boolean;
}

const DESK: readonly Stop[] = [
  { view: "queue", words: "queue.title" },
  { view: "queues", words: "queues.title", offer: "queues" },
  { view: "statements", words: "statements.title", offer: "appeals" },
  { view: "bulk", words: "bulk.title", offer: "bulk" },
  { view: "sanctions", words: "sanctions.title", offer: "sanctions" },
  { view: "rules", words: "rules.title", offer: "rules" },
  { view: "log", words: "log.title" },
  { view: "stats", words: "stats.title", offer: "stats" },
  { view: "alerts", words: "alerts.title", offer: "alerts" },
];
const PUBLISHER: readonly Stop[] = [
  { view: "threads", words: "publish.threads", offer: "threads" },
  { view: "settings", words: "settings.title", isForOwners: true },
  { view: "team", words: "team.title", offer: "team", isForOwners: true },
  { view: "imports", words: "imports.title", offer: "imports", isForOwners: true },
  { view: "webhooks", words: "webhooks.title", offer: "webhooks", isForOwners: true },
  { view: "hooks", words: "hooks.title", offer: "hooks", isForOwners: true },
  { view: "sites", words: "sites.title", offer: "sites", isForOwners: true },
  { view: "keys", words: "keys.title", offer: "keys", isForOwners: true },
  { view: "snippet", words: "snippet.title" },
];

const COUNTED = 30_000;

export function App(): JSX.Element {
  const own = useAnswer(() => desk.sites(), []);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [isSignedOut, setSignedOut] = useState(false);
  useEffect(() => {
    whenSignedOut(() => setSignedOut(true));
    return onKeys({ help: () => setHelpOpen(true) });
  }, []);
  void language.value;
  const sites = own.value?.items ?? [];
  const site = sites.find((one) => one.name === place.value.filters["site"]) ?? sites[0];
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("main")?.focus();
        }}
      >
        {t("skip")}
      </a>
      <Bar sites={sites} site={site} onHelp={() => setHelpOpen(true)} />
      <main id="main" tabIndex={-1} class={`at-${place.value.view}`}>
        {isSignedOut && (
          <div class="notice bad" role="alert">
            <p>{t("signed_out")}</p>
            <a class="button" href="/console">
              {t("sign_in")}
            </a>
          </div>
        )}
        {site ? <Shown site={site} /> : own.error ? <Failure error={own.error} retry={own.again} /> : own.isLoading ? <Loading /> : <Nothing>{t("no_site")}</Nothing>}
      </main>
      <Toasts />
      <p class="hidden" role="status" id="polite">
        {polite.value}
      </p>
      <p class="hidden" role="alert" id="assertive">
        {assertive.value}
      </p>
      {isHelpOpen && <Help onClose={() => setHelpOpen(false)} />}
    </>
  );
}

function owns(as: Role): boolean {
  return as === "owner" || as === "admin";
}

function Bar(props: { sites: readonly OwnSite[]; site: OwnSite | undefined; onHelp: () => void }): JSX.Element {
  const { sites, site } = props;
  const [isOpen, setOpen] = useState(false);
  const { view } = place.value;
  useEffect(() => setOpen(false), [place.value]);
  const stops = (list: readonly Stop[]): JSX.Element[] =>
    list
      .filter((stop) => (!stop.offer || start.offers.has(stop.offer)) && (!stop.isForOwners || (site && owns(site.role))))
      .map((stop) => (
        <li key={stop.view}>
          <Link to={at(stop.view)} current={stop.view === view}>
            {t(stop.words)}
          </Link>
        </li>
      ));
  return (
    <header class="bar">
      <p class="brand">
        <Link to={at("queue")}>Parley</Link>
      </p>
      {sites.length > 1 && site && (
        <select aria-label={t("site")} value={site.name} onChange={(event) => go(refined({ ...at(view), filters: {} }, { site: event.currentTarget.value }))}>
          {sites.map((one) => (
            <option key={one.name} value={one.name}>
              {one.title}
            </option>
          ))}
        </select>
      )}
      <button type="button" class="button quiet menu" aria-expanded={isOpen} aria-controls="stops" onClick={() => setOpen(!isOpen)}>
        {t("menu")}
      </button>
      <nav id="stops" aria-label={t("console")} class={isOpen ? "open" : undefined}>
        <ul role="list">{stops(DESK)}</ul>
        <ul role="list">{stops(PUBLISHER)}</ul>
      </nav>
      <div class="me">
        <bdi title={start.email}>{start.name}</bdi>
        <Button command="help" onClick={props.onHelp}>
          {t("help.open")}
        </Button>
        <Button onClick={() => void giveBack().finally(() => desk.signOut().finally(() => location.assign("/console")))}>{t("sign_out")}</Button>
      </div>
    </header>
  );
}

function Shown(props: { site: OwnSite }): JSX.Element {
  const { view, name } = place.value;
  const site = props.site.name;
  const [counts, setCounts] = useState<SiteCount | null>(null);
  useEffect(() => {
    role.value = props.site.role;
  }, [props.site.role]);
  useEffect(() => {
    let timer = 0;
    const ask = (): void => {
      desk.counts().then(
        ({ items }) => setCounts(items.find((one) => one.site === site) ?? null),
        () => undefined,
      );
      timer = window.setTimeout(ask, COUNTED);
    };
    if (view === "queue") ask();
    return () => clearTimeout(timer);
  }, [site, view]);
  switch (view) {
    case "queue":
      return <QueueView site={site} counts={counts} />;
    case "case":
      return <CaseView id={name} />;
    case "appeals":
    case "statements":
      return <StatementsView site={site} isOwner={owns(props.site.role)} />;
    case "bulk":
      return <BulkView site={site} job={name} />;
    case "rules":
      return <RulesView site={site} />;
    case "sanctions":
      return <SanctionsView site={site} />;
    case "authors":
      return name ? <AuthorView site={site} person={name} /> : <Head title={t("author.title")} />;
    case "log":
      return <LogView site={site} isOwner={owns(props.site.role)} />;
    case "stats":
      return <StatsView site={site} />;
    case "settings":
      return <SettingsView site={site} />;
    case "team":
      return <TeamView site={site} />;
    case "snippet":
      return <SnippetView site={site} />;
    case "queues":
      return <QueuesView site={site} />;
    case "alerts":
      return <AlertsView site={site} />;
    case "imports":
      return <ImportsView site={site} run={name} />;
    case "webhooks":
      return <WebhooksView site={site} id={name} />;
    case "threads":
      return <ThreadsView site={site} id={name} isOwner={owns(props.site.role)} />;
    case "sites":
      return <SitesView site={site} isAdmin={props.site.role === "admin"} />;
    case "hooks":
      return <HooksView site={site} id={name} />;
    case "keys":
      return <KeysView site={site} />;
  }
}

function Toasts(): JSX.Element {
  return (
    <div class="toasts">
      {toasts.value.map((one) => (
        <div key={one.id} class={`toast ${one.tone}`}>
          <span>{one.text}</span>
          {one.undo && (
            <Button
              command="undo"
              onClick={() => {
                close(one.id);
                one.undo?.();
              }}
            >
              {t("undo.title")}
            </Button>
          )}
          <button type="button" class="close" aria-label={t("close")} onClick={() => close(one.id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}

