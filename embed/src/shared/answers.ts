/** The answers the frame reads, as far as it reads them; `service/pages/views.py` says what they mean. */
export interface CommentAnswer {
  id: string;
  thread: string;
  parent: string | null;
  author: { name: string } | null;
  up: number;
  down: number;
}

export interface PostedAnswer {
  status: "published" | "held";
  comment: CommentAnswer;
  reasons: string[];
  editable_until: string | null;
  guest: string | null;
  fragment: string | null;
  mail?: "none" | "waiting" | "confirmed" | "ended" | "stopped" | null;
}

export interface VoteAnswer {
  value: -1 | 0 | 1;
  up: number;
  down: number;
  guest: string | null;
}

export interface OwnComment {
  id: string;
  state: "published" | "held" | "gone";
  body: string;
  editable_until: string | null;
  comment: CommentAnswer;
  fragment: string | null;
}

export interface ViewerAnswer {
  name: string | null;
  votes: Record<string, number>;
  own: OwnComment[];
}

/** One event of a thread; `service/live/api.py` says what it means. */
export interface LiveEvent {
  type: "hello" | "reset" | "posted" | "edited" | "removed" | "votes" | "thread";
  thread_version: number;
  /** Comments readers see. */
  count: number;
  comment?: string | null;
  parent?: string | null;
  votes?: Record<string, [number, number]> | null;
  state?: "open" | "closed" | null;
}

export interface ChangesAnswer {
  version: number;
  count: number;
  state: "open" | "closed";
  last: string | null;
  is_complete: boolean;
  items: (LiveEvent & { id: string })[];
}

/** An error of ours: RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  field?: string;
  /** What screening found, in words. */
  reasons?: string[];
}
