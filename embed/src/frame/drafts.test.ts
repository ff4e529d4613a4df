import { expect, test } from "vitest";
import { openStore } from "../shared/store";
import { draftsAt } from "./drafts";

const DAY = 86_400_000;

function desk(now = () => 0) {
  const store = openStore(() => {
    throw new Error("no storage here");
  });
  return { store, drafts: draftsAt(store, "site url parent", now) };
}

test("a text is there until the server has it", () => {
  const { drafts } = desk();
  drafts.write("Half a thought");
  expect(drafts.read()?.body).toBe("Half a thought");
  drafts.clear();
  expect(drafts.read()).toBeNull();
});

test("each place has its own", () => {
  const { store, drafts } = desk();
  drafts.write("here");
  expect(draftsAt(store, "site url other").read()).toBeNull();
});

test("an emptied text leaves nothing", () => {
  const { drafts } = desk();
  drafts.write("x");
  drafts.write("  \n");
  expect(drafts.read()).toBeNull();
});

test("the same content is sent under the same key, also after a reload", () => {
  const { store, drafts } = desk();
  drafts.write("words");
  const key = drafts.keyFor("words by Ada");
  drafts.write("words");
  expect(draftsAt(store, "site url parent", () => 0).keyFor("words by Ada")).toBe(key);
  expect(key.length).toBeGreaterThanOrEqual(32);
});

test("other content gets another key: the server would refuse it under the old one", () => {
  const { drafts } = desk();
  drafts.write("words");
  const key = drafts.keyFor("words by Ada");
  drafts.write("words!");
  expect(drafts.keyFor("words! by Ada")).not.toBe(key);
});

test("after it was posted, the same words are a new comment", () => {
  const { drafts } = desk();
  const key = drafts.keyFor("+1");
  drafts.clear();
  expect(drafts.keyFor("+1")).not.toBe(key);
});

test("a draft is forgotten after thirty days", () => {
  let now = 0;
  const { drafts } = desk(() => now);
  drafts.write("old");
  now = 30 * DAY - 1;
  expect(drafts.read()?.body).toBe("old");
  now = 30 * DAY;
  expect(drafts.read()).toBeNull();
});

test("a text that waits for a connection keeps its key and how it is signed, until it is changed", () => {
  const { drafts } = desk();
  drafts.write("From the tunnel");
  const key = drafts.keyFor("content");
  drafts.wait({ name: "Ida" });
  drafts.write("From the tunnel");
  expect(drafts.read()).toMatchObject({ key, waits: { name: "Ida" } });
  drafts.write("From the tunnel, and more");
  expect(drafts.read()?.waits).toBeUndefined();
  drafts.wait(null);
  expect(drafts.read()?.waits).toBeNull();
  drafts.clear();
  drafts.wait(null);
  expect(drafts.read()).toBeNull();
});

test("what was never answered is remembered, whatever the text becomes", () => {
  const { drafts } = desk();
  drafts.write("First words");
  const sent = { body: "First words", author: null, key: drafts.keyFor("first") };
  drafts.doubt(sent);
  drafts.write("Other words");
  const key = drafts.keyFor("other");
  expect(key).not.toBe(sent.key);
  expect(drafts.read()?.doubt).toEqual(sent);
  drafts.doubt(undefined);
  expect(drafts.read()?.doubt).toBeUndefined();
});
