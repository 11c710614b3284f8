import { expect, test } from "vitest";
import { Instant } from "./expr/time";
import {
  addressLines,
  formatDate,
  formatDecimal,
  formatDuration,
  formatInstant,
  formatMoney,
  formatPercent,
  formatRelative,
  formatValue,
  formatWallTime,
} from "./format";
import { parseAmount, parseDay, parseNumber, parsePercent, parseSpan } from "./parse";
import { chance, need, SCHEMA } from "./testing";

const reader = (locale: string, zone = "Europe/Berlin") => ({ locale, zone });
/** Blanks of every width as one. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

test.each([
  ["de", "1234567.5", "1.234.567,5"],
  ["en", "1234567.5", "1,234,567.5"],
  ["fr", "1234567.5", "1 234 567,5"],
  ["de", "123456789012345678.91", "123.456.789.012.345.678,91"],
  ["en", "0.00000001", "0.00000001"],
  ["en", "-12", "-12"],
])("in %s %s reads %s", (locale, value, expected) => {
  expect(plain(formatDecimal(value, reader(locale)))).toBe(expected);
});

test("amounts show every digit of their currency and no other", () => {
  expect(plain(formatMoney("1234.5", "EUR", reader("de")))).toBe("1.234,50 €");
  expect(formatMoney("1234", "JPY", reader("en"))).toBe("¥1,234");
  expect(plain(formatMoney("1.234", "KWD", reader("en"), "code"))).toBe("KWD 1.234");
  expect(formatMoney("9999999999999999.99", "USD", reader("en"))).toBe("$9,999,999,999,999,999.99");
  expect(formatMoney("x", "USD", reader("en"))).toBe("x USD");
});

test("a sign behind letters stays behind them where one reads from right to left", () => {
  expect(plain(formatMoney("1.5", "USD", reader("ar")))).toBe("\u200f1.50 US$\u200e");
  expect(formatMoney("1.5", "USD", reader("en-CA"))).toBe("US$1.50");
});

test("an address names its country in the reader's language", () => {
  const address = { street: "Obere Str. 57", postal_code: "12209", city: "Berlin", country: "DE" };
  expect(addressLines(address, reader("en"))).toEqual(["Obere Str. 57", "12209 Berlin", "Germany"]);
  expect(addressLines({ country: "DE" }, reader("fr"))).toEqual(["Allemagne"]);
  expect(addressLines({ country: "Ruritania" }, reader("en"))).toEqual(["Ruritania"]);
});

test("ratios, days, instants, wall times and spans are read in the reader's words and zone", () => {
  expect(plain(formatPercent("0.055", reader("de")))).toBe("5,5 %");
  expect(formatDate("2026-12-31", reader("de"))).toBe("31.12.2026");
  expect(formatDate("2026-12-31", reader("en-US"))).toBe("12/31/2026");
  expect(formatDate("2026-12-31", reader("fr"), "long")).toBe("31 décembre 2026");
  expect(plain(formatInstant("2026-07-04T22:30:00Z", reader("de")))).toBe("05.07.2026, 00:30");
  expect(plain(formatInstant("2026-07-04T22:30:00Z", reader("en-US", "UTC")))).toBe(
    "07/04/2026, 10:30 PM",
  );
  expect(plain(formatWallTime("2026-07-04T09:30:00[America/New_York]", reader("de")))).toBe(
    "04.07.2026, 09:30 (America/New York)",
  );
  expect(plain(formatDuration("PT2H30M", reader("en")))).toBe("2 hr 30 min");
  expect(
    formatRelative(
      "2026-07-03T12:00:00Z",
      need(Instant.parse("2026-07-04T12:00:00Z")),
      reader("en"),
    ),
  ).toBe("yesterday");
});

test("a cell shows a link by its title and a state in words", () => {
  const order = need(SCHEMA.entity("operations.sales_order"));
  const show = (name: string, value: unknown) =>
    formatValue(need(SCHEMA.field(order, name)), value, reader("de"));
  expect(show("customer", { id: "cus_1", title: "Vins et alcools" })).toBe("Vins et alcools");
  expect(show("state", "draft")).toBe("DRAFT");
  expect(show("total", null)).toBe("");
  expect(show("pieces", 12345)).toBe("12.345");
});

test.each([
  ["de", "1.234,5", "1234.5"],
  ["de", "12.5", "12.5"],
  ["de", "1.234", "1234"],
  ["de", "1.23.4", null],
  ["en", "1,234.5", "1234.5"],
  ["en", "1,23", "1.23"],
  ["en", "12,345,678", "12345678"],
  ["en-IN", "12,34,567.8", "1234567.8"],
  ["fr", "1 234,5", "1234.5"],
  ["de-CH", "1’234.5", "1234.5"],
  ["ar-EG", "١٬٢٣٤٫٥", "1234.5"],
  ["en", "(12.50)", "-12.5"],
  ["en", "12-", "-12"],
  ["en", "−5", "-5"],
  ["en", "12abc", null],
  ["en", "1e5", null],
  ["en", "", null],
  ["de", ",5", "0.5"],
])("in %s the number '%s' is %s", (locale, text, expected) => {
  expect(parseNumber(text, reader(locale))).toBe(expected);
});

test("what is written in a locale is read back in it", () => {
  const next = chance(7);
  for (const locale of ["en", "de", "fr", "ar", "ar-EG", "de-CH", "en-IN", "sv"]) {
    for (let n = 0; n < 200; n += 1) {
      const digits = Math.floor(next() * 10 ** (1 + Math.floor(next() * 15)));
      const value = `${next() < 0.3 && digits > 0 ? "-" : ""}${digits}.${Math.floor(next() * 99) + 1}`;
      const trimmed = value.replace(/0+$/, "").replace(/\.$/, "");
      const shown = formatDecimal(value, reader(locale));
      expect([locale, shown, parseNumber(shown, reader(locale))]).toEqual([locale, shown, trimmed]);
    }
  }
});

test.each([
  ["de", "31.12.2026", "2026-12-31"],
  ["de", "31.12.", "2026-12-31"],
  ["de", "31.12.26", "2026-12-31"],
  ["en-US", "12/31/2026", "2026-12-31"],
  ["en-GB", "31/12/2026", "2026-12-31"],
  ["en-US", "31/12/2026", null],
  ["en", "2026-12-31", "2026-12-31"],
  ["en", "tomorrow", "2026-07-05"],
  ["de", "morgen", "2026-07-05"],
  ["de", "gestern", "2026-07-03"],
  ["fr", "aujourd’hui", "2026-07-04"],
  ["ar", "غدًا", "2026-07-05"],
  ["de", "tomorrow", "2026-07-05"],
  ["en", "+10", "2026-07-14"],
  ["en", "-4", "2026-06-30"],
  ["en", "Dec 31, 2026", "2026-12-31"],
  ["en", "31 December", "2026-12-31"],
  ["de", "3. März 2027", "2027-03-03"],
  ["fr", "14 juillet 2026", "2026-07-14"],
  ["en", "02/30/2026", null],
  ["en", "someday", null],
  ["de", "1.1.80", "1980-01-01"],
])("in %s the day '%s' is %s", (locale, text, expected) => {
  expect(parseDay(text, "2026-07-04", reader(locale))).toBe(expected);
});

test("amounts are read with a code, a sign or the document's currency", () => {
  expect(parseAmount("1.234,5 €", null, reader("de"))).toEqual({
    amount: "1234.50",
    currency: "EUR",
  });
  expect(parseAmount("CHF 12", "EUR", reader("de"))).toEqual({ amount: "12.00", currency: "CHF" });
  expect(parseAmount("$5", "CAD", reader("en"))).toEqual({ amount: "5.00", currency: "CAD" });
  expect(parseAmount("5", "JPY", reader("en"))).toEqual({ amount: "5", currency: "JPY" });
  expect(parseAmount("5.5", "JPY", reader("en"))).toBeNull();
  expect(parseAmount("5", null, reader("en"))).toBeNull();
});

test("ratios and spans are read as people write them", () => {
  expect(parsePercent("5,5 %", reader("de"))).toBe("0.055");
  expect(parsePercent("100", reader("en"))).toBe("1");
  for (const [locale, text, expected] of [
    ["en", "2:30", "PT2H30M"],
    ["en", "2h 30m", "PT2H30M"],
    ["de", "1,5 Std", "PT1H30M"],
    ["en", "90 min", "PT1H30M"],
    ["en", "1d", "PT24H"],
    ["en", "PT2H", "PT2H"],
    ["en", "soon", null],
    ["en", "2 x", null],
  ] as const) {
    expect([text, parseSpan(text, reader(locale))]).toEqual([text, expected]);
  }
});
