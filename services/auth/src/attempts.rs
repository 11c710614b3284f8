//! Failed sign-ins of the last minutes, for each account and each client address.
//!
//! They are kept in memory: a restart forgets them, which costs a guesser more than it gives.

use kernel::{Problem, ProblemKind};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use types::Instant;

/// Failures within the window after which no further try is answered.
const LIMIT: usize = 10;
/// How long a failure counts: 15 minutes, in microseconds.
const WINDOW: i64 = 15 * 60 * 1_000_000;
/// How many accounts and addresses are remembered before those without a recent failure go.
const REMEMBERED: usize = 10_000;

/// A failure: when it was, and what tells it from another.
type Failure = (Instant, Option<Guess>);

/// Tells one try from another: a keyed hash of request, account and password. The same guess in
/// the same request again, because its answer got lost, is not another try.
pub type Guess = [u8; 32];

/// The failures by account and address, the oldest first.
#[derive(Default)]
pub struct Attempts(Mutex<HashMap<String, VecDeque<Failure>>>);

/// Who tries: an account, and the address it is tried from.
#[derive(Clone, Debug)]
pub struct Trier {
    keys: Vec<String>,
    guess: Option<Guess>,
}

impl Trier {
    /// Who tries `email` from `address`; an empty address is the machine itself and not counted.
    pub fn new(email: &str, address: &str, guess: Option<Guess>) -> Trier {
        let mut keys = vec![format!("account {email}")];
        if !address.is_empty() {
            keys.push(format!("address {address}"));
        }
        Trier { keys, guess }
    }

    /// Whether this very try is one of these failures already.
    fn is_among(&self, failures: &VecDeque<Failure>) -> bool {
        self.guess.is_some() && failures.iter().any(|(_, guess)| *guess == self.guess)
    }
}

impl Attempts {
    /// Whether a try may be made now.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub fn check(&self, trier: &Trier, now: Instant) -> Result<(), Problem> {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        admit(&mut failures, trier, now)
    }

    /// Takes in how a try went. When others used up the limit in the meantime, even a right
    /// password is not answered: so many tries at once are as good as one after the other.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub fn settle(&self, trier: &Trier, succeeded: bool, now: Instant) -> Result<(), Problem> {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        admit(&mut failures, trier, now)?;
        if succeeded {
            // The account is in good hands; the address may still be guessing other accounts.
            failures.remove(&trier.keys[0]);
            return Ok(());
        }
        if failures.len() >= REMEMBERED {
            failures
                .retain(|_, times| times.back().is_some_and(|(last, _)| now.0 - last.0 < WINDOW));
        }
        for key in &trier.keys {
            let times = failures.entry(key.clone()).or_default();
            if !trier.is_among(times) {
                times.push_back((now, trier.guess));
            }
        }
        Ok(())
    }
}

fn admit(
    failures: &mut HashMap<String, VecDeque<Failure>>,
    trier: &Trier,
    now: Instant,
) -> Result<(), Problem> {
    for key in &trier.keys {
        let Some(times) = failures.get_mut(key) else { continue };
        while times.front().is_some_and(|(first, _)| now.0 - first.0 >= WINDOW) {
            times.pop_front();
        }
        let closed = times.len() >= LIMIT && !trier.is_among(times);
        if let (Some((first, _)), true) = (times.front(), closed) {
            return Err(too_many(first.0 + WINDOW - now.0));
        }
    }
    Ok(())
}

fn too_many(wait: i64) -> Problem {
    let seconds = u32::try_from(wait / 1_000_000 + 1).unwrap_or(u32::MAX);
    let minutes = seconds.div_ceil(60);
    let text = format!("Too many failed sign-ins. Try again in {minutes} minutes.");
    let problem = Problem::new(ProblemKind::TooMany, "too_many_attempts", text);
    Problem { retry_after: Some(seconds), ..problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000;

    fn trier(email: &str, address: &str) -> Trier {
        Trier::new(email, address, None)
    }

    fn fail(attempts: &Attempts, trier: &Trier, times: i64) {
        for time in 0..times {
            attempts.settle(trier, false, Instant(time)).unwrap();
        }
    }

    #[test]
    fn ten_failures_close_an_account_until_the_first_is_a_quarter_of_an_hour_old() {
        let attempts = Attempts::default();
        let nancy = trier("nancy@northwind.example", "");
        fail(&attempts, &nancy, 9);
        assert_eq!(attempts.check(&nancy, Instant(9)), Ok(()));
        attempts.settle(&nancy, false, Instant(9)).unwrap();
        let refused = attempts.check(&nancy, Instant(5 * MINUTE)).unwrap_err();
        assert_eq!((refused.kind.status(), refused.retry_after), (429, Some(601)));
        assert!(attempts.settle(&nancy, true, Instant(10)).is_err(), "even with the right one");
        assert_eq!(attempts.check(&nancy, Instant(15 * MINUTE)), Ok(()));
    }

    #[test]
    fn an_address_is_closed_whatever_accounts_it_tries_and_an_account_from_everywhere() {
        let attempts = Attempts::default();
        for n in 0..10 {
            fail(&attempts, &trier(&format!("{n}@x.example"), "192.0.2.1"), 1);
            fail(&attempts, &trier("nancy@northwind.example", &format!("192.0.2.{}", n + 9)), 1);
        }
        let now = Instant(20);
        assert!(attempts.check(&trier("new@x.example", "192.0.2.1"), now).is_err());
        assert!(attempts.check(&trier("nancy@northwind.example", "192.0.2.99"), now).is_err());
        assert!(attempts.check(&trier("new@x.example", "192.0.2.99"), now).is_ok());
    }

    #[test]
    fn a_sign_in_forgets_the_failures_of_its_account_but_not_of_its_address() {
        let attempts = Attempts::default();
        let nancy = trier("nancy@northwind.example", "192.0.2.1");
        fail(&attempts, &nancy, 9);
        attempts.settle(&nancy, true, Instant(9)).unwrap();
        attempts.settle(&nancy, false, Instant(10)).unwrap();
        assert!(attempts.check(&nancy, Instant(11)).is_err(), "the address had ten");
        let elsewhere = trier("nancy@northwind.example", "192.0.2.2");
        assert!(attempts.check(&elsewhere, Instant(11)).is_ok(), "the account had one");
    }

    #[test]
    fn a_guess_whose_answer_got_lost_counts_once_and_another_one_counts() {
        let attempts = Attempts::default();
        let guess = |n: u8| Trier::new("nancy@northwind.example", "", Some([n; 32]));
        for n in 0..10 {
            for _ in 0..3 {
                attempts.settle(&guess(n), false, Instant(0)).unwrap();
            }
        }
        assert!(attempts.settle(&guess(9), false, Instant(0)).is_ok(), "the tenth, again");
        assert!(attempts.check(&guess(10), Instant(0)).is_err());
    }
}
