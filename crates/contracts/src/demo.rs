//! What a service offers to fill a demo organisation: its history as commands, in order.
//!
//! A service's `demo` makes [`Step`]s, purely and always the same for the same arguments. Whoever
//! runs them sets the clock to each step's instant, executes the command through the write path,
//! and remembers which record a `Create` made:
//!
//! ```text
//! let mut known = HashMap::new();
//! for step in in_order(vec![hr_steps, operations_steps]) {
//!     clock.set(step.at);
//!     let answer = peers.execute(call, resolve(&step.command, &known)).await?;
//!     if let (Some(label), Answer::Record(view)) = (step.makes, answer) {
//!         known.insert(label, view.record.id());
//!     }
//! }
//! ```
//!
//! Each step is done by the person of a role, with that person's rights and no others.
//!
//! Commands speak of records that do not exist yet by [`label`]s, which [`resolve`] replaces.

use kernel::Command;
use kernel::command::Verb;
use std::collections::HashMap;
use types::{Instant, Uuid, Value};

/// One command of a demo organisation's history.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// When it happened.
    pub at: Instant,
    /// The role of the person who did it.
    pub by: &'static str,
    /// The label of the record that it makes, if it makes one.
    pub makes: Option<Uuid>,
    /// What happened; records are named by labels.
    pub command: Command,
}

/// What stands for the `nth` demo record of an entity until its id is known.
///
/// It is no version 7 UUID, so that it never is the id of a record.
pub fn label(entity: &str, nth: usize) -> Uuid {
    let hash = entity.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    Uuid::from_u64_pair(hash & !0xf000, nth as u64)
}

/// The command with the ids of known records in place of their labels.
pub fn resolve(command: &Command, known: &HashMap<Uuid, Uuid>) -> Command {
    let mut command = command.clone();
    match &mut command.verb {
        Verb::Update { id, .. } | Verb::Delete { id, .. } | Verb::Act { id, .. } => {
            *id = *known.get(id).unwrap_or(id);
        }
        // A demo brings nothing back from the log.
        Verb::Create | Verb::Restore { .. } => {}
    }
    command.input.values.iter_mut().for_each(|(_, value)| replace(value, known));
    command
}

fn replace(value: &mut Value, known: &HashMap<Uuid, Uuid>) {
    match value {
        Value::Id(id) => *id = *known.get(id).unwrap_or(id),
        Value::List(items) => items.iter_mut().for_each(|item| replace(item, known)),
        Value::Rows(rows) => rows.iter_mut().flatten().for_each(|cell| replace(cell, known)),
        _ => {}
    }
}

/// The steps of several services as one history; steps of one instant keep their order.
pub fn in_order(histories: Vec<Vec<Step>>) -> Vec<Step> {
    let mut steps: Vec<Step> = histories.into_iter().flatten().collect();
    steps.sort_by_key(|step| step.at);
    steps
}

/// Chance that always falls the same: for demos only, never for keys.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that a seed decides.
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// A number below `n`; 0 where `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        // SplitMix64, as Steele, Lea and Flood published it in 2014.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        ((u128::from(mixed) * n as u128) >> 64) as usize
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of the items.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Input;
    use kernel::command::Known;

    #[test]
    fn a_label_is_told_from_others_and_from_the_ids_of_records() {
        let labels = [
            label("operations.customer", 1),
            label("operations.customer", 2),
            label("operations.item", 1),
        ];
        assert!(labels[0] != labels[1] && labels[0] != labels[2]);
        for label in labels {
            assert_ne!(label.get_version_num(), 7);
        }
    }

    #[test]
    fn labels_are_replaced_wherever_they_stand() {
        let (one, two) = (label("x.y", 1), label("x.y", 2));
        let (real, other) = (Uuid::from_u128(7), Uuid::from_u128(8));
        let known = HashMap::from([(one, real)]);
        let input = |id: Uuid| {
            Input::new()
                .set("link", id)
                .set("name", "kept")
                .set("lines", Value::Rows(vec![vec![Value::Null, id.into()]]))
                .set("links", Value::List(vec![id.into(), two.into(), other.into()]))
        };
        let command = |id: Uuid| Command {
            entity: "x.y".to_owned(),
            verb: Verb::Act { id, act: "go".to_owned(), known: Known::Nothing },
            input: input(id),
        };
        assert_eq!(resolve(&command(one), &known), command(real));
    }

    #[test]
    fn dice_of_one_seed_fall_alike_and_stay_within_bounds() {
        let (mut left, mut right) = (Dice::new(1), Dice::new(1));
        let mut seen = [false; 6];
        for _ in 0..200 {
            let number = left.between(1, 6);
            assert_eq!(number, right.between(1, 6));
            seen[number - 1] = true;
        }
        assert_eq!(seen, [true; 6]);
        assert_eq!(left.below(0), 0);
    }
}
