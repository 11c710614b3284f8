// Values that are written as a text inside a constructor: `date('2026-01-31')`.

import { decimalProblemText, parseDecimal, SCALED_DIGITS } from "./decimal";
import { Day, Duration, Instant } from "./time";
import type { Value } from "./value";

/** The value of `name('text')`; a text says what is wrong. A decimal is never a plain text. */
export function literalValue(
  name: "date" | "instant" | "duration" | "decimal",
  text: string,
): Exclude<Value, string> | string {
  switch (name) {
    case "date":
      return Day.parse(text) ?? "must be a date such as '2026-01-31'";
    case "instant": {
      const instant = Instant.parse(text);
      if (!instant) return 'must be an instant such as "2026-07-04T09:30:00Z"';
      return instant.isStorable() ? instant : "must lie in the years 1 to 9999";
    }
    case "duration": {
      const duration = Duration.parse(text);
      if (!duration) return 'must be a duration such as "PT2H30M"';
      return duration.isStorable() ? duration : "must be shorter than 20,000 years";
    }
    case "decimal": {
      const point = text.indexOf(".");
      const places = Math.min(SCALED_DIGITS, point < 0 ? 0 : text.length - point - 1);
      const value = parseDecimal(text, places);
      return typeof value === "string" ? decimalProblemText(value, places) : value;
    }
  }
}
