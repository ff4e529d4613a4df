/**
 * Whoever gets mail about this site hears no more of a muted author by mail either. Of everybody else the server learns
 * nothing: their muting stays in the browser. What goes wrong here is no reason to show the author again.
 */
import type { Page } from "../frame/page";

interface OwnMail {
  state: string;
}

interface Subscribed {
  subscription: { id: string };
}

/** Takes the author of a comment out of the reader's mail, where they get any. */
export async function leaveOut(page: Page, key: string, name: string, comment: string): Promise<void> {
  const token = page.guest?.token;
  if (!token) return;
  const { state } = await page.ask<OwnMail>("GET", `/api/v1/me/mail?site=${encodeURIComponent(page.site)}`, { token });
  if (state !== "confirmed" && state !== "waiting") return;
  const json = { site: page.site, kind: "muted", comment };
  const { subscription } = await page.ask<Subscribed>("POST", "/api/v1/subscriptions", { json, token });
  page.store.set(placeOf(key), { ...told(page, key), [name]: subscription.id });
}

/** Lets the author into the mail again. */
export async function takeIn(page: Page, key: string, name: string): Promise<void> {
  const { [name]: id, ...others } = told(page, key);
  if (!id) return;
  page.store.set(placeOf(key), others);
  const token = page.guest?.token;
  if (token) await page.ask("DELETE", `/api/v1/me/mail/${id}?site=${encodeURIComponent(page.site)}`, { token });
}

function told(page: Page, key: string): Record<string, string> {
  return page.store.get<Record<string, string>>(placeOf(key)) ?? {};
}

function placeOf(key: string): string {
  return `mail-${key}`;
}
