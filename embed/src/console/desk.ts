/** What the server can do for the console, one function for each call. */
import type * as A from "./answers";
import { addressOf, call } from "./call";

const at = encodeURIComponent;

export const desk = {
  sites: () => call<A.List<A.OwnSite>>("GET", "/sites"),
  queue: (params: { site: string; queue?: string; cursor?: string | null; limit?: number }, signal?: AbortSignal) =>
    call<A.QueuePage>("GET", "/moderation/queue", { params, ...(signal ? { signal } : {}) }),
  counts: () => call<A.List<A.SiteCount>>("GET", "/moderation/counts"),
  claim: (site: string, limit: number, queue?: string) =>
    call<A.List<A.Claim>>("POST", "/moderation/claims", { body: { site, limit, ...(queue ? { queue } : {}) } }),
  keep: (claims: string[]) => call<A.List<{ claim: string; expires_at: string | null }>>("PUT", "/moderation/claims", { body: { claims } }),
  release: (claims: string[], keepalive = false) => call<unknown>("POST", "/moderation/claims/release", { body: { claims }, keepalive }),
  skip: (claim: string) => call<void>("POST", `/moderation/claims/${at(claim)}/skip`),
  decide: (
    items: { comment: string; version?: number; claim?: string }[],
    action: A.Action,
    more: { reason?: string; note?: string; sanction?: A.Sanction } = {},
  ) => call<A.List<A.Decided>>("POST", "/moderation/decisions", { body: { items, action, ...more } }),
  undo: (decision: string) => call<unknown>("POST", `/moderation/decisions/${at(decision)}/undo`),
  reasons: (site: string) => call<A.List<A.Reason> & { required?: boolean }>("GET", "/moderation/reasons", { params: { site } }),
  context: (id: string) => call<A.CaseContext>("GET", `/moderation/cases/${at(id)}`),
  author: (person: string, site: string) => call<A.AuthorRecord>("GET", `/moderation/authors/${at(person)}`, { params: { site } }),
  note: (person: string, site: string, text: string) =>
    call<unknown>("POST", `/moderation/authors/${at(person)}/notes`, { params: { site }, body: { text } }),
  sanctions: (site: string, cursor?: string | null) =>
    call<A.List<A.SanctionRow>>("GET", "/moderation/sanctions", { params: { site, cursor } }),
  sanction: (site: string, body: Record<string, unknown>) => call<A.SanctionRow>("POST", "/moderation/sanctions", { params: { site }, body }),
  lift: (id: string) => call<void>("DELETE", `/moderation/sanctions/${at(id)}`),
  log: (params: Record<string, string | null | undefined>) => call<A.List<A.LogEntry>>("GET", "/moderation/log", { params }),
  logExport: (site: string) => addressOf("/moderation/log.jsonl", { site }),
  rules: (site: string) => call<A.List<A.Rule>>("GET", "/moderation/rules", { params: { site } }),
  addRule: (site: string, rule: Omit<A.Rule, "id">) => call<A.Rule>("POST", "/moderation/rules", { params: { site }, body: rule }),
  changeRule: (id: string, rule: Omit<A.Rule, "id">) => call<A.Rule>("PUT", `/moderation/rules/${at(id)}`, { body: rule }),
  dropRule: (id: string) => call<void>("DELETE", `/moderation/rules/${at(id)}`),
  tryRule: (site: string, rule: Omit<A.Rule, "id">) => call<A.RuleTrial>("POST", "/moderation/rules/try", { body: { site, rule } }),
  preview: (site: string, filter: Record<string, unknown>) => call<A.BulkPreview>("POST", "/moderation/bulk/preview", { body: { site, filter } }),
  bulk: (token: string, action: A.Action, reason: string, note: string) =>
    call<A.BulkJob>("POST", "/moderation/bulk", { body: { token, action, reason, note } }),
  jobs: (site: string) => call<A.List<A.BulkJob>>("GET", "/moderation/bulk", { params: { site } }),
  job: (id: string) => call<A.BulkJob>("GET", `/moderation/bulk/${at(id)}`),
  undoJob: (id: string) => call<A.BulkJob>("POST", `/moderation/bulk/${at(id)}/undo`),
  cancelJob: (id: string) => call<A.BulkJob>("POST", `/moderation/bulk/${at(id)}/cancel`),
  stats: (site: string, from: string, to: string) => call<A.Stats>("GET", "/moderation/stats", { params: { site, from, to, by: "day" } }),
  statsExport: (site: string, from: string, to: string) => addressOf("/moderation/stats.csv", { site, from, to }),
  statements: (site: string, cursor?: string | null) =>
    call<A.List<A.Statement>>("GET", "/moderation/statements", { params: { site, cursor } }),
  statementsExport: (site: string) => addressOf("/moderation/statements.jsonl", { site }),
  queues: (site: string) => call<A.List<A.SavedQueue>>("GET", "/moderation/queues", { params: { site } }),
  addQueue: (site: string, body: Omit<A.SavedQueue, "id">) => call<A.SavedQueue>("POST", "/moderation/queues", { params: { site }, body }),
  changeQueue: (id: string, body: Omit<A.SavedQueue, "id">) => call<A.SavedQueue>("PUT", `/moderation/queues/${at(id)}`, { body }),
  dropQueue: (id: string) => call<void>("DELETE", `/moderation/queues/${at(id)}`),
  team: (site: string) => call<A.List<A.TeamMember>>("GET", `/sites/${at(site)}/team`),
  setMember: (site: string, who: string, role: string, sections: string[] | null) =>
    call<unknown>("PUT", `/sites/${at(site)}/team/${at(who)}`, { body: { role, ...(sections?.length ? { sections } : {}) } }),
  dropMember: (site: string, who: string) => call<void>("DELETE", `/sites/${at(site)}/team/${at(who)}`),
  site: (name: string) => call<A.Site>("GET", `/sites/${at(name)}`),
  changeSite: (name: string, body: Record<string, unknown>) => call<A.Site>("PATCH", `/sites/${at(name)}`, { body }),
  drawn: (name: string, settings: unknown, url: string, theme: string | null, signal: AbortSignal) =>
    call<{ html: string; style: string }>("POST", `/sites/${at(name)}/preview`, { body: { settings, url, theme }, signal }),
  signOut: () => call<void>("DELETE", "/session"),
};
