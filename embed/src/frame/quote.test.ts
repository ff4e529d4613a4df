import { expect, test } from "vitest";
import { quoted } from "./quote";

test.each([
  ["One line", "> One line"],
  ["  Two\n lines \n", "> Two\n>  lines"],
  ["A paragraph\n\nand another", "> A paragraph\n>\n> and another"],
])("%j is quoted as %j", (text, quote) => {
  expect(quoted(text)).toBe(quote);
});
