/** The one way to the server: JSON in, JSON out, every refusal a `Refusal`. */
import type { Problem } from "../shared/answers";
import type { Conflict } from "./answers";
import { heard } from "./clock";

export class Refusal extends Error {
  constructor(readonly problem: Problem & Conflict) {
    super(problem.detail);
  }

  /** The stable name of the problem: `decided-meanwhile`. */
  get kind(): string {
    return kindOf(this.problem);
  }
}

export function kindOf(problem: Problem): string {
  return problem.type.split("#")[1] ?? "unknown";
}

type Params = Readonly<Record<string, string | number | boolean | null | undefined>>;

let onSignedOut: () => void = () => undefined;

/** Calls `listener` when the server no longer knows who asks. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** Asks the server. Throws a Refusal, also when there is no connection (`offline`). */
export async function call<T>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  options: { params?: Params; body?: unknown; keepalive?: boolean; signal?: AbortSignal } = {},
): Promise<T> {
  const init: RequestInit = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
  if (options.body !== undefined) {
    init.headers = { ...init.headers, "Content-Type": "application/json" };
    init.body = JSON.stringify(options.body);
  }
  if (options.keepalive) init.keepalive = true;
  if (options.signal) init.signal = options.signal;
  let response: Response;
  try {
    response = await fetch(addressOf(path, options.params), init);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Refusal({ type: "/errors#offline", title: "Offline", status: 0, detail: "There is no connection to the server." });
  }
  heard(response.headers.get("Date"));
  if (response.status === 204) return undefined as T;
  const said: unknown = await response.json().catch(() => null);
  if (response.ok) return said as T;
  if (response.status === 401) onSignedOut();
  throw new Refusal(problemOf(said, response.status));
}

/** Sends a file as it is and tells how much of it has gone (0 to 1), which `fetch` cannot. Throws a Refusal, as `call` does. */
export function send<T>(path: string, params: Params, file: Blob, onProgress: (part: number) => void, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const offline = (): void => reject(new Refusal({ type: "/errors#offline", title: "Offline", status: 0, detail: "There is no connection to the server." }));
    request.open("POST", addressOf(path, params));
    request.responseType = "json";
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    request.addEventListener("load", () => {
      if (request.status === 401) onSignedOut();
      if (request.status < 300) resolve(request.response as T);
      else reject(new Refusal(problemOf(request.response, request.status)));
    });
    request.addEventListener("error", offline);
    request.addEventListener("abort", offline);
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** An address below /api/v1 with its parameters; empty ones are left out. */
export function addressOf(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  const written = query.toString();
  return `/api/v1${path}${written ? `?${written}` : ""}`;
}

function problemOf(said: unknown, status: number): Problem {
  const known = said as Partial<Problem> | null;
  return known && typeof known.type === "string" && typeof known.detail === "string"
    ? (known as Problem)
    : { type: "/errors#unknown", title: "Error", status, detail: `The server answered ${status}.` };
}
