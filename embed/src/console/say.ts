/** Texts, dates and numbers in the moderator's language. Catalogues are files of their own, loaded when asked for. */
import { computed, signal } from "@preact/signals";
import type English from "./texts/en";
import { openStore } from "../shared/store";

export type Entry = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;
export type Key = keyof typeof English;
export type Catalogue = Readonly<Record<Key, Entry>>;
export const LANGUAGES = { en: "English", de: "Deutsch", ar: "العربية" } as const;
export type Language = keyof typeof LANGUAGES;

const store = openStore();
export const language = signal<Language>("en");
const catalogue = signal<Partial<Catalogue>>({});
export const isRightToLeft = computed(() => language.value === "ar");

/** The language kept, else the first of the browser's that there is a catalogue for. */
export function preferred(): Language {
  const kept = store.get<string>("console.language");
  const wanted = [kept ?? "", ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((tag): tag is Language => tag in LANGUAGES) ?? "en";
}

/** Loads a language and speaks it. `addresses` are the catalogues' files. */
export async function speak(wanted: Language, addresses: Readonly<Record<string, string | undefined>>): Promise<void> {
  const address = addresses[wanted];
  if (!address) return;
  const loaded = (await import(/* @vite-ignore */ address)) as { default: Catalogue };
  catalogue.value = loaded.default;
  language.value = wanted;
  document.documentElement.lang = wanted;
  document.documentElement.dir = wanted === "ar" ? "rtl" : "ltr";
}

/** Keeps a choice; nothing is kept before somebody chose. */
export function keepLanguage(wanted: Language): void {
  store.set("console.language", wanted);
}

export type Params = Readonly<Record<string, string | number>>;

/** The text of a key. `{n}` chooses the plural, numbers are written as the language does, names keep their direction. */
export function t(key: Key, params: Params = {}): string {
  return filled(catalogue.value[key] ?? key, params, language.value);
}

/** The text of `prefix.value` where there is one, else the value as it is: for codes the server may add to. */
export function named(prefix: string, value: string): string {
  const entry = catalogue.value[`${prefix}.${value}` as Key];
  return entry === undefined ? (value.split(".").at(-1) ?? value).replaceAll(/[_-]/g, " ") : filled(entry, {}, language.value);
}

const formats = new Map<string, unknown>();

/** Formatters are costly to make, and every row of a list asks for some. */
function format<T>(tongue: string, name: string, make: () => T): T {
  const key = `${tongue} ${name}`;
  const known = formats.get(key) as T | undefined;
  if (known !== undefined) return known;
  const made = make();
  formats.set(key, made);
  return made;
}

/** A catalogue's entry with its places filled. Pure. */
export function filled(entry: Entry, params: Params, tongue: string): string {
  const count = params["n"];
  const form =
    typeof entry === "string" ? entry : (entry[format(tongue, "plural", () => new Intl.PluralRules(tongue)).select(typeof count === "number" ? count : 0)] ?? entry.other);
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? format(tongue, "number {}", () => new Intl.NumberFormat(tongue)).format(value) : isolated(value, tongue);
  });
}

/** A name in a sentence of another direction must not turn the sentence around. */
function isolated(text: string, tongue: string): string {
  return tongue !== "ar" && /^[\u0020-\u024f]*$/.test(text) ? text : `\u2068${text}\u2069`;
}

export function number(value: number, options: Intl.NumberFormatOptions = {}): string {
  const tongue = language.value;
  return format(tongue, `number ${JSON.stringify(options)}`, () => new Intl.NumberFormat(tongue, options)).format(value);
}

export function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : number(value, { style: "percent", maximumFractionDigits: 0 });
}

function date(at: string, options: Intl.DateTimeFormatOptions): string {
  const tongue = language.value;
  return format(tongue, `date ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(tongue, options)).format(new Date(at));
}

export function dateTime(at: string): string {
  return date(at, { dateStyle: "medium", timeStyle: "short" });
}

export function day(at: string): string {
  return date(at, { day: "numeric", month: "short", timeZone: "UTC" });
}

export function time(at: string): string {
  return date(at, { hour: "2-digit", minute: "2-digit" });
}

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** `4 minutes ago`, `in 2 hours`: how far a time is from now. */
export function ago(at: string, now: number): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const tongue = language.value;
  const relative = format(tongue, "relative", () => new Intl.RelativeTimeFormat(tongue, { numeric: "auto", style: "short" }));
  for (const [unit, length] of UNITS) if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  return relative.format(0, "minute");
}

/** A length of time: `4 min`, `2 hr`. */
export function lasting(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  const [unit, length] = seconds < 90 ? (["second", 1] as const) : seconds < 5_400 ? (["minute", 60] as const) : (["hour", 3_600] as const);
  return number(seconds / length, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: seconds < 90 ? 0 : 1 });
}

/** A file's size: `3.4 MB`. */
export function fileSize(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return number(bytes / 1000 ** step, { style: "unit", unit: units[step] ?? "byte", unitDisplay: "short", maximumFractionDigits: step ? 1 : 0 });
}
