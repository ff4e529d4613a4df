import { expect, test } from "vitest";
import { isItself } from "./paper";

test("an address that is written out is known as such", () => {
  expect(isItself("https://news.test/a?b=1", "https://news.test/a?b=1")).toBe(true);
  expect(isItself("www.news.test", "http://www.news.test/")).toBe(true);
  expect(isItself("this article", "https://news.test/a")).toBe(false);
  expect(isItself("https://bank.test", "https://evil.test/")).toBe(false);
});
