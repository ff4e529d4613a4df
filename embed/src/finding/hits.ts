/** One letter in the form that is compared, as `service/kit/finding.py` does: without case, accents, vowel signs. */
function folded(letter: string): string {
  return letter.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Where the words of a query stand in a text, as [from, to) in its code units: in order, none over another. */
export function hitsIn(text: string, query: string): [number, number][] {
  // The text folded letter by letter, and for each place in that where it came from.
  let told = "";
  const from: number[] = [];
  let at = 0;
  for (const letter of text) {
    const small = folded(letter);
    for (let index = 0; index < small.length; index++) from.push(at);
    told += small;
    at += letter.length;
  }
  from.push(at);
  const found: [number, number][] = [];
  for (const word of new Set(folded(query).split(/\s+/).filter(Boolean))) {
    for (let index = told.indexOf(word); index >= 0; index = told.indexOf(word, index + word.length)) {
      found.push([from[index] ?? 0, from[index + word.length] ?? at]);
    }
  }
  return found
    .toSorted((one, other) => one[0] - other[0] || other[1] - one[1])
    .filter(([start, end], index, all) => end > start && all.slice(0, index).every((earlier) => earlier[1] <= start));
}
