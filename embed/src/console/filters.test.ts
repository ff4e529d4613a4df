import { expect, test } from "vitest";
import { readPlace, refined, VIEWS, writePlace } from "./filters";

test.each([
  ["/console", "", { view: "queue", name: "", filters: {} }],
  ["/console", "?site=demo&queue=held&q=gull", { view: "queue", name: "", filters: { site: "demo", queue: "held", q: "gull" } }],
  ["/console/authors/17", "?site=demo", { view: "authors", name: "17", filters: { site: "demo" } }],
  ["/console/log", "?action=approve&case=9", { view: "log", name: "", filters: { action: "approve" } }],
  ["/console/nothing", "?site=demo", { view: "queue", name: "", filters: { site: "demo" } }],
  ["/console/authors/..%2F", "", { view: "authors", name: "", filters: {} }],
])("%s%s is read", (path, search, place) => {
  expect(readPlace(path, search)).toEqual(place);
});

test.each(VIEWS)("an address of %s leads back to where it came from", (view) => {
  const place = { view, name: view === "queue" ? "" : "12", filters: { site: "demo & söhne" } };
  const url = new URL(writePlace(place), "https://desk.test");
  expect(readPlace(url.pathname, url.search)).toEqual(place);
});

test("one place has one address", () => {
  const one = { view: "log", name: "", filters: { action: "spam", site: "demo" } } as const;
  const other = { view: "log", name: "", filters: { site: "demo", action: "spam", q: "" } } as const;
  expect(writePlace(one)).toBe(writePlace(other));
});

test("an empty filter is none", () => {
  const place = readPlace("/console/log", "?q=a&by=b");
  expect(refined(place, { q: "", action: "spam" }).filters).toEqual({ by: "b", action: "spam" });
});

test("an overlong filter is cut", () => {
  expect(readPlace("/console", `?q=${"x".repeat(1000)}`).filters["q"]).toHaveLength(300);
});
