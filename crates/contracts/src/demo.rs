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
use std::collections::{HashMap, HashSet};
use types::{Instant, Uuid, Value};

/// The most steps of one commit.
const LONGEST: usize = 50;

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

/// Steps that become one commit.
#[derive(Default)]
pub struct Batch {
    /// The service that owns their records.
    pub service: String,
    /// What they do: `create`, `update` or an act's name.
    pub act: String,
    /// The role of who does it.
    pub by: &'static str,
    /// The steps.
    pub steps: Vec<Step>,
    /// The records that they make or change.
    touched: HashSet<Uuid>,
    /// The records that they link to.
    linked: HashSet<Uuid>,
}

impl Batch {
    /// Whether the step is one of the batch's kind and builds on none of it.
    fn takes(&self, step: &Step, own: Option<Uuid>, links: &HashSet<Uuid>) -> bool {
        const DAY: i64 = 86_400_000_000;
        let day = |at: Instant| at.0.div_euclid(DAY);
        self.service == service_of(&step.command)
            && self.act == step.command.verb.right()
            && self.by == step.by
            && self.steps.len() < LONGEST
            && self.steps.last().is_none_or(|last| day(last.at) == day(step.at))
            && own.is_none_or(|own| !self.touched.contains(&own) && !self.linked.contains(&own))
            && links.is_disjoint(&self.touched)
    }
}

/// The steps in order, neighbours together where they may be.
pub fn batches(steps: Vec<Step>) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for step in steps {
        let own = step.makes.or(step.command.verb.record());
        let mut links = HashSet::new();
        step.command.input.values.iter().for_each(|(_, value)| collect(value, &mut links));
        let fits = batches.last().is_some_and(|last| last.takes(&step, own, &links));
        if !fits {
            let service = service_of(&step.command).to_owned();
            let act = step.command.verb.right().to_owned();
            batches.push(Batch { service, act, by: step.by, ..Batch::default() });
        }
        if let Some(batch) = batches.last_mut() {
            batch.touched.extend(own);
            batch.linked.extend(links);
            batch.steps.push(step);
        }
    }
    batches
}

fn service_of(command: &Command) -> &str {
    command.entity.split_once('.').map_or("", |(service, _)| service)
}

/// The ids in a value.
fn collect(value: &Value, into: &mut HashSet<Uuid>) {
    match value {
        Value::Id(id) => drop(into.insert(*id)),
        Value::List(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Rows(rows) => rows.iter().flatten().for_each(|cell| collect(cell, into)),
        _ => {}
    }
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
    fn only_neighbours_of_one_kind_that_do_not_build_on_each_other_share_a_commit() {
        let one = |nth: usize| label("x.thing", nth);
        let create = |nth: usize, link: Option<Uuid>| {
            (Some(one(nth)), Verb::Create, Input::new().set("link", link))
        };
        let act = |nth: usize, act: &str| {
            let verb = Verb::Act { id: one(nth), act: act.to_owned(), known: Known::Nothing };
            (None, verb, Input::new())
        };
        for (case, steps, expected) in [
            ("alike", vec![create(1, None), create(2, None)], vec![2]),
            ("one links to the other", vec![create(1, None), create(2, Some(one(1)))], vec![1, 1]),
            (
                "both link to a third",
                vec![create(1, Some(one(3))), create(2, Some(one(3)))],
                vec![2],
            ),
            ("other acts", vec![act(1, "ship"), act(2, "close")], vec![1, 1]),
            ("one record twice", vec![act(1, "ship"), act(1, "ship")], vec![1, 1]),
        ] {
            let steps = steps.into_iter().map(|(makes, verb, input)| Step {
                at: Instant(0),
                by: "sales",
                makes,
                command: Command { entity: "x.thing".to_owned(), verb, input },
            });
            let sizes: Vec<usize> =
                batches(steps.collect()).iter().map(|batch| batch.steps.len()).collect();
            assert_eq!(sizes, expected, "{case}");
        }
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
