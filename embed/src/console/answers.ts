/** The answers the console reads, as far as it reads them. What they mean stands in the API's document (`/docs`). */
import type { Problem } from "../shared/answers";

export interface List<T> {
  items: T[];
  next_cursor?: string | null;
}

export interface Session {
  name: string | null;
  email: string | null;
}

export type Role = "member" | "expert" | "moderator" | "editor" | "owner" | "admin";

export interface OwnSite {
  id: string;
  name: string;
  title: string;
  role: Role;
}

export interface Comment {
  id: string;
  thread: string;
  parent: string | null;
  depth: number;
  state: string;
  gone?: string | null;
  /** What became of it, where the server tells staff more than readers. */
  moderation_state?: string;
  author: { name: string; badge?: string | null } | null;
  html: string | null;
  created_at: string;
  edited_at: string | null;
  version: number;
  up: number;
  down: number;
  reply_count: number;
  featured?: boolean;
  pinned?: boolean;
  replies_closed?: boolean;
}

export interface Signal {
  name: string;
  score: number;
  reason: string;
  span?: [number, number] | null;
  version?: number | null;
}

export interface Reports {
  reason: string;
  count: number;
  details: string[];
  weight?: number | null;
}

export interface Priority {
  due_at: string;
  level: string;
  parts: { name: string; words: string; value: number }[];
}

export interface Case {
  id: string;
  comment: Comment;
  parent: Comment | null;
  url: string;
  title: string | null;
  reason: string;
  signals: Signal[];
  reports: Reports[];
  record: Record<string, number>;
  severity: number;
  opened_at: string;
  due_at: string;
  held_by: string | null;
  section?: string | null;
  language?: string | null;
  priority?: Priority | null;
  person?: string | null;
}

export interface QueuePage extends List<Case> {
  open: number;
}

export interface QueueCount {
  id: string;
  name: string;
  open: number;
  overdue?: number;
  held?: number;
}

export interface SiteCount {
  site: string;
  open: number;
  queues?: QueueCount[];
}

export interface Claim {
  claim: string | null;
  expires_at: string | null;
  case: Case;
}

export type Action = "approve" | "reject" | "spam" | "remove" | "restore" | "feature" | "unfeature" | "close_replies" | "open_replies" | "pin" | "unpin";

export interface Sanction {
  kind: string;
  hours?: number;
}

export interface Decided {
  comment: string;
  decision: string | null;
  state: string | null;
  second_look?: "agrees" | "differs" | null;
  is_repeat: boolean;
  problem: (Problem & Conflict) | null;
}

/** What a conflict tells besides its words. */
export interface Conflict {
  what?: string;
  by?: string;
  at?: string;
  action?: string;
  reason?: string;
  state?: string;
  version?: number;
}

export interface Reason {
  code: string;
  title: string;
  rule?: string | null;
  dsa_category?: string | null;
  ground?: "illegal" | "terms" | null;
  needs_statement?: boolean;
}

export interface Revision {
  version: number;
  body: string;
  html: string | null;
  at: string;
}

export interface EarlierDecision {
  id: string;
  at: string;
  by: string;
  action: string;
  reason: string;
  note: string;
  state_before?: string;
  state_after?: string;
}

export interface SanctionRow {
  id: string;
  kind: string;
  target: { type: string; value: string };
  person: string | null;
  reason: string;
  title: string;
  note: string;
  by: string;
  created_at: string;
  until: string | null;
  lifted_at: string | null;
  is_active: boolean;
}

export interface AuthorRecord {
  person: string;
  name: string;
  kind: string;
  since: string;
  counts: Record<string, number>;
  approved: number | null;
  reported: number | null;
  last: Comment[];
  sanctions: SanctionRow[];
  notes: { id: string; by: string; created_at: string; text: string }[];
  decisions: EarlierDecision[];
}

export interface Appeal {
  text: string;
  state: string;
  answer: string;
  created_at: string;
}

/** A case with everything around it, as the server lays it out. */
export interface CaseContext {
  case: { id: string; site: string; reason: string; state: string; severity: number; opened_at: string; due_at: string; closed_at: string | null };
  comment: Comment;
  article: { url: string; title: string | null; section: string };
  branch: { ancestors: Comment[]; goes_on_above: boolean; siblings: Comment[] };
  author: AuthorRecord | null;
  signals: Signal[];
  reports: Reports[];
  decisions: EarlierDecision[];
  revisions: Revision[];
  statement: Statement | null;
  appeal: Appeal | null;
}

export interface LogEntry {
  id: string;
  at: string;
  by: string;
  action?: string;
  act?: string;
  subject?: string | null;
  reason?: string;
  note?: string;
  comment?: string | null;
  state_before?: string;
  state_after?: string;
  detail?: Record<string, unknown> | null;
  words?: Record<string, string> | null;
}

export interface Rule {
  id: string;
  kind: "word" | "host";
  pattern: string;
  action: "hold" | "reject" | "allow";
  severity: number;
  whole_word: boolean;
  enabled: boolean;
  note: string;
}

export interface RuleTrial {
  looked_at: number;
  would_hold: number;
  would_reject: number;
  would_allow?: number;
  of_published?: number;
  samples: Comment[];
}

export interface BulkPreview {
  count: number;
  samples: Comment[];
  /** False when there were too many texts to read. */
  is_whole: boolean;
  looked_at: number;
  token: string;
}

export interface BulkJob {
  id: string;
  state: string;
  by: string;
  action: string;
  reason: string;
  note: string;
  total: number;
  done: number;
  skipped: Record<string, number>;
  undo_of: string | null;
  created_at: string;
}

export interface StatsDay {
  day: string;
  comments: number | null;
  cases: Record<string, number>;
  approvals: number;
  rejections: number;
}

export interface StatsRow {
  key: string;
  name: string;
  decisions: number;
  median_seconds: number | null;
  p90_seconds: number | null;
}

export interface Agreement {
  key: string;
  name: string;
  looked_at: number;
  share: number | null;
  kappa: number | null;
}

export interface Stats {
  days: StatsDay[];
  queues: StatsRow[];
  sections: StatsRow[];
  moderators: StatsRow[];
  reasons: Record<string, number>;
  agreement: Agreement;
  agreement_by_moderator: Agreement[];
}

export interface Statement {
  id: string;
  comment: string | null;
  restriction: string;
  reason: string;
  title: string;
  ground: string;
  facts: string;
  note: string;
  created_at: string;
  withdrawn_at: string | null;
  appeal: string | null;
  appeal_answer: string;
}

export interface TeamMember {
  account: string;
  name: string;
  email: string;
  role: Role;
  sections?: string[] | null;
}

export interface QueueFilter {
  sections: string[];
  languages: string[];
  reasons: string[];
  signals: string[];
  /** 0: any. */
  min_severity: number;
}

export interface SavedQueue {
  id: string;
  name: string;
  filter: QueueFilter;
}

export interface Site {
  name: string;
  title: string;
  origins: string[];
  settings_version: number;
  settings: Record<string, Record<string, unknown>>;
  schemas: Record<string, Schema>;
}

/** As much of JSON Schema as settings use. */
export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  enum?: (string | number)[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  items?: Schema;
  anyOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
}
