/**
 * Parley for a publisher's own server: sign readers in, check webhooks, fetch counts. One file for Node 20 or newer, Deno,
 * Bun and edge workers; it needs nothing but Web Crypto and fetch.
 *
 * Copy it beside your code. What it speaks is documented in docs/sign-in.md, docs/webhooks.md and docs/api.md.
 */

/** A reader of yours. `id` never changes hands; `name` is what others read. */
export interface Reader {
  id: string | number;
  name: string;
  picture?: string;
  url?: string;
  email?: string;
  roles?: string[];
}

/** The secret of an `HS256` key, or the private key of an `EdDSA` one (`crypto.subtle`, Ed25519) with the id Parley gave it. */
export type Signer = string | { key: CryptoKey; id: string };

/** Pages that are counted by one call. */
export const MOST_URLS = 100;

const encoder = new TextEncoder();

/**
 * A token that says who a reader is at your site: a JWT for `data-sso` and `Parley.update({ sso })`. It is good for so many
 * `seconds`; sign one for each page, and keep it out of caches. `now` is in milliseconds.
 */
export async function signInToken(
  signer: Signer,
  site: string,
  reader: Reader,
  { seconds = 600, now = Date.now() }: { seconds?: number; now?: number } = {},
): Promise<string> {
  const at = Math.floor(now / 1000);
  const { id, name, picture, url, email, roles } = reader;
  const claims = { aud: site, exp: at + seconds, iat: at, name, sub: String(id), picture, url, email, roles };
  const isShared = typeof signer === "string";
  const head = isShared ? { alg: "HS256", typ: "JWT" } : { alg: "EdDSA", kid: signer.id, typ: "JWT" };
  const signed = `${part(head)}.${part(claims)}`;
  const bytes = encoder.encode(signed);
  const signature = isShared
    ? await crypto.subtle.sign("HMAC", await shared(encoder.encode(signer), "sign"), bytes)
    : await crypto.subtle.sign("Ed25519", signer.key, bytes);
  return `${signed}.${unpadded(new Uint8Array(signature))}`;
}

/**
 * Whether a webhook's request comes from your Parley and is not older than `tolerance` seconds. `body` as it came, before
 * anything parsed it. Whoever has seen its `webhook-id` throws the message away: the same one is sent again until you
 * answer 2xx. `now` is in milliseconds.
 */
export async function isFromParley(
  secret: string,
  headers: Headers,
  body: Uint8Array,
  { tolerance = 300, now = Date.now() }: { tolerance?: number; now?: number } = {},
): Promise<boolean> {
  const [id, sent, given] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => headers.get(name));
  if (!id || !sent || !given || !/^\d{1,12}$/.test(sent)) return false;
  if (Math.abs(now / 1000 - Number(sent)) > tolerance) return false;
  const key = await shared(decoded(secret.replace(/^whsec_/, "")), "verify");
  const head = encoder.encode(`${id}.${sent}.`);
  const content = new Uint8Array(head.length + body.length);
  content.set(head);
  content.set(body, head.length);
  const verdicts = given
    .split(" ")
    .filter((each) => /^v1,[A-Za-z0-9+/]{43}=$/.test(each))
    .map((each) => crypto.subtle.verify("HMAC", key, decoded(each.slice(3)), content));
  return (await Promise.all(verdicts)).includes(true);
}

/**
 * Published comments by article address; what has no discussion has 0. `parley` is where your Parley is. Keep the answer for
 * a minute: it is public and changes slowly.
 */
export async function counts(parley: string, site: string, urls: Iterable<string>): Promise<Map<string, number>> {
  const wanted = [...new Set(urls)];
  const found = new Map<string, number>();
  for (let start = 0; start < wanted.length; start += MOST_URLS) {
    const some = wanted.slice(start, start + MOST_URLS);
    const query = new URLSearchParams([["site", site], ...some.map((url) => ["url", url])] as [string, string][]);
    const answer = await fetch(`${parley.replace(/\/$/, "")}/api/v1/counts?${query}`);
    if (!answer.ok) throw new Error(`Parley answered ${answer.status}`);
    const { items } = (await answer.json()) as { items: { count: number }[] };
    some.forEach((url, place) => found.set(url, items[place]?.count ?? 0));
  }
  return found;
}

function shared(key: Uint8Array<ArrayBuffer>, use: "sign" | "verify"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [use]);
}

function part(value: Record<string, unknown>): string {
  // In the order of their names, as other languages write them.
  const sorted = Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  return unpadded(encoder.encode(JSON.stringify(sorted)));
}

function unpadded(raw: Uint8Array): string {
  const plain = Array.from(raw, (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function decoded(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
