/** The beginning of a mention before the caret, and where its sign stands; null when nobody is being mentioned. */
export function mentionAt(text: string, caret: number): { at: number; begins: string } | null {
  const found = /(?:^|[\s(>])@([\p{L}\p{N}][^\n@]{0,40})$/u.exec(text.slice(0, caret));
  const begins = found?.[1];
  return begins ? { at: caret - begins.length - 1, begins } : null;
}

/** Case and accents make no difference, as on the server. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Those of `names` of which some word begins so, each once, in their order. */
export function matching(names: Iterable<string>, begins: string, most: number): string[] {
  const wanted = folded(begins);
  const isMeant = (name: string): boolean => {
    const has = folded(name);
    return has.startsWith(wanted) || has.split(/\s+/).some((word) => word.startsWith(wanted));
  };
  return [...new Set(names)].filter(isMeant).slice(0, most);
}

/** A name as it is put into a text: what Markdown would read as a mark is escaped. */
export function mention(name: string): string {
  return `@${name.replace(/[\\`*_~|[\]<>]/g, "\\$&")} `;
}
