/** An order of one's own over a list that others may change: what is not named in it keeps its place behind. Pure. */
export function inOrder<T extends { id: string }>(items: readonly T[], order: readonly string[] = []): T[] {
  const place = new Map(order.map((id, index) => [id, index]));
  return items.toSorted((one, other) => (place.get(one.id) ?? order.length) - (place.get(other.id) ?? order.length));
}

/** The order with one id a step further up (-1) or down (1), all ids named. */
export function moved(ids: readonly string[], id: string, step: 1 | -1): string[] {
  const from = ids.indexOf(id);
  const to = from + step;
  if (from < 0 || to < 0 || to >= ids.length) return [...ids];
  const without = ids.filter((one) => one !== id);
  return [...without.slice(0, to), id, ...without.slice(to)];
}
