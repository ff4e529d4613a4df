import { afterEach, expect, test, vi } from "vitest";
import { ask, Refused, Unreachable } from "./api";

function answering(answer: () => Response | Promise<Response>): ReturnType<typeof vi.fn> {
  const fetched = vi.fn(async (_path: string, _init: RequestInit) => answer());
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

const problem = (status: number, more: object, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ status, ...more }), { status, headers: { "Content-Type": "application/problem+json", ...headers } });

afterEach(() => vi.unstubAllGlobals());

test("a request carries who asks and which act it is", async () => {
  const fetched = answering(() => new Response('{"id":"1"}', { status: 201 }));
  expect(await ask("POST", "/api/v1/comments", { json: { body: "x" }, key: "k", token: "t" })).toEqual({ id: "1" });
  expect(fetched.mock.calls[0]?.[1]).toMatchObject({
    method: "POST",
    body: '{"body":"x"}',
    headers: { "Content-Type": "application/json", "Idempotency-Key": "k", Authorization: "Bearer t" },
  });
});

test("an answer without content is null", async () => {
  answering(() => new Response(null, { status: 204 }));
  expect(await ask("DELETE", "/api/v1/comments/1")).toBeNull();
});

test("a refusal says what to change", async () => {
  answering(() => problem(422, { detail: "Too short.", field: "body" }));
  const error = await ask("POST", "/x").catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Refused);
  expect(error).toMatchObject({ status: 422, message: "Too short.", field: "body", retryAfter: undefined });
});

test("a refusal says when to come again", async () => {
  answering(() => problem(429, { detail: "Slow down." }, { "Retry-After": "7" }));
  await expect(ask("POST", "/x")).rejects.toMatchObject({ status: 429, retryAfter: 7 });
});

test.each([
  ["no network", () => Promise.reject(new TypeError("Failed to fetch"))],
  ["a gateway's own page", () => new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "Content-Type": "text/html" } })],
  ["half an answer", () => new Response('{"id":', { status: 200 })],
])("%s may be tried again", async (_, answer) => {
  answering(answer);
  await expect(ask("POST", "/x")).rejects.toBeInstanceOf(Unreachable);
});
