import { expect, test } from "vitest";
import { openStore } from "./store";

/** A storage that holds a map, or refuses in one of the ways browsers do. */
function storage(kept: Map<string, string>, refuses: "nothing" | "writing" | "everything" = "nothing"): () => Storage {
  return () => {
    if (refuses === "everything") throw new DOMException("blocked", "SecurityError");
    return {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => {
        if (refuses === "writing") throw new DOMException("full", "QuotaExceededError");
        kept.set(name, value);
      },
      removeItem: (name: string) => void kept.delete(name),
    } as unknown as Storage;
  };
}

test.each(["nothing", "writing", "everything"] as const)("what is put in comes out when storage refuses %s", (refuses) => {
  const store = openStore(storage(new Map(), refuses));
  expect(store.get("a")).toBeNull();
  store.set("a", { text: "first" });
  store.set("a", { text: "second" });
  expect(store.get("a")).toEqual({ text: "second" });
  store.drop("a");
  expect(store.get("a")).toBeNull();
});

test("what storage holds outlives the page", () => {
  const kept = new Map<string, string>();
  openStore(storage(kept)).set("a", 1);
  expect(openStore(storage(kept)).get("a")).toBe(1);
});

test("a value kept in memory while storage was full gives way to a later one in storage", () => {
  const kept = new Map<string, string>();
  let refuses: "nothing" | "writing" = "writing";
  const store = openStore(() => storage(kept, refuses)());
  store.set("a", "in memory");
  refuses = "nothing";
  store.set("a", "in storage");
  expect(store.get("a")).toBe("in storage");
  expect(kept.size).toBe(1);
});

test("what others wrote there and is not ours is nothing", () => {
  expect(openStore(storage(new Map([["parley:a", "{broken"]]))).get("a")).toBeNull();
});

test("reading writes nothing", () => {
  const kept = new Map<string, string>();
  openStore(storage(kept)).get("a");
  expect(kept.size).toBe(0);
});

test("it says whether what it holds outlives the page, and names what it holds", () => {
  const refusing = openStore(() => {
    throw new Error("no storage here");
  });
  expect(refusing.isLasting()).toBe(true);
  refusing.set("draft:a b", 1);
  refusing.set("guest:a", 1);
  expect(refusing.isLasting()).toBe(false);
  expect(refusing.names("draft:a ")).toEqual(["draft:a b"]);
  refusing.drop("draft:a b");
  refusing.drop("guest:a");
  expect(refusing.isLasting()).toBe(true);
});
