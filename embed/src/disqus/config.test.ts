import { beforeEach, expect, test, vi } from "vitest";
import { configure, fire, fresh, listeners, words } from "./config";

beforeEach(() => {
  vi.unstubAllGlobals();
  vi.spyOn(console, "warn").mockReturnValue();
  vi.spyOn(console, "error").mockReturnValue();
});

test("globals first, then the page's function, which finds everything it writes to", () => {
  vi.stubGlobal("disqus_identifier", "global");
  vi.stubGlobal("disqus_title", "Of the global");
  vi.stubGlobal("disqus_config", function (this: { page: { identifier: string } }) {
    this.page.identifier = "said";
  });
  const config = fresh();
  configure(config, undefined);
  expect(config.page).toEqual({ identifier: "said", title: "Of the global" });
});

test("what a later configurator does not say stays, and callbacks are not doubled", () => {
  const config = fresh();
  const ready = vi.fn();
  const say = function (this: typeof config): void {
    this.page["url"] = "https://news.test/";
    (this.callbacks["onReady"] as unknown[]).push(ready);
  };
  configure(config, say);
  configure(config, say);
  configure(config, function (this: typeof config) {
    this.page["remote_auth_s3"] = "x";
  });
  expect(config.page["url"]).toBe("https://news.test/");
  fire(config, "onReady", 1);
  expect(ready.mock.calls).toEqual([[1]]);
});

test("what pages do to it ends nothing", () => {
  const config = fresh();
  const heard: string[] = [];
  configure(config, function (this: Record<string, unknown>) {
    this["sso"] = undefined;
    this["callbacks"] = { onReady: [undefined, () => { throw new Error("theirs"); }, () => heard.push("list")], onInit: () => heard.push("one") };
    throw new Error("a mistake of the page's");
  });
  fire(config, "onReady");
  fire(config, "onInit");
  expect(heard).toEqual(["list", "one"]);
  expect(config.sso).toEqual({});
  configure(config, function (this: Record<string, unknown>) {
    this["callbacks"] = this["page"] = undefined;
  });
  expect(listeners(config, "onReady")).toHaveLength(2);
  expect(config.page).toEqual({});
});

test.each([[undefined, ""], [null, ""], [false, ""], [12, "12"], [" a ", "a"], ["abcdef", "abc"]])("%j as words", (value, text) => {
  expect(words(value, 3)).toBe(text);
});
