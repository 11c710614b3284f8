// Numbers as people write them, to and from the text that the API takes. No figure ever becomes
// a floating-point number on its way.

interface Signs {
  group: string;
  decimal: string;
  digits: Map<string, string>;
}

const known = new Map<string, Signs>();

function signsOf(locale: string): Signs {
  let signs = known.get(locale);
  if (!signs) {
    const format = new Intl.NumberFormat(locale, { useGrouping: true });
    const parts = format.formatToParts(1234567.5);
    const part = (type: string, otherwise: string) =>
      parts.find((one) => one.type === type)?.value ?? otherwise;
    const plain = new Intl.NumberFormat(locale, { useGrouping: false });
    const digits = new Map(
      Array.from({ length: 10 }, (_, digit) => [plain.format(digit), String(digit)]),
    );
    signs = { group: part("group", ","), decimal: part("decimal", "."), digits };
    known.set(locale, signs);
  }
  return signs;
}

/**
 * Reads what somebody typed: `1.234,50` in German is `1234.50`. Null for what is no number.
 * A sign that the locale uses for thousands is only taken where thousands stand.
 */
export function parseNumber(text: string, locale: string): string | null {
  const { group, decimal, digits } = signsOf(locale);
  let rest = Array.from(text.trim().replace(/[\u200e\u200f\u061c]/g, ""))
    .map((sign) => digits.get(sign) ?? sign)
    .join("")
    .replace(/^[\u2212\u2013]/, "-");
  const spaces = /[\s\u00a0\u202f']/g;
  rest = rest.replace(spaces, "");
  const mark = group.replace(spaces, "");
  const escaped = (sign: string) => sign.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  if (mark && rest.includes(mark)) {
    const thousands = new RegExp(
      `^[+-]?\\d{1,3}(${escaped(mark)}\\d{2,3})*${escaped(mark)}\\d{3}(${escaped(decimal)}\\d*)?$`,
    );
    if (thousands.test(rest)) rest = rest.split(mark).join("");
  }
  if (decimal !== ".") rest = rest.replace(decimal, ".");
  const found = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(rest);
  if (!found || (!found[2] && !found[3])) return null;
  const whole = (found[2] || "0").replace(/^0+(?=\d)/, "");
  const fraction = found[3] ? `.${found[3]}` : "";
  return `${found[1] === "-" ? "-" : ""}${whole}${fraction}`;
}

/** Shows a decimal text in a locale with all its digits: `1234.50` is `1.234,50` in German. */
export function formatNumber(value: string, locale: string, places?: number): string {
  const found = /^([+-]?\d+)(?:\.(\d+))?$/.exec(value);
  if (!found) return value;
  const digits = Math.max(found[2]?.length ?? 0, places ?? 0);
  const format = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  // A text is formatted exactly, however many digits it has.
  return format.format(value as unknown as number);
}
