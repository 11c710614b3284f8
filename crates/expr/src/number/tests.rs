//! Decimals against examples and against arithmetic of numbers of any length.

use super::natural::Natural;
use super::*;
use proptest::prelude::*;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn results_are_exact_or_do_not_exist() {
    type Operation = fn(Decimal, Decimal) -> Option<Decimal>;
    let nines = "9999999999999999999999999999";
    for (operation, a, b, expected) in [
        (add as Operation, "0.1", "0.2", Some("0.3")),
        (add, nines, "1", None),
        (add, nines, "0.1", None),
        (add, "1000000000000000000000000000", "-0.0000000000000000000000000001", None),
        (multiply, "1.5", "-0.2", Some("-0.3")),
        (multiply, "0.00000000000001", "0.00000000000001", Some("0.0000000000000000000000000001")),
        (multiply, "0.000000000000001", "0.00000000000001", None),
        (multiply, nines, "10", None),
        (
            multiply,
            "1000000000000000000000000000",
            "0.9999999999999999999999999999",
            Some("999999999999999999999999999.9"),
        ),
        (multiply, "0.0000000000000000000000000005", "2", Some("0.000000000000000000000000001")),
        (remainder, "7.5", "2", Some("1.5")),
        (remainder, "-7.5", "2", Some("-1.5")),
        // 10 is 3 modulo 7, so (10^28 − 1)·10^28 is (4 − 1)·4 = 5.
        (
            remainder,
            nines,
            "0.0000000000000000000000000007",
            Some("0.0000000000000000000000000005"),
        ),
        (
            remainder,
            "0.0000000000000000000000000007",
            nines,
            Some("0.0000000000000000000000000007"),
        ),
    ] {
        let found = operation(decimal(a), decimal(b));
        assert_eq!(found, expected.map(decimal), "{a}, {b}");
    }
}

/// What an operation gives by exact arithmetic of numbers of any length: `value` / 10^`scale`, if
/// it fits 28 digits and 28 places.
fn fitting(negative: bool, mut value: Natural, mut scale: u32) -> Option<Decimal> {
    while scale > 0 && value.is_multiple_of_ten() {
        value = value.over_ten();
        scale -= 1;
    }
    if scale > MAX_DIGITS || value.digits() > MAX_DIGITS as usize {
        return None;
    }
    let mantissa = value.small();
    Decimal::try_from_i128_with_scale(if negative { -mantissa } else { mantissa }, scale).ok()
}

fn natural(value: Decimal) -> Natural {
    Natural::new(value.mantissa().unsigned_abs())
}

fn sign(value: Decimal) -> bool {
    value.mantissa() < 0
}

/// Both mantissas at the larger scale, and that.
fn aligned(a: Decimal, b: Decimal) -> (Natural, Natural, u32) {
    let scale = a.scale().max(b.scale());
    let grown = |value: Decimal| natural(value).times_ten_to(scale - value.scale());
    (grown(a), grown(b), scale)
}

fn sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (left, right, scale) = aligned(a, b);
    match (sign(a) == sign(b), left >= right) {
        (true, _) => fitting(sign(a), left.plus(&right), scale),
        (false, true) => fitting(sign(a), left.minus(&right), scale),
        (false, false) => fitting(sign(b), right.minus(&left), scale),
    }
}

fn product(a: Decimal, b: Decimal) -> Option<Decimal> {
    fitting(sign(a) != sign(b), natural(a).times(&natural(b)), a.scale() + b.scale())
}

fn rest(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (left, right, scale) = aligned(a, b);
    fitting(sign(a), left.divided_by(&right)?.1, scale)
}

fn quotient(a: Decimal, b: Decimal, places: u32, rounding: Rounding) -> Option<Decimal> {
    let (left, right, _) = aligned(a, b);
    let (quotient, rest) = left.times_ten_to(places).divided_by(&right)?;
    let half = rest.plus(&rest).cmp(&right);
    let away = match rounding {
        Rounding::HalfUp => half.is_ge(),
        Rounding::HalfEven => half.is_gt() || half.is_eq() && quotient.is_odd(),
        Rounding::Up => rest != Natural::new(0),
        Rounding::Down => false,
    };
    let rounded = quotient.plus(&Natural::new(u128::from(away)));
    fitting(sign(a) != sign(b), rounded, places)
}

