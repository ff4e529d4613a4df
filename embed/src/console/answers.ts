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
  author: { name: string; badge?: string | null } | null;
  html: string | null;
  created_at: string;
  edited_at: string | null;
  version: number;
  up: number;
  down: number;
  reply_count: number;
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
  target?: string | { type: string; value?: string | null; name?: string | null };
  name?: string | null;
  reason: string;
  note: string;
  by: string;
  at?: string;
  created_at?: string;
  until: string | null;
  lifted_at?: string | null;
}

export interface AuthorRecord {
  id: string;
  name: string;
  kind: string;
  since: string;
  counts: Record<string, number>;
  rates: { approved: number | null; reported: number | null };
  comments: Comment[];
  sanctions: SanctionRow[];
  notes: { id: string; by: string; at: string; text: string }[];
  decisions: EarlierDecision[];
}

export interface CaseContext {
  case: Case;
  ancestors: Comment[];
  siblings: Comment[];
  author: AuthorRecord | null;
  decisions: EarlierDecision[];
  revisions: Revision[];
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
  samples: Comment[];
}

export interface BulkPreview {
  count: number;
  samples: Comment[];
  token: string;
}

export interface BulkJob {
  id: string;
  state: string;
  action: string;
  reason?: string;
  note?: string;
  by?: string;
  filter?: Record<string, string>;
  count?: number;
  total?: number;
  done: number;
  failed?: number;
  skipped?: number;
  undone?: number;
  created_at?: string;
}

export interface StatsDay {
  day: string;
  comments: number;
  holds: number;
  approvals: number;
  rejects: number;
}

export interface StatsRow {
  name: string;
  decisions: number;
  median_seconds: number | null;
  p90_seconds: number | null;
}

export interface Stats {
  series: StatsDay[];
  queues: StatsRow[];
  moderators: StatsRow[];
  reasons: { reason: string; count: number }[];
  agreement: { looked: number; agreed: number } | null;
}

export interface Statement {
  id: string;
  comment: string;
  at: string;
  action: string;
  reason: string;
  ground?: string | null;
  text?: string;
  facts?: string;
  appeal?: { text: string; at: string; state: string; outcome?: string | null } | null;
}

export interface TeamMember {
  account: string;
  name: string;
  email: string;
  role: Role;
  sections?: string[] | null;
}

export interface SavedQueue {
  id: string;
  name: string;
  filter: Record<string, unknown>;
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
