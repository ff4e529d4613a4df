/** What the server can do for the pages beside the queue: imports, webhooks, screening hooks, alerts. */
import type { List } from "./answers";
import { addressOf, call, send } from "./call";
import type * as I from "./integrations";

const at = encodeURIComponent;
const of = (site: string, what: string, ...rest: string[]): string => ["/sites", at(site), what, ...rest.map(at)].join("/");

export const office = {
  imports: (site: string, cursor?: string | null) => call<List<I.ImportRun>>("GET", of(site, "imports"), { params: { cursor, limit: 20 } }),
  upload: (site: string, file: File, onProgress: (part: number) => void, signal: AbortSignal) =>
    send<I.ImportRun>(of(site, "imports"), { file_name: file.name }, file, onProgress, signal),
  run: (site: string, id: string) => call<I.ImportRun>("GET", of(site, "imports", id)),
  begin: (site: string, id: string) => call<I.ImportRun>("POST", of(site, "imports", id, "begin")),
  cancel: (site: string, id: string) => call<I.ImportRun>("POST", of(site, "imports", id, "cancel")),
  checkAgain: (site: string, id: string, moves: string[]) => call<I.ImportRun>("POST", of(site, "imports", id, "check"), { body: { moves } }),
  undoImport: (site: string, id: string) => call<I.ImportRun>("POST", of(site, "imports", id, "undo")),
  commentsExport: (site: string) => addressOf(of(site, "export.jsonl"), {}),

  webhooks: (site: string) => call<List<I.Webhook>>("GET", of(site, "webhooks")),
  addWebhook: (site: string, { url, events, note }: I.WebhookDraft) => call<{ webhook: I.Webhook; secret: string }>("POST", of(site, "webhooks"), { body: { url, events, note } }),
  changeWebhook: (site: string, id: string, body: I.WebhookDraft) => call<I.Webhook>("PUT", of(site, "webhooks", id), { body }),
  dropWebhook: (site: string, id: string) => call<void>("DELETE", of(site, "webhooks", id)),
  rotateWebhook: (site: string, id: string) => call<{ secret: string }>("POST", of(site, "webhooks", id, "rotate"), { body: {} }),
  testWebhook: (site: string, id: string) => call<I.Delivery>("POST", of(site, "webhooks", id, "test")),
  deliveries: (site: string, id: string, state?: string, cursor?: string | null) =>
    call<List<I.Delivery>>("GET", of(site, "webhooks", id, "deliveries"), { params: { state, cursor, limit: 25 } }),
  replay: (site: string, id: string, delivery: string) => call<I.Delivery>("POST", of(site, "webhooks", id, "deliveries", delivery, "replay")),
  replayDead: (site: string, id: string) => call<{ count: number }>("POST", of(site, "webhooks", id, "deliveries", "replay")),

  keys: (site: string) => call<List<I.SiteKey>>("GET", of(site, "keys")),
  addKey: (site: string, { public_key, jwks_url, ...rest }: I.KeyDraft) =>
    call<{ secret: string | null }>("POST", of(site, "keys"), { body: { ...rest, public_key: public_key.join("\n") || null, jwks_url: jwks_url.trim() || null } }),
  rotateKey: (site: string, id: string) => call<{ secret: string | null }>("POST", of(site, "keys", id, "rotate"), { body: {} }),
  endKey: (site: string, id: string, end_sessions = false) => call<void>("DELETE", of(site, "keys", id), { params: { end_sessions } }),

  hooks: (site: string) => call<List<I.Hook>>("GET", of(site, "hooks")),
  addHook: (site: string, body: I.HookDraft) => call<{ hook: I.Hook; secret: string }>("POST", of(site, "hooks"), { body }),
  changeHook: (site: string, id: string, body: I.HookDraft) => call<I.Hook>("PUT", of(site, "hooks", id), { body }),
  dropHook: (site: string, id: string) => call<void>("DELETE", of(site, "hooks", id)),
  rotateHook: (site: string, id: string) => call<{ secret: string }>("POST", of(site, "hooks", id, "rotate"), { body: {} }),
  testHook: (site: string, id: string) => call<I.Said>("POST", of(site, "hooks", id, "test")),
  hookResults: (site: string, id: string, cursor?: string | null) => call<I.HookResults>("GET", of(site, "hooks", id, "results"), { params: { cursor, limit: 25 } }),

  alerts: (site: string) => call<I.Alerts>("GET", "/moderation/alerts", { params: { site } }),
  setAlerts: (site: string, body: I.Alerts) => call<I.Alerts>("PUT", "/moderation/alerts", { params: { site }, body }),
};
