/**
 * Storage that never throws. Browsers that block storage in frames throw on the very mention of `localStorage`; then,
 * and when it is full, texts live as long as the page. Nothing is written before the reader acts.
 */
export interface Store {
  get<T>(name: string): T | null;
  set(name: string, value: unknown): void;
  drop(name: string): void;
  /** Whether the browser lets anything be stored. */
  isAllowed(): boolean;
  /** Whether all that was set outlives the page. */
  isLasting(): boolean;
  /** The names that begin so. */
  names(begins: string): string[];
}

const PREFIX = "parley:";

export function openStore(storage: () => Storage = () => localStorage): Store {
  const memory = new Map<string, string>();
  const tried = <R>(use: (at: Storage) => R): R | null => {
    try {
      return use(storage());
    } catch {
      return null;
    }
  };
  return {
    get<T>(name: string): T | null {
      const key = PREFIX + name;
      const text = memory.get(key) ?? tried((at) => at.getItem(key));
      try {
        return text === null ? null : (JSON.parse(text) as T);
      } catch {
        return null;
      }
    },
    set(name, value) {
      const key = PREFIX + name;
      const text = JSON.stringify(value);
      const kept = tried((at) => {
        at.setItem(key, text);
        return true;
      });
      // What memory holds wins, so it must not outlive a value that storage took.
      if (kept) memory.delete(key);
      else memory.set(key, text);
    },
    drop(name) {
      memory.delete(PREFIX + name);
      tried((at) => at.removeItem(PREFIX + name));
    },
    isAllowed: () => tried((at) => at.length >= 0) ?? false,
    isLasting: () => memory.size === 0,
    names(begins) {
      const keys = [...memory.keys(), ...(tried((at) => Object.keys(at)) ?? [])];
      return keys.filter((key) => key.startsWith(PREFIX + begins)).map((key) => key.slice(PREFIX.length));
    },
  };
}
