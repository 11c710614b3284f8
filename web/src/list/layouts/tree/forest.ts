// Records that know their parent, as a forest: each below its parent, in the order in which they
// came. A record whose parent is not among them stands at the top; what leads in a circle is cut.

/** A record in its place. */
export interface Node<T> {
  readonly id: string;
  readonly row: T;
  readonly parent: Node<T> | null;
  readonly children: Node<T>[];
  /** How many stand above it. */
  readonly depth: number;
  /** How many stand below it, at any depth. */
  size: number;
}

/** The trees of some records; `parentOf` gives the id of a record's parent. */
export function forestOf<T extends { readonly id: string }>(
  rows: readonly T[],
  parentOf: (row: T) => string | null,
): Node<T>[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const below = new Map<string, T[]>();
  const roots: T[] = [];
  for (const row of rows) {
    const parent = parentOf(row);
    if (parent === null || parent === row.id || !byId.has(parent)) roots.push(row);
    else below.set(parent, [...(below.get(parent) ?? []), row]);
  }
  const placed = new Set<string>();
  const place = (row: T, parent: Node<T> | null): Node<T> => {
    placed.add(row.id);
    const depth = parent ? parent.depth + 1 : 0;
    const node: Node<T> = { id: row.id, row, parent, children: [], depth, size: 0 };
    for (const child of below.get(row.id) ?? []) {
      if (placed.has(child.id)) continue;
      const placedChild = place(child, node);
      node.children.push(placedChild);
      node.size += placedChild.size + 1;
    }
    return node;
  };
  const trees = roots.map((row) => place(row, null));
  // Whoever is left stands in a circle, which nobody reaches from the top.
  for (const row of rows) if (!placed.has(row.id)) trees.push(place(row, null));
  return trees;
}

/** The nodes that are seen while those in `folded` hide what is below them, from top to bottom. */
export function seen<T>(trees: readonly Node<T>[], folded: ReadonlySet<string>): Node<T>[] {
  const found: Node<T>[] = [];
  const visit = (node: Node<T>) => {
    found.push(node);
    if (!folded.has(node.id)) node.children.forEach(visit);
  };
  trees.forEach(visit);
  return found;
}

/** All nodes, whatever is folded. */
export const all = <T>(trees: readonly Node<T>[]): Node<T>[] => seen(trees, new Set());

/** What is folded at first, so that about `room` nodes are seen: the deepest levels go first. */
export function foldedAtFirst<T>(trees: readonly Node<T>[], room: number): ReadonlySet<string> {
  const nodes = all(trees);
  const deepest = nodes.reduce((depth, node) => Math.max(depth, node.depth), 0);
  let level = deepest;
  while (level > 0 && nodes.filter((node) => node.depth <= level).length > room) level -= 1;
  const inner = nodes.filter((node) => node.depth >= level && node.children.length > 0);
  return new Set(inner.map((node) => node.id));
}

/** The parents that are named and not among the records. */
export function missingParents<T extends { readonly id: string }>(
  rows: readonly T[],
  parentOf: (row: T) => string | null,
): string[] {
  const known = new Set(rows.map((row) => row.id));
  const missing = rows.map(parentOf).filter((id): id is string => id !== null && !known.has(id));
  return [...new Set(missing)];
}
