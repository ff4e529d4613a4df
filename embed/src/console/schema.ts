/** From a setting's JSON Schema to the kind of field it is edited with. Pure. */
import type { Schema } from "./answers";

export type Kind =
  | { kind: "switch" }
  | { kind: "number"; least?: number; most?: number }
  | { kind: "choice"; options: readonly string[] }
  | { kind: "lines" }
  | { kind: "text" }
  | { kind: "group"; fields: Readonly<Record<string, Schema>> }
  | { kind: "json" };

/** A schema with its reference followed. */
export function followed(schema: Schema, all: Readonly<Record<string, Schema>>): Schema {
  const name = schema.$ref?.split("/").at(-1) ?? (schema.allOf?.length === 1 ? schema.allOf[0]?.$ref?.split("/").at(-1) : undefined);
  const found = name === undefined ? undefined : all[name];
  return found ? { ...found, ...(schema.description ? { description: schema.description } : {}) } : schema;
}

export function kindOf(given: Schema, all: Readonly<Record<string, Schema>>): Kind {
  const schema = followed(given, all);
  const options = (schema.anyOf ?? []).filter((one) => one.type !== "null");
  if (options.length === 1 && options[0] && (schema.anyOf?.length ?? 0) === 2) return kindOf(options[0], all);
  if (schema.enum) return { kind: "choice", options: schema.enum.map(String) };
  switch (schema.type) {
    case "boolean":
      return { kind: "switch" };
    case "integer":
    case "number":
      return { kind: "number", ...(schema.minimum === undefined ? {} : { least: schema.minimum }), ...(schema.maximum === undefined ? {} : { most: schema.maximum }) };
    case "string":
      return { kind: "text" };
    case "array": {
      const item = schema.items ? followed(schema.items, all) : {};
      return item.type === "string" || item.enum ? { kind: "lines" } : { kind: "json" };
    }
    case "object":
      return schema.properties ? { kind: "group", fields: schema.properties } : { kind: "json" };
    default:
      return { kind: "json" };
  }
}

/** Lines of a text field as a list, without empty ones. */
export function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/** What differs between two sets of values, by section: what a change sends. */
export function changesBetween(
  before: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  after: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Record<string, Record<string, unknown>> {
  const found: Record<string, Record<string, unknown>> = {};
  for (const [section, values] of Object.entries(after)) {
    for (const [name, value] of Object.entries(values)) {
      if (JSON.stringify(value) !== JSON.stringify(before[section]?.[name])) found[section] = { ...found[section], [name]: value };
    }
  }
  return found;
}
