/** An answer of the server in a view: asked for anew when what it depends on changes. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Answer<T> {
  value: T | null;
  error: unknown;
  isLoading: boolean;
  again: () => void;
  set: (value: T) => void;
}

export function useAnswer<T>(ask: () => Promise<T>, on: readonly unknown[]): Answer<T> {
  const [state, setState] = useState<{ value: T | null; error: unknown; isLoading: boolean }>({ value: null, error: null, isLoading: true });
  const turn = useRef(0);
  // Whoever asks again, however late, asks for what is looked at now.
  const latest = useRef(ask);
  latest.current = ask;
  const again = useCallback(() => {
    const mine = ++turn.current;
    setState((before) => ({ ...before, error: null, isLoading: true }));
    latest.current().then(
      (value) => mine === turn.current && setState({ value, error: null, isLoading: false }),
      (error: unknown) => mine === turn.current && setState((before) => ({ ...before, error, isLoading: false })),
    );
  }, []);
  useEffect(() => {
    again();
    return () => void turn.current++;
  }, on);
  const set = useCallback((value: T) => setState({ value, error: null, isLoading: false }), []);
  return { ...state, again, set };
}

/** A list read page by page. */
export function useList<T>(ask: (cursor: string | null) => Promise<{ items: T[]; next_cursor?: string | null }>, on: readonly unknown[]) {
  const [more, setMore] = useState<{ items: T[]; cursor: string | null }>({ items: [], cursor: null });
  const first = useAnswer(() => ask(null), on);
  useEffect(() => setMore({ items: [], cursor: first.value?.next_cursor ?? null }), [first.value]);
  const further = useCallback(async () => {
    if (more.cursor === null) return;
    const page = await ask(more.cursor);
    setMore((before) => ({ items: [...before.items, ...page.items], cursor: page.next_cursor ?? null }));
  }, [more.cursor, ...on]);
  return { ...first, items: first.value ? [...first.value.items, ...more.items] : [], further: more.cursor === null ? null : further };
}
