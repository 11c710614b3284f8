//! The rounds that `cargo xtask test --all` makes longer: how many, where, and how long each takes.
//!
//! A test asks its entry for the count and reports what it did; `cargo xtask test` reads this list
//! too, says beforehand what is planned, and fails a suite that did fewer rounds than stand here.

use std::io::Write;
use std::time::{Duration, Instant};

/// The variable that asks for the long rounds; `1` does.
pub const ALL_VARIABLE: &str = "MEGALITH_TEST_ALL";

/// How a line begins that tells how far a test has come.
pub const PROGRESS: &str = "progress: ";
/// How a line begins that tells how many rounds were done: `rounds: NAME: COUNT`.
pub const DONE: &str = "rounds: ";

/// Lines about progress come no closer than this.
const TELL_EVERY: Duration = Duration::from_secs(30);

/// What is repeated more often in the long rounds.
#[derive(Debug, PartialEq, Eq)]
pub struct Rounds {
    /// What one run of it is about, unique in [`PLAN`].
    pub name: &'static str,
    /// The suite that does it, as the table names it.
    pub suite: &'static str,
    /// The least rounds of every run.
    pub short: usize,
    /// The least rounds with `--all`.
    pub long: usize,
    /// How long one takes on two cores, in microseconds, beside what the suite does meanwhile.
    pub each_us: u64,
}

/// A server killed under eight writers, its records in files.
pub const KILL_SQLITE: Rounds = Rounds {
    name: "kill -9 under 8 writers, SQLite",
    suite: "server/it",
    short: 4,
    long: 1_000,
    each_us: 900_000,
};
/// The same, its records in PostgreSQL.
pub const KILL_POSTGRES: Rounds = Rounds {
    name: "kill -9 under 8 writers, PostgreSQL",
    suite: "server/it",
    short: 4,
    long: 1_000,
    each_us: 1_400_000,
};
/// Random expressions against random rows, in memory and in files; counted in expressions, of
/// which each meets more than a hundred rows.
pub const EXPRESSIONS_SQLITE: Rounds = Rounds {
    name: "random expressions against 123 rows, SQLite",
    suite: "store/it",
    short: 600,
    long: 12_000,
    each_us: 6_000,
};
/// The same in memory and in PostgreSQL.
pub const EXPRESSIONS_POSTGRES: Rounds = Rounds {
    name: "random expressions against 123 rows, PostgreSQL",
    suite: "store/it",
    short: 600,
    long: 12_000,
    each_us: 6_000,
};
/// Random expressions that read through links and by keys elsewhere, in memory and in files.
pub const LINKS_SQLITE: Rounds = Rounds {
    name: "random expressions through links, SQLite",
    suite: "store/it",
    short: 400,
    long: 8_000,
    each_us: 6_000,
};
/// The same in memory and in PostgreSQL.
pub const LINKS_POSTGRES: Rounds = Rounds {
    name: "random expressions through links, PostgreSQL",
    suite: "store/it",
    short: 400,
    long: 8_000,
    each_us: 8_000,
};
/// Steps of the trade of the demo: all three years are as many as there are, and at least these.
pub const DEMO: Rounds = Rounds {
    name: "steps of the demo's trade",
    suite: "operations/it",
    short: 1_200,
    long: 8_000,
    each_us: 4_000,
};
/// Bytes of a bundle, each flipped before the verifier in Python reads it.
pub const FLIPPED_BYTES: Rounds = Rounds {
    name: "flipped bytes of a bundle, Python",
    suite: "server/it",
    short: 400,
    long: 2_500,
    each_us: 1_500,
};

/// All of them.
pub const PLAN: [&Rounds; 8] = [
    &KILL_SQLITE,
    &KILL_POSTGRES,
    &EXPRESSIONS_SQLITE,
    &EXPRESSIONS_POSTGRES,
    &LINKS_SQLITE,
    &LINKS_POSTGRES,
    &DEMO,
    &FLIPPED_BYTES,
];

/// Whether the long rounds were asked for (`cargo xtask test --all`).
pub fn are_long() -> bool {
    std::env::var(ALL_VARIABLE).is_ok_and(|value| value == "1")
}

impl Rounds {
    /// How many rounds are to be done.
    pub fn count(&self) -> usize {
        self.count_if(are_long())
    }

    /// How many rounds a run does with the long rounds or without.
    pub fn count_if(&self, long: bool) -> usize {
        if long { self.long } else { self.short }
    }

    /// How long all rounds of a run take together.
    pub fn estimate(&self, long: bool) -> Duration {
        Duration::from_micros(self.each_us * self.count_if(long) as u64)
    }

    /// Reports what was done, for `cargo xtask test` to hold against the plan.
    pub fn report(&self, done: usize) {
        println!("{DONE}{}: {done}", self.name);
    }

    /// Begins to count.
    pub fn begin(&'static self) -> Counter {
        let now = Instant::now();
        Counter { rounds: self, done: 0, begun: now, told: now }
    }
}

/// Counts rounds, and tells of them while they run.
pub struct Counter {
    rounds: &'static Rounds,
    done: usize,
    begun: Instant,
    told: Instant,
}

impl Counter {
    /// How many were done.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Notes that one more was done.
    pub fn one_more(&mut self) {
        self.done += 1;
        if self.told.elapsed() < TELL_EVERY {
            return;
        }
        self.told = Instant::now();
        let (name, count) = (self.rounds.name, self.rounds.count());
        let (done, seconds) = (self.done, self.begun.elapsed().as_secs());
        // Past the test runner, which keeps what a test prints until the test ends.
        let _ = writeln!(
            std::io::stderr(),
            "{PROGRESS}{name}: {done} of {count} rounds in {seconds} s"
        );
    }

    /// Reports what was done, for `cargo xtask test` to hold against the plan.
    pub fn report(self) {
        self.rounds.report(self.done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plan_is_longer_with_all_and_has_a_name_of_its_own() {
        for (at, rounds) in PLAN.iter().enumerate() {
            assert!(rounds.count_if(true) > rounds.count_if(false), "{}", rounds.name);
            assert!(PLAN[..at].iter().all(|other| other.name != rounds.name), "{}", rounds.name);
            assert!(!rounds.name.contains(": "), "the name ends where its count begins");
        }
    }

    #[test]
    fn the_promised_rounds_stand_in_the_plan() {
        // The least of each kind: kills, and pairs of an expression and one of 123 rows.
        let promised = [
            (&KILL_SQLITE, 1, 1_000),
            (&KILL_POSTGRES, 1, 1_000),
            (&EXPRESSIONS_SQLITE, 123, 100_000),
            (&EXPRESSIONS_POSTGRES, 123, 100_000),
        ];
        for (rounds, each, least) in promised {
            assert!(rounds.count_if(true) * each >= least, "{}", rounds.name);
        }
    }
}
