import { afterEach, expect, test, vi } from "vitest";
import { counts, isFromParley, signInToken } from "./parley";

const NOW = 1_780_000_000_000;
const SECRET = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cyBvbmx5ISE=";
const BODY = new TextEncoder().encode('{"type":"webhook.test"}');
// Made by the helper in Python, and by what signs webhooks: tests/stories/helpers.
const TOKEN =
  "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJjb3VyaWVyIiwiZXhwIjoxNzgwMDAwNjAwLCJpYXQiOjE3ODAwMDA" +
  "wMDAsIm5hbWUiOiJBZGEgTMO2dmVsYWNlIiwic3ViIjoiNDcxMSJ9.HSfB3T8-7l5Z32ZiF4YsFq69fv0NeedY5mKJcYzO_xc";
const SIGNATURE = "v1,zs6eaIWmWhtROAxMxjLzXhxGLVYPPJuVlzB4sKfkmc4=";

function sent(more: Record<string, string> = {}): Headers {
  return new Headers({ "webhook-id": "msg_1", "webhook-timestamp": String(NOW / 1000), "webhook-signature": SIGNATURE, ...more });
}

afterEach(() => vi.unstubAllGlobals());

test("signs the token that Python signs", async () => {
  expect(await signInToken("secret", "courier", { id: 4711, name: "Ada Lövelace" }, { now: NOW })).toBe(TOKEN);
});

test("signs with a private key that only a public one opens", async () => {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  const token = await signInToken({ key: pair.privateKey, id: "pk_1" }, "courier", { id: "4711", name: "Ada" });
  const [head = "", claims = "", signature = ""] = token.split(".");
  expect(JSON.parse(atob(head))).toEqual({ alg: "EdDSA", kid: "pk_1", typ: "JWT" });
  const raw = Uint8Array.from(atob(signature.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const signed = new TextEncoder().encode(`${head}.${claims}`);
  expect(await crypto.subtle.verify("Ed25519", pair.publicKey, raw, signed)).toBe(true);
});

test("tells a webhook from a forged one", async () => {
  const told = (headers: Headers, body = BODY, now = NOW) => isFromParley(SECRET, headers, body, { now });
  expect(await told(sent())).toBe(true);
  expect(await told(sent({ "webhook-signature": `v1,${"A".repeat(43)}= ${SIGNATURE}` }))).toBe(true);
  expect(await told(sent(), new TextEncoder().encode("{}"))).toBe(false);
  expect(await told(sent({ "webhook-id": "msg_2" }))).toBe(false);
  expect(await told(sent({ "webhook-signature": "v1," }))).toBe(false);
  expect(await told(sent(), BODY, NOW + 400_000)).toBe(false);
  expect(await told(new Headers())).toBe(false);
});

test("asks for many pages in few calls", async () => {
  const asked: URLSearchParams[] = [];
  vi.stubGlobal("fetch", async (address: string) => {
    const query = new URL(address).searchParams;
    asked.push(query);
    return Response.json({ items: query.getAll("url").map((url) => ({ url, count: url.endsWith("/7") ? 3 : 0 })) });
  });
  const urls = Array.from({ length: 120 }, (_, number) => `https://courier.example/${number}`);
  const found = await counts("https://comments.example.org/", "courier", [...urls, ...urls]);
  expect(asked.map((query) => query.getAll("url").length)).toEqual([100, 20]);
  expect(found.size).toBe(120);
  expect(found.get("https://courier.example/7")).toBe(3);
  vi.stubGlobal("fetch", async () => new Response("", { status: 404 }));
  await expect(counts("https://comments.example.org", "nobody", urls)).rejects.toThrow("404");
});
