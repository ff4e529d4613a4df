import { expect, test } from "vitest";
import { applied, beside, EMPTY, placed, plainLine, type Event, type Queue, type Row } from "./queue";

const row = (id: string, more: Partial<Row> = {}): Row => ({
  id,
  comment: `c${id}`,
  version: 1,
  author: "Ada",
  excerpt: "…",
  reason: "held",
  level: "low",
  opened: "2026-11-25T10:00:00Z",
  due: `2026-11-25T10:00:${id.padStart(2, "0")}Z`,
  title: "",
  section: "",
  state: "held",
  heldBy: null,
  ...more,
});
const page = (ids: string[], open: number, cursor: string | null, isFirst = false): Event => ({ type: "page", rows: ids.map((id) => row(id)), open, cursor, isFirst });
const start = (): Queue => applied(EMPTY, [page(["1", "2", "3"], 5, "next", true)]);

test("pages follow each other, and a case on two of them is there once", () => {
  const queue = applied(start(), [page(["3", "4", "5"], 5, null)]);
  expect(queue.order).toEqual(["1", "2", "3", "4", "5"]);
  expect(queue.isComplete).toBe(true);
});

test("a first page begins anew", () => {
  const queue = applied(start(), [{ type: "opened", id: "9" }, page(["9"], 1, null, true)]);
  expect(queue).toMatchObject({ order: ["9"], open: 1, fresh: 0 });
});

test("who holds what", () => {
  const held = applied(start(), [{ type: "held", id: "2", by: "Nils" }]);
  expect(held.rows.get("2")?.heldBy).toBe("Nils");
  expect(applied(held, [{ type: "released", id: "2" }]).rows.get("2")?.heldBy).toBeNull();
  expect(applied(start(), [{ type: "held", id: "77", by: "Nils" }]).rows.has("77")).toBe(false);
});

test("a decided case leaves, once", () => {
  const decided: Event = { type: "decided", id: "2" };
  const queue = applied(applied(start(), [decided, decided]), [decided]);
  expect(queue.order).toEqual(["1", "3"]);
  expect(queue.open).toBe(4);
});

test("the count never falls below nothing", () => {
  const queue = applied({ ...start(), open: 1 }, [{ type: "decided", id: "1" }, { type: "decided", id: "2" }]);
  expect(queue.open).toBe(0);
});

test("new cases are counted, not put under somebody's hands", () => {
  const queue = applied(start(), [{ type: "opened", id: "8" }, { type: "opened", id: "8" }, { type: "opened", id: "1" }]);
  expect(queue).toMatchObject({ order: ["1", "2", "3"], fresh: 1, open: 6 });
});

test("a poll takes out what it would have seen, and leaves what lies behind its reach", () => {
  const queue = applied(start(), [{ type: "looked", rows: [row("1"), row("2", { heldBy: "Nils" })], open: 4, isAll: false }]);
  expect(queue.order).toEqual(["1", "2", "3"]);
  expect(queue.rows.get("2")?.heldBy).toBe("Nils");
  expect(applied(start(), [{ type: "looked", rows: [row("3")], open: 1, isAll: false }]).order).toEqual(["3"]);
  expect(applied(start(), [{ type: "looked", rows: [], open: 0, isAll: true }]).order).toEqual([]);
});

test("the server's count is taken as it is", () => {
  expect(applied(start(), [{ type: "counted", open: 17 }])).toMatchObject({ open: 17, fresh: 0 });
  const whole = applied(EMPTY, [page(["1", "2"], 2, null, true)]);
  expect(applied(whole, [{ type: "counted", open: 5 }])).toMatchObject({ open: 5, fresh: 3 });
});

test("what was there before is not touched", () => {
  const before = start();
  applied(before, [{ type: "decided", id: "1" }, { type: "held", id: "2", by: "Nils" }]);
  expect(before.order).toEqual(["1", "2", "3"]);
  expect(before.rows.get("2")?.heldBy).toBeNull();
});

test.each([
  [null, 1, "1"],
  [null, -1, "3"],
  ["1", 1, "2"],
  ["3", 1, "3"],
  ["1", -1, "1"],
  ["gone", 1, "1"],
] as const)("beside %s by %i is %s", (id, step, found) => {
  expect(beside(["1", "2", "3"], id, step)).toBe(found);
  expect(beside([], id, step)).toBeNull();
});

test("events of a raid are applied in one go", () => {
  const ids = Array.from({ length: 20_000 }, (_, number) => String(number));
  const queue = applied(EMPTY, [page(ids, ids.length, null, true)]);
  const events: Event[] = ids.slice(0, 5_000).map((id) => ({ type: "decided", id }));
  const after = applied(queue, events);
  expect([after.order.length, after.rows.size, after.open]).toEqual([15_000, 15_000, 15_000]);
  expect(after.order[0]).toBe("5000");
});

test("rendered text becomes one plain line", () => {
  expect(plainLine("<p>A &amp; B<br>\n&lt;c&gt;</p><p>d</p>")).toBe("A & B <c> d");
  expect(plainLine("x".repeat(500), 10)).toBe(`${"x".repeat(9)}…`);
  expect(plainLine(null)).toBe("");
});

test("a case claimed from further down stands where it is due", () => {
  const queue = placed(applied(EMPTY, [page(["1", "3", "5"], 9, "next", true)]), [row("4"), row("0"), row("9")]);
  expect(queue.order).toEqual(["0", "1", "3", "4", "5", "9"]);
  expect(queue.open).toBe(9);
  const again = placed(queue, [row("4", { heldBy: "Nils" })]);
  expect(again.order).toEqual(queue.order);
  expect(again.rows.get("4")?.heldBy).toBe("Nils");
});
