// How well something fits what was typed: all words must occur, a beginning counts more.

interface Rankable {
  label: string;
  /** Other words it is found by. */
  keywords?: string | undefined;
}

/** Folds case and marks, so that `Uber` finds `Über`. */
export function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** 0 for no match; the higher, the better. */
export function rank(item: Rankable, query: string): number {
  const words = folded(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return 1;
  const label = folded(item.label);
  const other = folded(item.keywords ?? "");
  let sum = 0;
  for (const word of words) {
    const at = label.indexOf(word);
    if (at === 0) sum += 8;
    else if (at > 0) sum += /[\s\-_/.]/.test(label[at - 1] ?? "") ? 6 : 3;
    else if (startsOf(label).startsWith(word)) sum += 4;
    else if (other.includes(word)) sum += 2;
    else return 0;
  }
  return sum / words.length + 1 / (1 + label.length);
}

/** The first letters of the words: `so` finds `Sales orders`. */
const startsOf = (text: string) =>
  text
    .split(/[\s\-_/.]+/)
    .map((word) => word[0] ?? "")
    .join("");

/** What fits, the best first; what fits equally well keeps its order. */
export function ranked<T extends Rankable>(items: readonly T[], query: string): T[] {
  if (!query.trim()) return [...items];
  return items
    .map((item) => ({ item, fit: rank(item, query) }))
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit)
    .map(({ item }) => item);
}
