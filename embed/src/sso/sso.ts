/**
 * Readers whom the site itself signs in: a token of the page's, exchanged for a session that lives in memory only. Before
 * it ends the page is asked for another token; without one the reader is a guest again.
 */
import type { Own } from "../frame/own";
import type { Page } from "../frame/page";
import { showSigned } from "../frame/fields";
import { oblige } from "./asks";
import { say } from "./say";

export { oblige };

/** What the frame knows of this part. */
export interface SSO {
  enter(page: Page, own: Own, token: string | null): Promise<void>;
  oblige: typeof oblige;
}

interface Entered {
  session: string | null;
  ends_at: string | null;
  member: { name: string } | null;
}

/** Milliseconds: how long before its end a session is renewed, and how soon after a failure it is tried again. */
const EARLY = 60_000;
const AGAIN = 10_000;

/** The last token wins, in whatever order answers come. */
let turn = 0;
let timers: number[] = [];

/** Takes a token from the page; null signs out. */
export async function enter(page: Page, own: Own, token: string | null): Promise<void> {
  const mine = ++turn;
  for (const timer of timers) clearTimeout(timer);
  const known = page.guest?.isMember ? page.guest.token : null;
  if (!token) return known ? leave(page, own) : undefined;
  try {
    const path = `/api/v1/sites/${encodeURIComponent(page.site)}/sso`;
    const { session, ends_at, member } = await page.ask<Entered>("POST", path, { json: { token }, token: known });
    if (mine !== turn) return;
    if (!session || !member) return leave(page, own);
    show(page, own, { token: session, name: member.name, isMember: true });
    if (!known) page.status(say.signedIn(member.name));
    page.host.tell({ v: 1, type: "sso", event: "signed-in" });
    const left = Date.parse(ends_at ?? "") - Date.now();
    timers = [
      window.setTimeout(() => want(page), Math.max(left - EARLY, left / 2)),
      window.setTimeout(() => leave(page, own), left),
    ];
  } catch (error) {
    if (mine !== turn) return;
    const status = (error as { status?: number }).status;
    if (status === 401 || status === 403) leave(page, own);
    if (status === 401) want(page);
    else if (status && status < 500 && status !== 429) page.host.tell({ v: 1, type: "sso", event: "sso-refused" });
    else timers = [window.setTimeout(() => void enter(page, own, token), AGAIN)];
  }
}

function want(page: Page): void {
  page.host.tell({ v: 1, type: "sso", event: "sso-expired" });
}

/** A guest again, the one the reader was before. */
function leave(page: Page, own: Own): void {
  if (!page.guest?.isMember) return;
  show(page, own, null);
  page.status(say.signedOut);
  page.host.tell({ v: 1, type: "sso", event: "signed-out" });
}

function show(page: Page, own: Own, member: Page["guest"]): void {
  const { classList, dataset } = page.root;
  dataset["gated"] ??= String(classList.contains("gated"));
  const isSame = member && page.guest?.isMember && page.guest.token.split(".")[1] === member.token.split(".")[1];
  page.guest = member ?? page.known();
  classList.toggle("signed-in", Boolean(member));
  const isGated = dataset["gated"] === "true" && !member;
  classList.toggle("gated", isGated);
  page.root.querySelector("section > form.composer")?.toggleAttribute("hidden", isGated);
  for (const form of page.root.querySelectorAll<HTMLFormElement>("form.composer")) showSigned(page, form);
  if (!isSame) own.again();
  page.host.measure();
}
