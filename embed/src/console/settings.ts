/** What a moderator chose for this browser, and what the document tells about the server. */
import { signal } from "@preact/signals";
import { openStore } from "../shared/store";
import { changesOf, DEFAULTS, readKeymap, type Keymap } from "./keymap";

const store = openStore();
export const keymap = signal<Keymap>(DEFAULTS);
export const areKeysOn = signal(true);
export const theme = signal<"auto" | "light" | "dark">("auto");
/** The order of a site's queues, site by site, as one likes them. */
export const queueOrder = signal<Readonly<Record<string, readonly string[]>>>({});

export function readChoices(): void {
  queueOrder.value = store.get<Record<string, readonly string[]>>("console.queues") ?? {};
  keymap.value = readKeymap(store.get("console.keys"));
  areKeysOn.value = store.get<boolean>("console.keysOn") ?? true;
  setTheme(store.get<"light" | "dark">("console.theme") ?? "auto", false);
}

export function setKeymap(map: Keymap): void {
  keymap.value = map;
  store.set("console.keys", changesOf(map));
}

export function setKeysOn(on: boolean): void {
  areKeysOn.value = on;
  store.set("console.keysOn", on);
}

export function setQueueOrder(site: string, ids: readonly string[]): void {
  queueOrder.value = { ...queueOrder.value, [site]: ids };
  store.set("console.queues", queueOrder.value);
}

export function setTheme(wanted: "auto" | "light" | "dark", keep = true): void {
  theme.value = wanted;
  if (wanted === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = wanted;
  if (keep) store.set("console.theme", wanted);
}

export interface Start {
  readonly name: string;
  readonly email: string;
  readonly offers: ReadonlySet<string>;
  readonly catalogues: Readonly<Record<string, string | undefined>>;
}

export let start: Start = { name: "", email: "", offers: new Set(), catalogues: {} };

/** What the server wrote into the document. */
export function readStart(root: HTMLElement): void {
  const { name = "", email = "", offers = "", ...catalogues } = root.dataset;
  start = { name, email, offers: new Set(offers.split(" ").filter(Boolean)), catalogues };
}
