import type { Problem } from "../shared/answers";
import { say } from "../shared/say";
import { tag } from "../shared/texts";

const PATIENCE = 10_000;

/** The server said no, and why; `field` names what to change, `retryAfter` (seconds) when to come again. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly field?: string,
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

/** Nobody answered: offline, too slow, or not ours. The same request may be sent again. */
export class Unreachable extends Error {}

export interface Ask {
  json?: unknown;
  /** Idempotency-Key: the same for every try of the same act. */
  key?: string;
  token?: string | null;
}

/** Asks the API. Throws Refused or Unreachable, nothing else. `T` is null for an answer without content. */
export async function ask<T>(method: string, path: string, { json, key, token }: Ask = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": tag };
  if (json !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  if (token) headers["Authorization"] = `Bearer ${token}`;
  const body = json === undefined ? null : JSON.stringify(json);
  const text = await exchange(path, { method, headers, body });
  return (text ? parsed(text) : null) as T;
}

/** A piece of HTML drawn by the server, in the page's language. Throws as `ask` does. */
export async function fragment(path: string): Promise<string> {
  return exchange(`${path}&lang=${tag}`, { headers: { Accept: "text/html" } });
}

async function exchange(path: string, init: RequestInit): Promise<string> {
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(path, { ...init, signal: AbortSignal.timeout(PATIENCE) });
    text = await answer.text();
  } catch (error) {
    throw new Unreachable(say.unreachable, { cause: error });
  }
  if (!answer.ok) throw refusal(answer, text);
  return text;
}

function refusal(answer: Response, text: string): Error {
  // A gateway in between answers in a page of its own: it knows nothing of the request, so it may be repeated.
  const isOurs = answer.headers.get("Content-Type")?.includes("json");
  if (!isOurs && answer.status >= 500) return new Unreachable(say.unreachable);
  const problem = isOurs ? (parsed(text) as Partial<Problem> | null) : null;
  const wait = Number(answer.headers.get("Retry-After"));
  return new Refused(
    answer.status,
    [problem?.detail ?? say.failed, ...(problem?.reasons ?? [])].join(" "),
    problem?.field,
    Number.isFinite(wait) && wait > 0 ? wait : undefined,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Unreachable(say.unreachable, { cause: error });
  }
}
