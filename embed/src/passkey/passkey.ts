/**
 * Passkeys, in pages of Parley's own: in the window that signs a reader in for a frame, and on their own page, where one
 * is added or shows who they are. Binary values travel as base64url, as WebAuthn's own JSON has them.
 */
type Coded = { id: string; type: "public-key"; transports?: AuthenticatorTransport[] };
interface Options {
  challenge: string;
  user?: { id: string; name: string; displayName: string };
  excludeCredentials?: Coded[];
  allowCredentials?: Coded[];
}
type Answer = { code?: string; status?: string; detail?: string };

const { documentElement: html } = document;
const problem = document.querySelector<HTMLElement>("[data-problem]");
const failed = problem?.textContent ?? "";

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-passkey]")) {
  if (!("credentials" in navigator) || !window.PublicKeyCredential) break;
  document.querySelector("[data-unable]")?.remove();
  (button.closest<HTMLElement>("form[data-passkeys]") ?? button).hidden = false;
  button.hidden = false;
  button.closest("form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    button.click();
  });
  button.addEventListener("click", () => void press(button));
}

async function press(button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  if (problem) problem.hidden = true;
  const isWindow = button.dataset["passkey"] === "sign-in";
  try {
    await (isWindow ? signIn(button) : change(button));
  } catch (error) {
    // What a browser says of somebody who changed their mind is for nobody to read.
    if (problem) {
      problem.textContent = error instanceof Refused ? error.message : failed;
      problem.hidden = false;
    }
    // A question is answered once: for another there has to be another window.
    if (isWindow && error instanceof Refused) {
      button.hidden = true;
      document.querySelector<HTMLElement>("[data-again]")?.removeAttribute("hidden");
    }
  }
  button.disabled = false;
}

class Refused extends Error {}

async function signIn(button: HTMLButtonElement): Promise<void> {
  const credential = await asked(JSON.parse(button.dataset["options"] ?? "") as Options);
  const { code } = await post("/sign-in/passkey", { credential });
  (window.opener as Window | null)?.postMessage({ v: 1, type: "handover", code }, location.origin);
  window.close();
}

async function change(button: HTMLButtonElement): Promise<void> {
  const purpose = button.dataset["passkey"];
  const name = button.closest("form")?.querySelector("input")?.value ?? "";
  const { state, options } = await post<{ state: string; options: Options }>("/me/ways/passkey/options", { purpose });
  const credential = await (purpose === "add" ? made(options) : asked(options));
  const { status } = await post("/me/ways/passkey", { purpose, state, name, credential });
  location.assign(`/me/ways?told=${encodeURIComponent(status ?? "")}`);
}

async function post<T = Answer>(path: string, body: unknown): Promise<T> {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "Accept-Language": html.lang };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const said = (await answer.json()) as Answer;
  if (!answer.ok) throw new Refused(said.detail ?? failed);
  return said as T;
}

async function made(options: Options): Promise<unknown> {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user?.id ?? "") },
    excludeCredentials: (options.excludeCredentials ?? []).map(one),
  } as unknown as PublicKeyCredentialCreationOptions;
  const { rawId, response } = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const { clientDataJSON, attestationObject } = response as AuthenticatorAttestationResponse;
  const id = text(rawId);
  const coded = { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) };
  return { id, rawId: id, type: "public-key", clientExtensionResults: {}, response: coded };
}

async function asked(options: Options): Promise<unknown> {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(one),
  } as unknown as PublicKeyCredentialRequestOptions;
  const { rawId, response } = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const { clientDataJSON, authenticatorData, signature, userHandle } = response as AuthenticatorAssertionResponse;
  const id = text(rawId);
  const coded = {
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    ...(userHandle ? { userHandle: text(userHandle) } : {}),
  };
  return { id, rawId: id, type: "public-key", clientExtensionResults: {}, response: coded };
}

function one({ id, ...rest }: Coded): PublicKeyCredentialDescriptor {
  return { ...rest, id: bytes(id) };
}

function bytes(coded: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(coded.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}

function text(raw: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(raw))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
