import { expect, test } from "vitest";
import { marked, type Mark } from "./marks";

/** `a [b] c`: the selection in brackets, before and after. */
function press(mark: Mark, written: string): string {
  const start = written.indexOf("⟦");
  const end = written.indexOf("⟧") - 1;
  const text = written.replace(/[⟦⟧]/g, "");
  const change = marked(text, start, end, mark);
  const now = text.slice(0, change.from) + change.insert + text.slice(change.to);
  return `${now.slice(0, change.start)}⟦${now.slice(change.start, change.end)}⟧${now.slice(change.end)}`;
}

test.each<[Mark, string, string]>([
  ["bold", "a ⟦word⟧ here", "a **⟦word⟧** here"],
  ["bold", "a **⟦word⟧** here", "a ⟦word⟧ here"],
  ["bold", "⟦⟧", "**⟦⟧**"],
  ["bold", "a ⟦word ⟧here", "a **⟦word⟧** here"],
  ["italic", "⟦word⟧", "*⟦word⟧*"],
  ["italic", "*⟦word⟧*", "⟦word⟧"],
  ["italic", "**⟦word⟧**", "***⟦word⟧***"],
  ["italic", "***⟦word⟧***", "**⟦word⟧**"],
  ["spoiler", "the ⟦end⟧", "the ||⟦end⟧||"],
  ["code", "⟦x⟧", "`⟦x⟧`"],
  ["code", "⟦x\ny⟧", "```\n⟦x\ny⟧\n```"],
  ["quote", "one\nt⟦w⟧o", "one\n⟦> two⟧"],
  ["quote", "⟦one\ntwo⟧\nthree", "⟦> one\n> two⟧\nthree"],
  ["quote", "⟦> one\n>two⟧", "⟦one\ntwo⟧"],
  ["quote", "⟦⟧", "> ⟦⟧"],
  ["link", "see ⟦here⟧", "see [here](⟦https://⟧)"],
  ["link", "⟦https://a.test/b⟧", "[⟦⟧](https://a.test/b)"],
  ["link", "⟦⟧", "[⟦⟧](https://)"],
])("%s makes of %j %j", (mark, before, after) => {
  expect(press(mark, before)).toBe(after);
});
