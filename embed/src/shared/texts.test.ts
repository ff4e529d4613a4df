import { beforeEach, expect, test, vi } from "vitest";
import type * as Texts from "./texts";

const page = globalThis as { parleyTexts?: unknown; document?: unknown };

async function speaking(tag: string, parleyTexts: unknown): Promise<typeof Texts> {
  Object.assign(page, { parleyTexts, document: { documentElement: { lang: tag } } });
  return import("./texts");
}

beforeEach(() => {
  vi.resetModules();
  delete page.parleyTexts;
  delete page.document;
});

test("a text that is missing is English, and no text is one of Object's own", async () => {
  const { _, ngettext } = await speaking("de", { Reply: "Antworten" });
  expect([_("Reply"), _("Report"), _("constructor")]).toEqual(["Antworten", "Report", "constructor"]);
  expect([1, 2].map((count) => ngettext("%(num)s reply", "%(num)s replies", count))).toEqual(["1 reply", "2 replies"]);
});

test("plural forms are the language's own", async () => {
  const forms = { one: "%(num)s komentarz", few: "%(num)s komentarze", many: "%(num)s komentarzy" };
  const { ngettext } = await speaking("pl", { "%(num)s comment": forms });
  const words = [0, 1, 3, 5, 12, 22].map((count) => ngettext("%(num)s comment", "%(num)s comments", count));
  expect(words).toEqual(["0 komentarzy", "1 komentarz", "3 komentarze", "5 komentarzy", "12 komentarzy", "22 komentarze"]);
});

test("what is put in stays as it is", async () => {
  const { _ } = await speaking("en", {});
  expect(_("Reply to %(name)s", { name: "$& %(name)s" })).toBe("Reply to $& %(name)s");
});

test("what is no language to a browser is English", async () => {
  expect((await speaking("x_y", {})).tag).toBe("en");
});
