import { describe, expect, it } from "vitest";
import { formatNumber, parseNumber } from "./number";

describe("numbers as people write them", () => {
  it.each([
    ["1,234.50", "en", "1234.50"],
    ["1.234,50", "de", "1234.50"],
    ["1 234,50", "fr", "1234.50"],
    ["12,34,567", "en-IN", "1234567"],
    ["1'234.5", "de-CH", "1234.5"],
    ["-0,05", "de", "-0.05"],
    ["−7", "en", "-7"],
    ["007", "en", "7"],
    [".5", "en", "0.5"],
    ["٣٫٥", "ar-EG", "3.5"],
    ["12345678901234567890.123", "en", "12345678901234567890.123"],
    ["1.5", "de", "1.5"],
  ])("%s in %s is %s", (text, locale, expected) => {
    expect(parseNumber(text, locale)).toBe(expected);
  });

  it.each([
    ["", "en"],
    ["12a", "en"],
    ["1,2,3", "en"],
    ["1.2.3", "en"],
    ["--1", "en"],
    [".", "en"],
  ])("%s is no number in %s", (text, locale) => {
    expect(parseNumber(text, locale)).toBeNull();
  });

  it("shows every digit, however many there are", () => {
    expect(formatNumber("12345678901234567890.5", "en", 2)).toBe("12,345,678,901,234,567,890.50");
    expect(formatNumber("-1234.5", "de", 2)).toBe("-1.234,50");
    expect(formatNumber("0.125", "en", 2)).toBe("0.125");
  });
});
