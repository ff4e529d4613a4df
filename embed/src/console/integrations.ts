/** The answers about imports, webhooks, screening hooks and alerts, as far as the console reads them. */
import type { Signal } from "./answers";

export interface LeftOut {
  kind: string;
  count: number;
  examples: string[];
  words: string;
}

/** What a dry run counted, or what an import did. */
export interface ImportReport {
  threads_read: number;
  posts_read: number;
  pages: number;
  comments: number;
  tombstones: number;
  people: number;
  unchanged: number;
  seconds: number;
  changed: boolean;
  posts_left_out: LeftOut[];
  threads_left_out: LeftOut[];
  mended: LeftOut[];
  foreign_hosts: { host: string; pages: number; comments: number }[];
  twins: { first: string; second: string; comments: number }[];
}

export interface ImportRun {
  id: string;
  source: string;
  file_name: string;
  bytes: number;
  state: "receiving" | "checking" | "ready" | "waiting" | "running" | "done" | "refused" | "cancelled" | "expired" | "undoing" | "undone";
  by: string | null;
  total: number;
  done: number;
  plan: ImportReport | null;
  report: ImportReport | null;
  problem: { title: string; detail: string; line: number | null; column: number | null } | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  expires_at: string | null;
  moves: string[];
  can_undo: boolean;
}

export interface WebhookDraft {
  url: string;
  events: string[];
  note: string;
  enabled: boolean;
}

export interface Webhook extends WebhookDraft {
  id: string;
  disabled_because: string;
  failures: number;
  failing_since: string | null;
  rests_until: string | null;
  secrets: number;
  created_at: string;
}

export interface Delivery {
  id: string;
  event: string;
  state: "waiting" | "delivered" | "dead" | "moot";
  attempts: number;
  next_at: string | null;
  created_at: string;
  tries: { at: string; status: number | null; fault: string; milliseconds: number }[];
}

export interface KeyDraft {
  name: string;
  scopes: string[];
  algorithm: string;
  /** The lines of a PEM. */
  public_key: string[];
  jwks_url: string;
}

export interface SiteKey {
  id: string;
  public: string;
  name: string;
  scopes: string[];
  algorithm: string;
  created_at: string;
  ends_at: string | null;
  used_at: string | null;
  is_valid: boolean;
}

export interface HookDraft {
  name: string;
  url: string;
  timing: "wait" | "after";
  timeout_ms: number;
  when_silent: "hold" | "pass";
  hold_at: number;
  shadow: boolean;
  enabled: boolean;
}

export interface Hook extends HookDraft {
  id: string;
  created_at: string;
}

/** What a hook said: of a comment, or of the made-up one it is tried with. */
export interface Said {
  outcome: string;
  action: string;
  signals: Signal[];
  fault: string;
  milliseconds: number;
}

export interface Opinion extends Said {
  id: string;
  comment: string;
  is_shadow: boolean;
  at: string;
}

export interface HookResults {
  items: Opinion[];
  next_cursor?: string | null;
  counts: { outcome: string; action: string; count: number }[];
}

export interface Alerts {
  at_once: "never" | "high" | "medium" | "low";
  gap_minutes: number;
  digest_hours: number;
  quiet_from: string | null;
  quiet_until: string | null;
  zone: string;
  language: string;
}
