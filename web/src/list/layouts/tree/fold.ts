// What of a tree is folded: the deeper levels at first, then as somebody leaves it.

import { useMemo, useState } from "react";
import { foldedAtFirst, type Node } from "./forest";

export function useFolded<T>(trees: readonly Node<T>[], room: number) {
  const atFirst = useMemo(() => foldedAtFirst(trees, room), [trees, room]);
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const folded = useMemo(() => {
    const now = new Set(atFirst);
    for (const [id, isFolded] of chosen) {
      if (isFolded) now.add(id);
      else now.delete(id);
    }
    return now;
  }, [atFirst, chosen]);
  const fold = (id: string, isFolded: boolean) =>
    setChosen((now) => new Map(now).set(id, isFolded));
  const foldAll = (ids: readonly string[], isFolded: boolean) =>
    setChosen(new Map(ids.map((id) => [id, isFolded])));
  return { folded, fold, foldAll };
}
