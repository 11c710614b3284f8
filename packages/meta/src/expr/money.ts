// Money: an integer of minor units with its currency, never a float.

import {
  type Decimal,
  type DecimalProblem,
  Decimal as DecimalValue,
  decimalProblemText,
  parseDecimal,
} from "./decimal";

/** Active ISO 4217 codes of money in circulation and funds: those that the server knows. */
export const CURRENCIES: readonly string[] = [
  "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP",
  "BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN",
  "ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK",
  "JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD",
  "MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP",
  "PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP",
  "SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV",
  "WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG",
].flatMap((line) => line.split(" "));

const known = new Set(CURRENCIES);

/** Active codes whose minor unit is not 1/100; every other code has two digits. */
const OTHER_DIGITS: Readonly<Record<string, number>> = {
  BHD: 3,
  BIF: 0,
  CLF: 4,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  IQD: 3,
  ISK: 0,
  JOD: 3,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  PYG: 0,
  RWF: 0,
  TND: 3,
  UGX: 0,
  UYI: 0,
  UYW: 4,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
};

/** Whether the text is a currency's code: three letters in upper case that the server knows. */
export function isCurrency(code: string): boolean {
  return known.has(code);
}

/** Digits after the point: 2 for EUR, 0 for JPY, 3 for KWD. */
export function currencyDigits(code: string): number {
  return OTHER_DIGITS[code] ?? 2;
}

/** An amount in a currency's minor units. */
export class Money {
  readonly minor: bigint;
  readonly currency: string;

  constructor(minor: bigint, currency: string) {
    this.minor = minor;
    this.currency = currency;
  }

  /** The amount in whole units. */
  amount(): Decimal {
    return DecimalValue.of(this.minor, currencyDigits(this.currency));
  }

  /** The amount with all digits of its currency: `12.30`. */
  amountText(): string {
    return this.amount().toFixed(currencyDigits(this.currency));
  }
}

/** Reads an amount such as `12.30`; nothing is rounded on the way in. */
export function parseMoney(amount: string, currency: string): Money | DecimalProblem {
  const digits = currencyDigits(currency);
  const value = parseDecimal(amount, digits);
  if (typeof value === "string") return value;
  const minor = value.rescale(digits);
  return minor === null ? "range" : new Money(minor, currency);
}

/** What is wrong with an amount, in the server's words. */
export function moneyProblemText(problem: DecimalProblem, currency: string): string {
  return decimalProblemText(problem, currencyDigits(currency));
}
