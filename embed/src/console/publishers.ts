/** What the server can do for publishers: discussions and jobs on them, the history of a site's settings, sites themselves. */
import type { List } from "./answers";
import { call, send } from "./call";

export type ThreadState = "open" | "closed" | "locked";

export interface Thread {
  id: string;
  url: string;
  title: string | null;
  identifier: string | null;
  section: string;
  state: ThreadState;
  comment_count: number;
  created_at: string;
  addresses?: string[];
}

export interface ThreadJob {
  id: string;
  kind: "merge" | "remap" | "purge";
  state: "planning" | "planned" | "waiting" | "running" | "done" | "undoing" | "undone" | "cancelled" | "failed";
  by: string;
  asked: Readonly<Record<string, string>>;
  counts: Readonly<Record<string, number>>;
  samples: readonly Readonly<Record<string, string>>[];
  total: number;
  done: number;
  created_at: string;
}

export interface Change {
  number: string;
  at: string;
  by: string;
  section: string;
  settings: string[];
  before: Readonly<Record<string, unknown>> | null;
  after: Readonly<Record<string, unknown>> | null;
}

export interface Erasure {
  is_asked: boolean;
  due_at: string | null;
}

export interface Outbox {
  waiting: number;
  oldest: string | null;
  dead: number;
  items: { id: string; kind: string; last_error: string; created_at: string }[];
}

const of = (site: string, ...rest: string[]): string => ["/sites", site, ...rest].map((part, n) => (n ? encodeURIComponent(part) : part)).join("/");

export const publishers = {
  threads: (site: string, params: Record<string, string | null | undefined>) => call<List<Thread>>("GET", of(site, "threads"), { params }),
  thread: (site: string, id: string) => call<Thread>("GET", of(site, "threads", id)),
  change: (site: string, id: string, body: Record<string, string>) => call<Thread>("PATCH", of(site, "threads", id), { body }),
  jobs: (site: string, cursor: string | null) => call<List<ThreadJob>>("GET", of(site, "thread-jobs"), { params: { cursor, limit: 10 } }),
  job: (site: string, id: string) => call<ThreadJob>("GET", of(site, "thread-jobs", id)),
  plan: (site: string, kind: ThreadJob["kind"], body: Record<string, string>) => call<ThreadJob>("POST", of(site, "thread-jobs", kind), { body }),
  planList: (site: string, file: File) => send<ThreadJob>(of(site, "thread-jobs", "remap.csv"), {}, file, () => undefined, new AbortController().signal),
  step: (site: string, id: string, step: "begin" | "cancel" | "undo", body: Record<string, string> = {}) => call<ThreadJob>("POST", of(site, "thread-jobs", id, step), { body }),
  changes: (site: string, cursor: string | null) => call<List<Change>>("GET", of(site, "changes"), { params: { cursor, limit: 10 } }),
  takeBack: (site: string, change: string, version: number) => call<unknown>("POST", of(site, "changes", change, "undo"), { body: { settings_version: version } }),
  erasure: (site: string) => call<Erasure>("GET", of(site, "erasure")),
  erase: (site: string, confirm: string) => call<Erasure>("POST", of(site, "erasure"), { body: { confirm } }),
  keep: (site: string) => call<void>("DELETE", of(site, "erasure")),
  outbox: () => call<Outbox>("GET", "/outbox", { params: { limit: 20 } }),
  redrive: () => call<{ count: number }>("POST", "/outbox/retry", { body: {} }),
  make: (body: Record<string, unknown>) => call<unknown>("POST", "/sites", { body }),
};
