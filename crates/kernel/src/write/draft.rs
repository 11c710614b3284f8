//! Draft: the record as a command wants it, before anything is checked.

use super::{Drafted, Scoped, entering, lines, release, store_problem};
use crate::command::{Input, Known, Verb};
use crate::history;
use crate::mirror::outside::Needs;
use crate::problem::{FieldProblem, Problem, ProblemKind};
use crate::record::Record;
use crate::rights::OrgFacts;
use crate::schema::{self, Computing, Entity, slot};
use crate::service::Work;
use types::{Rounding, Uuid, Value};

/// A command whose actor may do it.
pub(super) struct Permitted<'a>(pub(super) Scoped<'a>);

impl<'a> Permitted<'a> {
    /// The record as the command wants it: the input over what there was, the acts and steps of the
    /// service, and what is computed.
    pub(super) async fn draft(self) -> Result<Drafted<'a>, Problem> {
        let scoped = self.0;
        let mut problems = scoped.visible_problems();
        let record = match (&scoped.before, &scoped.command.verb) {
            (Some(before), Verb::Update { known, .. }) => {
                scoped.meets(before, *known).await?;
                let mut record = before.clone();
                apply(&scoped, &scoped.command.input, &mut record, &mut problems);
                record
            }
            (Some(before), Verb::Delete { known, .. }) => {
                scoped.meets(before, *known).await?;
                before.clone()
            }
            (Some(before), Verb::Act { known, act, .. }) => {
                scoped.meets(before, *known).await?;
                let mut record = before.clone();
                step_state(&scoped.entity, act, &mut record)?;
                record
            }
            (before, Verb::Restore { id, version }) => {
                let mut record = match before {
                    Some(before) => before.clone(),
                    None => Record::empty(scoped.entity.clone()),
                };
                scoped
                    .meets(
                        &record,
                        before.as_ref().map_or(Known::Nothing, |_| Known::Exactly(*version)),
                    )
                    .await?;
                record.values[slot::ID] = (*id).into();
                record.values[slot::VERSION] = Value::Int(*version as i64);
                put_back(&scoped.command.input, &mut record);
                record
            }
            (None, _) => {
                let mut record = first_draft(&scoped);
                apply(&scoped, &scoped.command.input, &mut record, &mut problems);
                record
            }
            (Some(before), Verb::Create) => before.clone(),
        };
        let mut work = scoped.work(record, problems);
        let entity = scoped.entity.clone();
        let full_name = entity.full_name_ref();
        let service = &scoped.runtime.service;
        if let Verb::Act { act, .. } = &scoped.command.verb {
            let step = service.step_of_act(full_name, act);
            let is_move = scoped
                .entity
                .states
                .as_ref()
                .is_some_and(|states| states.moves.iter().any(|known| known.act == *act));
            match step {
                Some(step) => step(&mut work).await?,
                None if is_move => {}
                None => return Err(Problem::not_found("act")),
            }
        }
        if matches!(scoped.command.verb, Verb::Delete { .. }) {
            release::release(&mut work, &scoped).await?;
        } else {
            for step in service.steps(full_name) {
                step(&mut work).await?;
            }
            let restores = matches!(scoped.command.verb, Verb::Restore { .. });
            lines::settle(&mut work, restores);
            if !restores || scoped.before.is_some() {
                let rounding = rounding(&scoped.facts, &work.record);
                compute(&mut work, rounding);
            }
            release::release(&mut work, &scoped).await?;
        }
        Ok(Drafted { scoped, work })
    }
}

impl Permitted<'_> {
    /// The record as far as it follows from itself and the input alone: for a dry run whose draft
    /// is refused.
    pub(super) fn sketch(&self) -> Record {
        let scoped = &self.0;
        let mut record = scoped.before.clone().unwrap_or_else(|| first_draft(scoped));
        if matches!(scoped.command.verb, Verb::Create | Verb::Update { .. }) {
            apply(scoped, &scoped.command.input, &mut record, &mut Vec::new());
        }
        let mut work = scoped.work(record, Vec::new());
        lines::settle(&mut work, false);
        let rounding = rounding(&scoped.facts, &work.record);
        compute(&mut work, rounding);
        work.record
    }
}

impl<'a> Scoped<'a> {
    /// What a command works on that makes `record`.
    fn work(&self, record: Record, problems: Vec<FieldProblem>) -> Work<'a> {
        Work {
            call: self.call,
            source: &self.runtime.source,
            registry: &self.runtime.registry,
            facts: self.facts.clone(),
            snapshot: self.snapshot,
            input: &self.command.input,
            verb: self.verb(),
            before: self.before.clone(),
            record,
            others: Vec::new(),
            premises: Vec::new(),
            problems,
            needs: Needs::default(),
        }
    }
}

impl Scoped<'_> {
    /// Whether the record is in the version that the client expects.
    async fn meets(&self, before: &Record, known: Known) -> Result<(), Problem> {
        match known {
            Known::Nothing => Ok(()),
            Known::Exactly(version) if version == before.version() => Ok(()),
            Known::Exactly(version) => {
                let now = before.version();
                let text = format!("The record is in version {now}, not {version}. Read it again.");
                Err(Problem::new(ProblemKind::PreconditionFailed, "version_mismatch", text))
            }
            Known::Base(version) if version == before.version() => Ok(()),
            Known::Base(version) => self.merges(before, version).await,
        }
    }

    /// Whether none of the fields named in the input changed since `base`.
    async fn merges(&self, before: &Record, base: u64) -> Result<(), Problem> {
        if base == 0 || base > before.version() {
            let text = format!(
                "There is no version {base} of this record to merge with. Read it, and send the \
                 version that you read."
            );
            return Err(Problem::malformed("unknown_base_version", text));
        }
        let events = self.snapshot.events_of(before.id()).await.map_err(store_problem)?;
        let changed = history::changed_since(&events, before.id(), base);
        // A hidden field is refused as unknown later; that it changed is not said.
        let readable =
            |name: &str| self.entity.slot(name).is_some_and(|slot| self.plan.readable()[slot]);
        let mine = self.command.input.values.iter().map(|(name, _)| name);
        let clashes: Vec<FieldProblem> = mine
            .filter(|name| changed.contains(name.as_str()) && readable(name))
            .map(|name| {
                let text = format!("was changed by someone else since version {base}");
                FieldProblem::new(format!("/{name}"), "changed_meanwhile", text)
            })
            .collect();
        if clashes.is_empty() {
            return Ok(());
        }
        let text = "Someone else changed the same fields. Read the record and decide.";
        Err(Problem::conflict("merge_conflict", text).with(clashes))
    }
}

