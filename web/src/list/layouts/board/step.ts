// The keys of a board: arrows go from card to card and from column to column, Home and End to the
// ends of a column, `m` opens the menu that moves the card.

const nearest = (cards: readonly HTMLElement[], top: number) =>
  cards.reduce<HTMLElement | undefined>((best, card) => {
    const away = (one: HTMLElement) => Math.abs(one.getBoundingClientRect().top - top);
    return best === undefined || away(card) < away(best) ? card : best;
  }, undefined);

/** Does what a key means on the card that has the focus; says whether it meant anything. */
export function step(board: HTMLElement, key: string): boolean {
  const card = document.activeElement?.closest<HTMLElement>("[data-card]");
  const column = card?.closest<HTMLElement>("[data-column]");
  if (!card || !column || document.activeElement !== card) return false;
  const cardsOf = (one: Element) => [...one.querySelectorAll<HTMLElement>("[data-card]")];
  const own = cardsOf(column);
  const at = own.indexOf(card);
  const isRtl = getComputedStyle(board).direction === "rtl";
  const across = (by: number): HTMLElement | undefined => {
    const columns = [...board.querySelectorAll("[data-column]")];
    const { top } = card.getBoundingClientRect();
    for (let next = columns.indexOf(column) + by; columns[next]; next += by) {
      const found = nearest(cardsOf(columns[next] as Element), top);
      if (found) return found;
    }
    return undefined;
  };
  if (key === "m") {
    card.parentElement?.querySelector<HTMLElement>("[data-move]")?.click();
    return true;
  }
  const found: Record<string, () => HTMLElement | undefined> = {
    ArrowDown: () => own[at + 1],
    ArrowUp: () => own[at - 1],
    Home: () => own[0],
    End: () => own.at(-1),
    ArrowRight: () => across(isRtl ? -1 : 1),
    ArrowLeft: () => across(isRtl ? 1 : -1),
  };
  const next = found[key]?.();
  if (!next) return false;
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}
