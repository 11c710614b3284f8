//! Whole numbers of any length, as one calculates on paper: what decimals are held against.

use std::cmp::Ordering;

/// A number's decimal digits, the lowest first, without zeros at the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Natural(Vec<u8>);

impl Natural {
    pub fn new(value: u128) -> Natural {
        let text = value.to_string();
        Natural(text.bytes().rev().map(|digit| digit - b'0').collect()).trimmed()
    }

    fn trimmed(mut self) -> Natural {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }

    /// How many digits it has; none for zero.
    pub fn digits(&self) -> usize {
        self.0.len()
    }

    /// The number, which has at most 38 digits.
    pub fn small(&self) -> i128 {
        self.0.iter().rev().fold(0, |all, digit| all * 10 + i128::from(*digit))
    }

    pub fn is_odd(&self) -> bool {
        self.0.first().is_some_and(|digit| digit % 2 == 1)
    }

    pub fn is_multiple_of_ten(&self) -> bool {
        self.0.first().is_none_or(|digit| *digit == 0)
    }

    pub fn over_ten(&self) -> Natural {
        Natural(self.0.iter().skip(1).copied().collect())
    }

    pub fn times_ten_to(&self, zeros: u32) -> Natural {
        let zeros = std::iter::repeat_n(0, zeros as usize);
        Natural(zeros.chain(self.0.iter().copied()).collect()).trimmed()
    }

    pub fn plus(&self, other: &Natural) -> Natural {
        let digit = |of: &Natural, place: usize| of.0.get(place).copied().unwrap_or(0);
        let (mut sum, mut carry) = (Vec::new(), 0);
        for place in 0..=self.0.len().max(other.0.len()) {
            let here = digit(self, place) + digit(other, place) + carry;
            sum.push(here % 10);
            carry = here / 10;
        }
        Natural(sum).trimmed()
    }

    /// Less what is not more than it.
    pub fn minus(&self, other: &Natural) -> Natural {
        let (mut left, mut borrow) = (Vec::new(), 0);
        for (place, digit) in self.0.iter().enumerate() {
            let less = other.0.get(place).copied().unwrap_or(0) + borrow;
            borrow = u8::from(*digit < less);
            left.push(digit + 10 * borrow - less);
        }
        Natural(left).trimmed()
    }

    pub fn times(&self, other: &Natural) -> Natural {
        other.0.iter().rev().fold(Natural::new(0), |all, digit| {
            (0..*digit).fold(all.times_ten_to(1), |all, _| all.plus(self))
        })
    }

    /// Quotient and remainder; none by zero.
    pub fn divided_by(&self, other: &Natural) -> Option<(Natural, Natural)> {
        if other.0.is_empty() {
            return None;
        }
        let (mut quotient, mut rest) = (Natural::new(0), Natural::new(0));
        for digit in self.0.iter().rev() {
            rest = rest.times_ten_to(1).plus(&Natural::new(u128::from(*digit)));
            let mut times = 0;
            while rest >= *other {
                rest = rest.minus(other);
                times += 1;
            }
            quotient = quotient.times_ten_to(1).plus(&Natural::new(times));
        }
        Some((quotient, rest))
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Natural) -> Ordering {
        let of_length = self.0.len().cmp(&other.0.len());
        of_length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Natural) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
