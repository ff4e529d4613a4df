import { expect, test } from "vitest";
import { changesBetween, kindOf, linesOf } from "./schema";

const all = { Scope: { type: "object", properties: { address: { type: "array", items: { type: "string" } } } }, Word: { type: "string" } };

test.each([
  [{ type: "boolean" }, { kind: "switch" }],
  [{ type: "integer", minimum: 1, maximum: 9 }, { kind: "number", least: 1, most: 9 }],
  [{ type: "number" }, { kind: "number" }],
  [{ enum: ["hold", "publish"], type: "string" }, { kind: "choice", options: ["hold", "publish"] }],
  [{ type: "array", items: { type: "string" } }, { kind: "lines" }],
  [{ type: "array", items: { $ref: "#/$defs/Word" } }, { kind: "lines" }],
  [{ type: "array", items: { type: "object" } }, { kind: "json" }],
  [{ $ref: "#/$defs/Scope" }, { kind: "group", fields: all.Scope.properties }],
  [{ anyOf: [{ type: "string" }, { type: "null" }] }, { kind: "text" }],
  [{ type: "object", additionalProperties: { type: "string" } }, { kind: "json" }],
  [{}, { kind: "json" }],
])("%j is edited as %j", (schema, kind) => {
  expect(kindOf(schema, all)).toEqual(kind);
});

test("lines", () => {
  expect(linesOf(" a \n\n b\n")).toEqual(["a", "b"]);
});

test("only what differs is sent", () => {
  const before = { posting: { closed: true, words: ["a"] }, reading: { most: 80 } };
  expect(changesBetween(before, structuredClone(before))).toEqual({});
  expect(changesBetween(before, { ...before, posting: { closed: true, words: ["a", "b"] } })).toEqual({ posting: { words: ["a", "b"] } });
});
