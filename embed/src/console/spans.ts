/**
 * Marks what screening noticed in a rendered comment. Screening counts in code points of the comment's plain text
 * (`kit.text`): tags left out, a line end for `<br>` and at both edges of a block, empty lines left out.
 */
const LINE_ENDS = new Set(["P", "UL", "OL", "LI", "PRE", "BLOCKQUOTE", "DETAILS"]);

interface Point {
  char: string;
  node: Text | null;
  offset: number;
}

/** The plain text's code points, each with its place in the document (none for line ends between blocks). */
function points(root: Element): Point[] {
  const all: Point[] = [];
  const end = (): void => void all.push({ char: "\n", node: null, offset: 0 });
  const walk = (node: Node): void => {
    if (node instanceof Text) {
      let offset = 0;
      for (const char of node.data) {
        all.push({ char, node, offset });
        offset += char.length;
      }
    } else if (node instanceof Element && node.tagName !== "SUMMARY") {
      const isBlock = LINE_ENDS.has(node.tagName);
      if (isBlock || node.tagName === "BR") end();
      for (const child of node.childNodes) walk(child);
      if (isBlock) end();
    }
  };
  for (const child of root.childNodes) walk(child);
  return withoutEmptyLines(all);
}

function withoutEmptyLines(all: readonly Point[]): Point[] {
  const kept: Point[] = [];
  let line: Point[] = [];
  const close = (): void => {
    while (line.length && !line.at(-1)?.char.trim()) line.pop();
    if (line.length) {
      if (kept.length) kept.push({ char: "\n", node: null, offset: 0 });
      kept.push(...line);
    }
    line = [];
  };
  for (const point of all) {
    if (point.char === "\n") close();
    else line.push(point);
  }
  close();
  return kept;
}

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly why: string;
}

/** Puts `<mark title=why>` around each span. Call once for a freshly rendered text. */
export function mark(root: Element, spans: readonly Span[]): void {
  if (spans.length === 0) return;
  const plain = points(root);
  const whys = new Map<Text, string[]>();
  for (const { from, to, why } of spans) {
    for (const { node, offset, char } of plain.slice(from, to)) {
      if (!node) continue;
      const marked = whys.get(node) ?? [];
      for (let unit = 0; unit < char.length; unit++) marked[offset + unit] = why;
      whys.set(node, marked);
    }
  }
  for (const [node, marked] of whys) wrap(node, marked);
}

function wrap(node: Text, marked: readonly (string | undefined)[]): void {
  const pieces = document.createDocumentFragment();
  let start = 0;
  for (let end = 1; end <= node.data.length; end++) {
    if (end < node.data.length && marked[end] === marked[start]) continue;
    const text = node.data.slice(start, end);
    const why = marked[start];
    if (why === undefined) {
      pieces.append(text);
    } else {
      const made = document.createElement("mark");
      made.title = why;
      made.textContent = text;
      pieces.append(made);
    }
    start = end;
  }
  node.replaceWith(pieces);
}
