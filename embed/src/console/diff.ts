/** What differs between two texts, word by word: for edits side by side. Pure. */
export interface Piece {
  readonly kind: "same" | "out" | "in";
  readonly text: string;
}

// The table below grows with the product of both: what is longer is shown whole, as another text.
const MOST_CELLS = 1_000_000;

/** Pieces of `before` (`same`, `out`) and `after` (`same`, `in`), in reading order. */
export function differences(before: string, after: string): Piece[] {
  const a = words(before);
  const b = words(after);
  if (a.length * b.length > MOST_CELLS) return [...piece("out", before), ...piece("in", after)];
  const width = b.length + 1;
  // Longest common subsequence, from the end, so that the pieces come out in reading order.
  const longest = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const found: Piece[] = [];
  const add = (kind: Piece["kind"], text: string): void => {
    const last = found.at(-1);
    if (last?.kind === kind) found[found.length - 1] = { kind, text: last.text + text };
    else found.push({ kind, text });
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add("same", a[i] ?? "");
      i++;
      j++;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      add("out", a[i++] ?? "");
    } else {
      add("in", b[j++] ?? "");
    }
  }
  return found;
}

function words(text: string): string[] {
  return text.match(/\s+|[^\s]+/g) ?? [];
}

function piece(kind: Piece["kind"], text: string): Piece[] {
  return text ? [{ kind, text }] : [];
}
