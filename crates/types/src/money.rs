//! Money: an integer of minor units with its currency, never a float.

use crate::decimal::{self, Decimal, DecimalError, Rounding};
use serde::{Deserialize, Serialize};

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Active ISO 4217 codes whose minor unit is not 1/100; every other code has two digits.
const OTHER_DIGITS: &[(&str, u32)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// Active ISO 4217 codes of money in circulation and funds.
const CODES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL \
BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP \
ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD \
JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP \
MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON \
RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY \
TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW \
ZWG";

impl Currency {
    /// The United States dollar.
    pub const USD: Currency = Currency(*b"USD");
    /// The euro.
    pub const EUR: Currency = Currency(*b"EUR");

    /// The currency of a known three-letter code in upper case.
    ///
    /// # Errors
    /// [`MoneyError::Currency`] for any other text.
    pub fn parse(code: &str) -> Result<Currency, MoneyError> {
        let known = code.len() == 3 && CODES.split(' ').any(|known| known == code);
        let bytes: [u8; 3] = code.as_bytes().try_into().map_err(|_| MoneyError::Currency)?;
        if known { Ok(Currency(bytes)) } else { Err(MoneyError::Currency) }
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Digits after the point: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn digits(&self) -> u32 {
        OTHER_DIGITS.iter().find(|(code, _)| *code == self.code()).map_or(2, |(_, digits)| *digits)
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(code: String) -> Result<Self, MoneyError> {
        Currency::parse(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.code().to_owned()
    }
}

/// Why an amount or a currency is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyError {
    /// Not a code of ISO 4217.
    Currency,
    /// The amount has another shape, too many places for its currency, or too many digits.
    Amount(DecimalError),
}

impl std::fmt::Display for MoneyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            MoneyError::Currency => {
                f.write_str("must be a currency code of ISO 4217 such as \"EUR\"")
            }
            MoneyError::Amount(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for MoneyError {}

/// An amount in a currency's minor units (cents, for most).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: 1230 is 12.30 EUR, 1230 JPY, 1.230 KWD.
    pub minor: i64,
    /// What the units are of.
    pub currency: Currency,
}

impl Money {
    /// Nothing, in `currency`.
    pub fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    /// Reads an amount such as `"12.30"`; nothing is rounded on the way in.
    ///
    /// # Errors
    /// [`MoneyError::Amount`] when it has more places than the currency, or 18 digits and more.
    pub fn parse(amount: &str, currency: Currency) -> Result<Money, MoneyError> {
        let value =
            decimal::parse_decimal(amount, currency.digits()).map_err(MoneyError::Amount)?;
        let minor = decimal::rescale(value, currency.digits());
        Ok(Money { minor: minor.ok_or(MoneyError::Amount(DecimalError::Range))?, currency })
    }

    /// `amount` rounded to the currency's digits; none when it does not fit 18 digits.
    pub fn round(amount: Decimal, currency: Currency, rounding: Rounding) -> Option<Money> {
        let minor = decimal::rescale(rounding.round(amount, currency.digits()), currency.digits())?;
        Some(Money { minor, currency })
    }

    /// The amount as a decimal in whole units.
    pub fn amount(&self) -> Decimal {
        Decimal::new(self.minor, self.currency.digits())
    }

    /// The sum, if both are of one currency and it does not overflow.
    pub fn checked_add(self, other: Money) -> Option<Money> {
        if self.currency != other.currency {
            return None;
        }
        Some(Money { minor: self.minor.checked_add(other.minor)?, ..self })
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_keeps_the_digits_of_its_currency() {
        for (code, amount, expected) in [
            ("EUR", "12.3", Ok("12.30 EUR")),
            ("JPY", "12", Ok("12 JPY")),
            ("KWD", "1.234", Ok("1.234 KWD")),
            ("JPY", "12.5", Err(MoneyError::Amount(DecimalError::Scale { scale: 0 }))),
            ("EUR", "0.001", Err(MoneyError::Amount(DecimalError::Scale { scale: 2 }))),
        ] {
            let money = Money::parse(amount, Currency::parse(code).unwrap());
            assert_eq!(money.map(|m| m.to_string()), expected.map(String::from));
        }
        for code in ["eur", "XXX", "EURO", "", "U D"] {
            assert_eq!(Currency::parse(code), Err(MoneyError::Currency), "{code}");
        }
    }

    #[test]
    fn currencies_never_mix() {
        let dollar = Money { minor: 100, currency: Currency::USD };
        assert_eq!(dollar.checked_add(Money { minor: 1, currency: Currency::EUR }), None);
        assert_eq!(dollar.checked_add(Money { minor: i64::MAX, ..dollar }), None);
        assert_eq!(dollar.checked_add(dollar).map(|m| m.minor), Some(200));
    }
}