/// A number of up to 28 digits, often one with many factors of two, five or ten.
fn any_decimal() -> impl Strategy<Value = Decimal> {
    let mantissa = (any::<u64>(), 1..=19u32, 0..90u32, 0..40u32, 0..28u32).prop_map(
        |(any, digits, twos, fives, tens)| {
            let mut mantissa = i128::from(any % 10u64.pow(digits));
            for (factor, times) in [(10, tens), (5, fives), (2, twos)] {
                for _ in 0..times {
                    let grown = mantissa * factor;
                    if grown >= 10i128.pow(MAX_DIGITS) {
                        break;
                    }
                    mantissa = grown;
                }
            }
            mantissa
        },
    );
    (mantissa, any::<bool>(), 0..=28u32).prop_map(|(mantissa, negative, scale)| {
        let mantissa = if negative { -mantissa } else { mantissa };
        Decimal::from_i128_with_scale(mantissa, scale)
    })
}

/// A number of 24 to 28 digits, most of them whole and many of them nines or zeros, so that
/// quotients and roundings come near what still fits.
fn long_decimal() -> impl Strategy<Value = Decimal> {
    let digit = prop_oneof![2 => Just(b'9'), 2 => Just(b'0'), 1 => b'0'..=b'9'];
    let digits = prop::collection::vec(digit, 24..=28);
    (digits, any::<bool>(), prop_oneof![3 => 0..=4u32, 1 => 0..=28u32]).prop_map(
        |(digits, negative, scale)| {
            let mantissa: i128 = std::str::from_utf8(&digits).unwrap().parse().unwrap();
            Decimal::from_i128_with_scale(if negative { -mantissa } else { mantissa }, scale)
        },
    )
}

/// Few digits: a factor that keeps a long number long.
fn short_decimal() -> impl Strategy<Value = Decimal> {
    (-20..=20i64, 0..=4u32).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

fn operand() -> impl Strategy<Value = Decimal> {
    prop_oneof![any_decimal(), long_decimal(), short_decimal()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_048, ..ProptestConfig::default() })]

    #[test]
    fn what_is_calculated_is_what_exact_arithmetic_gives(a in operand(), b in operand()) {
        prop_assert_eq!(add(a, b), sum(a, b), "{} + {}", a, b);
        prop_assert_eq!(multiply(a, b), product(a, b), "{} * {}", a, b);
        prop_assert_eq!(remainder(a, b), rest(a, b), "{} % {}", a, b);
    }

    #[test]
    fn a_quotient_is_what_exact_arithmetic_gives(
        a in operand(),
        b in operand(),
        places in 0..=28u32,
        rounding in prop::sample::select(&[
            Rounding::HalfUp, Rounding::HalfEven, Rounding::Up, Rounding::Down,
        ][..]),
    ) {
        let (found, expected) = (divide(a, b, places, rounding), quotient(a, b, places, rounding));
        prop_assert_eq!(found, expected, "{} / {} to {} {:?}", a, b, places, rounding);
        let one = Decimal::ONE;
        let (found, expected) = (divide(a, one, places, rounding), quotient(a, one, places, rounding));
        prop_assert_eq!(found, expected, "{} to {} {:?}", a, places, rounding);
    }
}

#[test]
fn a_quotient_is_rounded_once() {
    use Rounding::*;
    for (a, b, places, rounding, expected) in [
        ("10", "3", 2, HalfUp, Some("3.33")),
        ("20", "3", 2, HalfUp, Some("6.67")),
        ("-20", "3", 0, HalfUp, Some("-7")),
        ("1", "8", 2, HalfUp, Some("0.13")),
        ("1", "8", 2, HalfEven, Some("0.12")),
        ("3", "8", 2, HalfEven, Some("0.38")),
        ("1", "1000", 2, Up, Some("0.01")),
        ("-1", "1000", 2, Up, Some("-0.01")),
        ("999", "1000", 2, Down, Some("0.99")),
        ("0.12345", "1", 2, HalfUp, Some("0.12")),
        ("0.125", "1", 2, HalfEven, Some("0.12")),
        ("0.1250000001", "1", 2, HalfEven, Some("0.13")),
        // Rounded at 28 digits first, this would look like a tie.
        ("0.0050000000000000000000000001", "1", 2, HalfEven, Some("0.01")),
        ("1", "0", 2, HalfUp, None),
        ("9999999999999999999999999999", "0.1", 0, HalfUp, None),
        // Zeros after the point are no digits of the result.
        ("1000000000000000000000000000", "1", 10, HalfUp, Some("1000000000000000000000000000")),
        ("9999999999999999999999999999", "2", 10, HalfUp, None),
        ("9999999999999999999999999998", "2", 10, HalfUp, Some("4999999999999999999999999999")),
        ("999999999999999999999999999.9", "1", 0, HalfUp, Some("1000000000000000000000000000")),
        ("9999999999999999999999999999.0", "1", 2, Up, Some("9999999999999999999999999999")),
    ] {
        let found = divide(decimal(a), decimal(b), places, rounding);
        assert_eq!(found, expected.map(decimal), "{a} / {b} to {places}");
    }
}
