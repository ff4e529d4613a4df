import { expect, test } from "vitest";
import { COMMANDS } from "../keymap";
import { filled, LANGUAGES, type Catalogue, type Entry } from "../say";
import ar from "./ar";
import de from "./de";
import en from "./en";

declare global {
  interface ImportMeta {
    glob: (pattern: readonly string[], options: { query: "?raw"; eager: true; import: "default" }) => Record<string, string>;
  }
}

const sources = import.meta.glob(["../**/*.{ts,tsx}", "!../**/*.test.ts", "!../texts/**"], { query: "?raw", eager: true, import: "default" });
const all: Record<string, Catalogue> = { en, de, ar };
const forms = (entry: Entry): string[] => (typeof entry === "string" ? [entry] : Object.values(entry));
const places = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].toSorted();

test("every language offered has its catalogue", () => {
  expect(Object.keys(all).toSorted()).toEqual(Object.keys(LANGUAGES).toSorted());
});

test.each(Object.keys(all))("%s has every key, and no other", (tongue) => {
  expect(Object.keys(all[tongue] ?? {}).toSorted()).toEqual(Object.keys(en).toSorted());
});

test.each(Object.keys(all))("%s says something for every key, with the same places", (tongue) => {
  for (const [key, entry] of Object.entries(all[tongue] ?? {})) {
    const wanted = places(forms(en[key as keyof typeof en]).at(-1) ?? "");
    const said = typeof entry === "string" ? entry : entry.other;
    expect(forms(entry).every((form) => form.trim() !== ""), key).toBe(true);
    expect(places(said), key).toEqual(wanted);
    // Small counts may be words; nothing else may stand where the English text has nothing.
    for (const form of forms(entry)) expect(wanted, key).toEqual(expect.arrayContaining(places(form)));
  }
});

test.each(Object.keys(all))("%s has each plural form its grammar has", (tongue) => {
  const wanted = new Intl.PluralRules(tongue).resolvedOptions().pluralCategories.toSorted();
  for (const [key, entry] of Object.entries(all[tongue] ?? {})) {
    expect(typeof entry === "string", key).toBe(typeof en[key as keyof typeof en] === "string");
    if (typeof entry !== "string") expect(Object.keys(entry).toSorted(), key).toEqual(wanted);
  }
});

test("what the views ask for is there, and what is there is asked for", () => {
  const asked = new Set<string>();
  const prefixes = new Set<string>();
  for (const source of Object.values(sources)) {
    for (const [, key] of source.matchAll(/(?:\bt\(|words: |\? |: )"([a-z_]+(?:\.[a-z_0-9]+)*)"/gi)) asked.add(key ?? "");
    for (const [, prefix] of source.matchAll(/named\("(\w+)"/g)) prefixes.add(prefix ?? "");
  }
  const known = Object.keys(en);
  expect(known.filter((key) => !asked.has(key) && !prefixes.has(key.split(".")[0] ?? "")), "asked for by nobody").toEqual([]);
  for (const prefix of prefixes) expect(known.some((key) => key.startsWith(`${prefix}.`)) || prefix === "setting", prefix).toBe(true);
  for (const command of COMMANDS) expect(known).toContain(`command.${command}`);
});

test.each([
  ["queue.open", 0, "en", "0 cases wait"],
  ["queue.open", 1, "en", "1 case waits"],
  ["queue.open", 20_000, "en", "20,000 cases wait"],
  ["queue.open", 20_000, "de", "20.000 Fälle warten"],
  ["queue.open", 2, "ar", "حالتان تنتظران"],
] as const)("%s of %i in %s", (key, n, tongue, words) => {
  expect(filled(all[tongue]?.[key] ?? "", { n }, tongue)).toBe(words);
});

test("a name of another direction keeps to itself", () => {
  expect(filled("{name} was first.", { name: "Ada" }, "en")).toBe("Ada was first.");
  expect(filled("{name} was first.", { name: "ليلى" }, "en")).toBe("\u2068ليلى\u2069 was first.");
  expect(filled("{name}", { name: "Ada" }, "ar")).toBe("\u2068Ada\u2069");
});

test("what a name holds is never read as a place", () => {
  expect(filled("{name}: {what}", { name: "{what}", what: "x" }, "en")).toBe("{what}: x");
});
