// Rows that come from a spreadsheet: the text of the clipboard as cells, and cells as values.

import {
  type Field,
  parseAmount,
  parseDay,
  parseNumber,
  parsePercent,
  parseSpan,
  type Reader,
} from "@megalith/meta";

/**
 * The cells of a text with tabs and line ends, as spreadsheets copy them; a cell in quotation marks
 * may hold both.
 */
export function parseTable(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const end = () => {
    rows.at(-1)?.push(cell);
    cell = "";
  };
  const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < clean.length; at += 1) {
    const char = clean[at] as string;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (clean[at + 1] === '"') {
        cell += char;
        at += 1;
      } else quoted = false;
    } else if (char === '"' && cell === "") quoted = true;
    else if (char === "\t") end();
    else if (char === "\n") {
      end();
      rows.push([]);
    } else cell += char;
  }
  end();
  return rows;
}

/** Whether a text of the clipboard is more than the content of one cell. */
export const isTable = (text: string) => /[\t\n\r]/.test(text.trim());

const same = (a: string, b: string) =>
  a.localeCompare(b, undefined, { sensitivity: "accent" }) === 0;

/**
 * The columns that the cells of a table belong to: by their heads, where the first row names
 * columns, else one after another from where it is put in. Null for a cell that has no place.
 */
export function placeTable(
  table: readonly (readonly string[])[],
  columns: readonly Field[],
  from: number,
): { columns: readonly (Field | null)[]; rows: readonly (readonly string[])[] } {
  const [first = [], ...rest] = table;
  const heads = first.map(
    (head) =>
      columns.find((one) => same(one.label, head.trim()) || one.name === head.trim()) ?? null,
  );
  if (rest.length > 0 && heads.filter(Boolean).length >= Math.min(2, first.length)) {
    return { columns: heads, rows: rest };
  }
  const width = Math.max(...table.map((row) => row.length));
  return {
    columns: Array.from({ length: width }, (_, at) => columns[from + at] ?? null),
    rows: table,
  };
}

const YES = new Set(["1", "x", "✓", "true", "yes", "ja", "oui", "نعم", "wahr", "vrai"]);

/**
 * The value of a cell; what cannot be read stays as it was written, to be corrected in its place. A
 * link is what is named, without an id until it is found.
 */
export function readCell(
  field: Field,
  written: string,
  reader: Reader,
  currency: string | null,
  today: string,
): unknown {
  const text = written.trim();
  if (text === "") return null;
  switch (field.kind) {
    case "integer": {
      const number = parseNumber(text, reader);
      return number !== null && Number.isSafeInteger(Number(number)) ? Number(number) : text;
    }
    case "decimal":
    case "price":
    case "quantity":
      return parseNumber(text.replace(/\p{Sc}|\b[A-Z]{3}\b/gu, ""), reader) ?? text;
    case "percent":
      return parsePercent(text, reader) ?? text;
    case "money":
      return parseAmount(text, currency, reader) ?? text;
    case "date":
      return parseDay(text, today, reader) ?? text;
    case "duration":
      return parseSpan(text, reader) ?? text;
    case "boolean":
      return YES.has(text.toLowerCase());
    case "choice":
    case "state":
      return field.choices.find((one) => one.name === text || same(one.label, text))?.name ?? text;
    case "link":
      return { id: "", title: text };
    default:
      return text;
  }
}