/// A new record with its id, defaults and first state.
fn first_draft(scoped: &Scoped<'_>) -> Record {
    let source = &scoped.runtime.source;
    let mut record = Record::empty(scoped.entity.clone());
    record.values[slot::ID] = scoped.new_id.unwrap_or_else(|| source.id()).into();
    record.values[slot::STATE] = scoped.entity.first_state().into();
    let within = |id: &Uuid| scoped.call.companies.as_ref().is_none_or(|all| all.contains(id));
    let mut companies = scoped.facts.companies.iter().filter(|company| within(&company.id));
    let company = match (companies.next(), companies.next()) {
        (Some(only), None) if scoped.entity.per_company => Some(only),
        _ => None,
    };
    record.values[slot::COMPANY] = company.map(|company| company.id).into();
    let now = source.clock.now();
    for (slot, field) in scoped.entity.fields.iter().enumerate() {
        match &field.default {
            None => {}
            Some(schema::Default::Value(value)) => record.values[slot] = value.clone(),
            Some(schema::Default::Now) => record.values[slot] = now.into(),
            Some(schema::Default::Actor) => record.values[slot] = scoped.call.actor.user().into(),
            Some(schema::Default::Today) => {
                let zone = company.map_or("UTC", |company| company.zone.as_str());
                record.values[slot] = now.date_in(zone).into();
            }
        }
    }
    record
}

/// Puts the client's values into the draft; what may not be set becomes a problem.
fn apply(
    scoped: &Scoped<'_>,
    input: &Input,
    record: &mut Record,
    problems: &mut Vec<FieldProblem>,
) {
    let entity = &scoped.entity;
    for (name, value) in &input.values {
        if entering::take(scoped, name, value, record, problems) {
            continue;
        }
        let pointer = || format!("/{name}");
        let known = entity.slot(name).filter(|&slot| {
            let declared =
                !matches!(slot, slot::STATE | slot::COMPANY | slot::NUMBER) || entity.shows(slot);
            declared && (entity.fields[slot].secret || scoped.plan.readable()[slot])
        });
        let Some(slot) = known else {
            problems.push(scoped.unknown_field(name));
            continue;
        };
        let field = &entity.fields[slot];
        let mut value = if field.kind.merges() {
            crate::field::merge(&record.values[slot], value.clone())
        } else {
            value.clone()
        };
        if let Some(mask) = scoped.plan.lines().iter().find(|lines| lines.slot == slot) {
            let registry = &scoped.runtime.registry;
            problems.extend(lines::keep(&mut value, &record.values[slot], mask, registry, field));
        }
        let fixed = field.read_only || !scoped.plan.may_write(slot);
        if !fixed {
            record.values[slot] = value;
        } else if record.values[slot] != value || scoped.before.is_none() {
            let text = "is set by the platform and cannot be changed";
            problems.push(FieldProblem::new(pointer(), "read_only", text));
        }
    }
}

/// Puts values back that the record had, whoever may set them.
fn put_back(input: &Input, record: &mut Record) {
    for (name, value) in &input.values {
        if let Some(slot) = record.entity.slot(name) {
            record.values[slot] = value.clone();
        }
    }
}

/// Moves the record along its states, if the act is such a move.
fn step_state(entity: &Entity, act: &str, record: &mut Record) -> Result<(), Problem> {
    let Some(states) = &entity.states else { return Ok(()) };
    let mut moves = states.moves.iter().filter(|known| known.act == act).peekable();
    if moves.peek().is_none() {
        return Ok(());
    }
    let state = record.state().unwrap_or_default().to_owned();
    match moves.clone().find(|known| known.from == state) {
        Some(found) => {
            record.values[slot::STATE] = Value::from(found.to.as_str());
            Ok(())
        }
        None => {
            let from: Vec<&str> = moves.map(|known| known.from.as_str()).collect();
            let text = format!(
                "{act} is possible while the record is {}; it is {state}.",
                from.join(" or ")
            );
            Err(Problem::conflict("wrong_state", text))
        }
    }
}

/// Fills the computed fields, those of the lines first, in the order of their slots.
fn compute(work: &mut Work<'_>, rounding: Rounding) {
    lines::compute(work, rounding);
    let entity = work.record.entity.clone();
    for (slot, field) in entity.fields.iter().enumerate() {
        if let Some(rule) = field.computed {
            let values = &work.record.values;
            let computing = Computing { entity: &entity, values, parent: None, rounding };
            work.record.values[slot] = rule(&computing);
        }
    }
}

/// How amounts of a record are rounded: as its company does; as the organisation's first company
/// does where a record is of none.
fn rounding(facts: &OrgFacts, record: &Record) -> Rounding {
    let its = facts.companies.iter().find(|company| record.company() == Some(company.id));
    its.or(facts.companies.first()).map_or(Rounding::HalfUp, |company| company.rounding)
}
