/** A change of a text: `insert` takes the place of what is between `from` and `to`, then `start` to `end` is selected. */
export interface Change {
  from: number;
  to: number;
  insert: string;
  start: number;
  end: number;
}

export type Mark = "bold" | "italic" | "code" | "spoiler" | "quote" | "link";

const AROUND: Partial<Record<Mark, string>> = { bold: "**", italic: "*", code: "`", spoiler: "||" };

/** What a button of the toolbar makes of a selection. Pressed again it takes the mark away. */
export function marked(text: string, start: number, end: number, mark: Mark): Change {
  if (mark === "quote") return quoted(text, start, end);
  if (mark === "link") return linked(text, start, end);
  const chosen = text.slice(start, end);
  if (mark === "code" && chosen.includes("\n")) return put(start, end, `\`\`\`\n${chosen}\n\`\`\``, 4, chosen.length);
  const sign = AROUND[mark] ?? "";
  const { length } = sign;
  const isInside = text.slice(start - length, start) === sign && text.slice(end, end + length) === sign;
  // One star around two is strength, not emphasis.
  const isOther = mark === "italic" && text.slice(start - 2, start) === "**" && text.slice(start - 3, start) !== "***";
  if (isInside && !isOther) {
    return { from: start - length, to: end + length, insert: chosen, start: start - length, end: end - length };
  }
  // Blanks at the edges stay outside, or Markdown reads no mark.
  const [, before = "", core = "", after = ""] = /^(\s*)([\s\S]*?)(\s*)$/.exec(chosen) ?? [];
  return put(start, end, before + sign + core + sign + after, before.length + length, core.length);
}

function quoted(text: string, start: number, end: number): Change {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const next = text.indexOf("\n", Math.max(start, end));
  const to = next < 0 ? text.length : next;
  const lines = text.slice(from, to).split("\n");
  const isQuote = lines.every((line) => line.startsWith(">"));
  const insert = lines.map((line) => (isQuote ? line.replace(/^> ?/, "") : `> ${line}`)).join("\n");
  return { from, to, insert, start: start === end ? from + insert.length : from, end: from + insert.length };
}

function linked(text: string, start: number, end: number): Change {
  const chosen = text.slice(start, end).trim();
  if (/^https?:\/\/\S+$/.test(chosen)) return put(start, end, `[](${chosen})`, 1, 0);
  const address = "https://";
  return put(start, end, `[${chosen}](${address})`, chosen ? chosen.length + 3 : 1, chosen ? address.length : 0);
}

function put(from: number, to: number, insert: string, at: number, length: number): Change {
  return { from, to, insert, start: from + at, end: from + at + length };
}
