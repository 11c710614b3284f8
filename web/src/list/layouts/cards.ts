// What a card says of a record: its title, an amount, and the few fields that tell most.

import type { Entity, Field } from "../../app/catalog";
import { askedFields } from "../columns";

/** The fields of a card, without those that its place says already. */
export interface CardFields {
  amount: Field | undefined;
  others: Field[];
  /** What is asked for. */
  asked: Field[];
}

/** What a card says besides title and amount, how many of each kind, the more telling first. */
const TELLING: readonly (readonly [Field["kind"], number])[] = [
  ["link", 2],
  ["text", 1],
  ["state", 1],
  ["choice", 1],
  ["date", 1],
];
const MOST = 3;

export function cardFields(entity: Entity, place: Field | undefined): CardFields {
  const asked = askedFields(entity, place ? [place.name] : []);
  const amount = asked.find((field) => field.kind === "money");
  const free = asked.filter(
    (field) =>
      field.name !== entity.title &&
      field.name !== "company" &&
      field !== place &&
      field !== amount &&
      // What is about a person is not for everyone who passes by, and what only names the record
      // again tells little.
      !(field.personal && (field.kind === "date" || field.kind === "text")) &&
      !(field.unique && field.kind === "text"),
  );
  const others = TELLING.flatMap(([kind, most]) =>
    free.filter((field) => field.kind === kind).slice(0, most),
  ).slice(0, MOST);
  const own = asked.filter(
    (field) => field.name === entity.title || field === place || field === amount,
  );
  return { amount, others, asked: [...own, ...others] };
}
