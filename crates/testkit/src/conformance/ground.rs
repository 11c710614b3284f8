//! What the suite works on: a world, who asks in it, and records made from the schema.

use super::{Hand, value};
use crate::world::{World, view};
use kernel::command::{History, Known, Verb};
use kernel::log::verify::Verifier;
use kernel::rights::ADMINISTRATOR;
use kernel::schema::{Scope, slot};
use kernel::{
    Answer, Call, Command, Entity, FieldProblem, Input, Kind, Problem, Query, Record, View,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use types::{Uuid, Value};

/// How often a refused value is left out before the record counts as impossible.
const TRIES: usize = 12;

/// A world, and what was made in it.
pub(super) struct Ground<'w> {
    pub world: &'w World,
    hands: &'w [Hand],
    /// Records that links lead to, by entity.
    targets: HashMap<String, Uuid>,
    /// Optional fields that a rule of the service refused, by entity and field: left out since.
    left_out: BTreeMap<(String, String), String>,
    /// Commands that were committed, by organisation and service.
    committed: HashMap<(Uuid, String), u64>,
    number: u64,
    checks: u64,
}

impl<'w> Ground<'w> {
    pub fn new(world: &'w World, hands: &'w [Hand]) -> Ground<'w> {
        let (targets, left_out, committed) = Default::default();
        Ground { world, hands, targets, left_out, committed, number: 0, checks: 0 }
    }

    /// Says what was left out; how many checks were made.
    pub fn finish(&self) -> u64 {
        let mut said = BTreeSet::new();
        for ((entity, field), code) in &self.left_out {
            if said.insert((entity, field)) {
                println!("left out: {entity}.{field} ({code})");
            }
        }
        self.checks
    }

    /// Counts a check that held.
    pub fn checked(&mut self, holds: bool, says: impl FnOnce() -> String) {
        assert!(holds, "{}", says());
        self.checks += 1;
    }

    pub fn hand(&self, entity: &Entity) -> Option<&'w Hand> {
        let name = entity.full_name();
        self.hands.iter().find(|hand| hand.entity == name)
    }

    /// Whether a verb of the entity may be refused for want of more than generated values.
    pub fn may_refuse(&self, entity: &Entity, verb: &str) -> bool {
        self.hand(entity).is_some_and(|hand| hand.refuses.contains(&verb))
    }

    /// The organisation that the entity's records live in.
    pub fn org(&self, entity: &Entity) -> Uuid {
        match entity.scope {
            Scope::Org => self.world.org,
            Scope::System => contracts::SYSTEM_ORG,
        }
    }

    /// A call by someone with these roles.
    pub fn call(&self, entity: &Entity, roles: &[&str]) -> Call {
        let org = self.org(entity);
        let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
        Call { org, roles: roles.into(), ..self.world.stranger() }
    }

    /// A call by who may do everything: an administrator, or the platform where only it may.
    pub fn master(&self, entity: &Entity) -> Call {
        match self.hand(entity).is_some_and(|hand| hand.by_platform) {
            true => self.world.system(self.org(entity)),
            false => self.call(entity, &[ADMINISTRATOR]),
        }
    }

    /// Executes a command and counts it if it is committed. A dry run before it says what it then
    /// comes to, and leaves nothing behind that a command or the log would show.
    pub async fn execute(
        &mut self,
        call: Call,
        entity: &Entity,
        verb: Verb,
        input: Input,
    ) -> Result<Answer, Problem> {
        let key = (call.org, entity.service.clone());
        let command = Command { entity: entity.full_name(), verb, input };
        let dry = Call { dry_run: true, ..call.clone() };
        let said = self.world.execute(dry, command.clone()).await;
        let done = self.world.execute(call, command.clone()).await;
        let fits = foretells(&command.input, &said, &done);
        self.checked(fits, || format!("{command:?}: a dry run says {said:?}, and then {done:?}"));
        let answer = done?;
        *self.committed.entry(key).or_default() += 1;
        Ok(answer)
    }

    /// Executes commands together and counts their one event, if any is committed.
    pub async fn batch(
        &mut self,
        call: Call,
        entity: &Entity,
        commands: Vec<Command>,
    ) -> Result<Vec<Result<Answer, Problem>>, Problem> {
        let key = (call.org, entity.service.clone());
        let peers = &self.world.peers;
        let done = peers.execute_all(&entity.service, call, commands, "batch", false).await?;
        if done.iter().any(Result::is_ok) {
            *self.committed.entry(key).or_default() += 1;
        }
        Ok(done)
    }

    /// Takes a command out of the count that left no event.
    pub fn uncount(&mut self, org: Uuid, entity: &Entity) {
        if let Some(count) = self.committed.get_mut(&(org, entity.service.clone())) {
            *count -= 1;
        }
    }

    /// Reads a record.
    pub async fn get(&self, call: Call, entity: &Entity, id: Uuid) -> Result<View, Problem> {
        let query = Query::Get { entity: entity.full_name(), id, known_at: None };
        self.world.ask(call, query).await.map(view)
    }

    /// What happened to a record, the newest first.
    pub async fn history(&self, call: Call, entity: &Entity, id: Uuid) -> Result<History, Problem> {
        let (entity, page_token) = (entity.full_name(), String::new());
        let query = Query::History { entity, id, page_size: 1000, page_token };
        match self.world.ask(call, query).await? {
            Answer::History(history) => Ok(history),
            other => panic!("a history answered {other:?}"),
        }
    }

    /// How many events touched a record.
    pub async fn events_of(&self, record: &Record) -> usize {
        let entity = &record.entity;
        let store = self.world.store(self.org(entity), &entity.service).await;
        let snapshot = store.unwrap_or_else(|why| panic!("{why}")).snapshot().await;
        let snapshot = snapshot.unwrap_or_else(|why| panic!("{why}"));
        snapshot.events_of(record.id()).await.unwrap_or_else(|why| panic!("{why}")).len()
    }

    /// Values for every field of a new record that a client may set.
    pub async fn input(&mut self, entity: &Arc<Entity>) -> Input {
        self.number += 1;
        let number = self.number;
        let mut input = Input::new();
        for (at, field) in entity.fields.iter().enumerate() {
            let own = at >= slot::FIRST || at == slot::EXTERNAL_IDS;
            if !own || field.read_only || self.is_left_out(entity, &field.name) {
                continue;
            }
            if let Some(value) = Box::pin(self.value(entity, at, number)).await {
                input = input.set(&field.name, value);
            }
        }
        let Some(hand) = self.hand(entity) else { return input };
        for (name, value) in (hand.values)(number) {
            input.values.retain(|(known, _)| known != name);
            if !value.is_null() {
                input = input.set(name, value);
            }
        }
        input
    }

    fn is_left_out(&self, entity: &Entity, field: &str) -> bool {
        self.left_out.contains_key(&(entity.full_name(), field.to_owned()))
    }

    /// A value for a field: generated, a record that is made first, or one line.
    async fn value(&mut self, entity: &Arc<Entity>, at: usize, number: u64) -> Option<Value> {
        match entity.fields[at].kind.clone() {
            Kind::Link { entity: target, .. } => self.target(entity, &target).await.map(Value::Id),
            Kind::Links { entity: target } => {
                self.target(entity, &target).await.map(|id| Value::List(vec![Value::Id(id)]))
            }
            Kind::Children { entity: line } => {
                let line = self.world.registry.get(&line)?.clone();
                let mut row = vec![Value::Null; line.fields.len()];
                for (slot, field) in line.fields.iter().enumerate().skip(slot::FIRST) {
                    if !field.read_only && !self.is_left_out(&line, &field.name) {
                        let value = Box::pin(self.value(&line, slot, number)).await;
                        row[slot] = value.unwrap_or_default();
                    }
                }
                Some(Value::Rows(vec![row]))
            }
            // A switch stands as it usually does: documents take active partners only.
            Kind::Boolean if entity.fields[at].default.is_some() => None,
            _ => value::of(&entity.fields[at], at, number),
        }
    }

    /// The record that links to an entity lead to; none yet while it is being made itself.
    async fn target(&mut self, from: &Entity, name: &str) -> Option<Uuid> {
        let target = self.world.registry.get(name).cloned();
        let Some(target) = target.filter(|target| target.service == from.service) else {
            // What another service owns is linked to by scenarios that have both.
            return (from.scope == Scope::System).then(|| value::foreign(self.number));
        };
        if let Some(id) = self.targets.get(name) {
            return (!id.is_nil()).then_some(*id);
        }
        self.targets.insert(name.to_owned(), Uuid::nil());
        let made = Box::pin(self.make(&target)).await;
        self.targets.insert(name.to_owned(), made.id());
        Some(made.id())
    }

    /// Makes a record from generated values, leaving out optional ones that a rule refuses.
    ///
    /// # Panics
    /// When it is refused whatever is left out: then the entity needs a [`Hand`].
    pub async fn make(&mut self, entity: &Arc<Entity>) -> Record {
        self.make_with(entity).await.1
    }

    /// As [`Ground::make`], with the values that were sent.
    pub async fn make_with(&mut self, entity: &Arc<Entity>) -> (Input, Record) {
        for _ in 0..TRIES {
            let input = self.input(entity).await;
            let call = self.master(entity);
            let refused = match self.execute(call, entity, Verb::Create, input.clone()).await {
                Ok(answer) => return (input, view(answer).record),
                Err(problem) => problem,
            };
            let known = refused.errors.iter().any(|error| self.leave_out(entity, error));
            assert!(known, "{} cannot be made and needs a hand: {refused}\n{input:?}", entity.name);
        }
        panic!("{} cannot be made after {TRIES} tries", entity.name)
    }

    /// Leaves an optional field out from now on; whether it was not out before.
    fn leave_out(&mut self, entity: &Arc<Entity>, error: &FieldProblem) -> bool {
        let mut parts = error.pointer.trim_start_matches('/').split('/');
        let name = parts.next().unwrap_or_default();
        let Some(field) = entity.field_named(name) else { return false };
        if let (Kind::Children { entity: line }, Some(_), Some(inner)) =
            (&field.kind, parts.next(), parts.next())
        {
            let line = self.world.registry.get(line).cloned();
            let at = FieldProblem { pointer: format!("/{inner}"), ..error.clone() };
            return line.is_some_and(|line| self.leave_out(&line, &at));
        }
        let key = (entity.full_name(), name.to_owned());
        !field.required && self.left_out.insert(key, error.code.clone()).is_none()
    }

    /// Another value for a field that a client may change, none if there is none such.
    pub async fn change(
        &mut self,
        entity: &Arc<Entity>,
        before: &Record,
        at: usize,
    ) -> Option<Input> {
        let field = &entity.fields[at];
        let linked = matches!(
            field.kind,
            Kind::Link { .. } | Kind::Links { .. } | Kind::Children { .. } | Kind::Custom
        );
        if field.read_only || field.secret || linked || self.is_left_out(entity, &field.name) {
            return None;
        }
        let value = (1..4).filter_map(|more| value::of(field, at, self.number + more));
        let value = value.into_iter().find(|value| *value != before.values[at])?;
        self.number += 3;
        Some(Input::new().set(&field.name, value))
    }

    /// Nothing is known of a record's version.
    pub fn update(id: Uuid) -> Verb {
        Verb::Update { id, known: Known::Nothing }
    }

    /// Deletes whatever version there is.
    pub fn delete(id: Uuid) -> Verb {
        Verb::Delete { id, known: Known::Nothing }
    }

    /// Does an act on whatever version there is.
    pub fn act(id: Uuid, act: &str) -> Verb {
        Verb::Act { id, act: act.to_owned(), known: Known::Nothing }
    }

    /// The logs of a service hold one event for each command, and verify against the heads that
    /// were published.
    pub async fn log_verifies(&mut self, service: &str) {
        self.world.settle().await;
        let committed: Vec<(Uuid, u64)> = self
            .committed
            .iter()
            .filter(|((_, owner), _)| owner == service)
            .map(|((org, _), count)| (*org, *count))
            .collect();
        for (org, count) in committed {
            let store = self.world.store(org, service).await.unwrap_or_else(|why| panic!("{why}"));
            let published = self.world.ground().signer.published();
            let key = self.world.keys.public_key();
            let mut verifier = Verifier::new(org, service, key, &published);
            let (mut after, mut commands) = (0, 0);
            loop {
                let entries = store.log(after, 500).await.unwrap_or_else(|why| panic!("{why}"));
                let Some(last) = entries.last() else { break };
                after = last.position;
                for entry in &entries {
                    verifier.entry(entry);
                    let event = kernel::log::Event::parse(&entry.bytes);
                    let event = event.unwrap_or_else(|why| panic!("{why}"));
                    // What the kernel keeps for itself changes beside what was asked for.
                    let seen = event
                        .changes
                        .iter()
                        .any(|change| self.world.registry.get(&change.entity).is_some());
                    commands += u64::from(seen && !event.reason.starts_with("effect of"));
                }
            }
            let head = store.head().await.unwrap_or_else(|why| panic!("{why}"));
            let findings = verifier.finish(head.as_ref());
            self.checked(findings.is_empty(), || format!("{service}: {findings:?}"));
            self.checked(commands == count, || {
                format!("{service}: {count} commands and {commands} events")
            });
        }
    }
}

/// Whether a dry run said what the command came to.
fn foretells(
    input: &Input,
    said: &Result<Answer, Problem>,
    done: &Result<Answer, Problem>,
) -> bool {
    match (said, done) {
        (Ok(Answer::Record(said)), Ok(Answer::Record(done))) => {
            let (mut values, mut others) = (plain(&said.record), plain(&done.record));
            // A command may make another record and link to it, which then has an id of its own.
            let is_sent = |id: &Value| input.values.iter().any(|(_, value)| value == id);
            let both = values.iter_mut().zip(&mut others);
            both.filter(|(a, b)| a.as_id().is_some() && b.as_id().is_some() && !is_sent(a))
                .for_each(|(a, b)| *a = b.clone());
            (values, &said.readable) == (others, &done.readable)
        }
        (Ok(Answer::Consequences(_)), Ok(Answer::Done)) => true,
        (Ok(Answer::Draft(draft)), Err(problem)) => draft.problem == *problem,
        (Err(said), Err(done)) => said == done,
        _ => false,
    }
}

/// A record's values without what each command makes anew: ids, version, number, times.
fn plain(record: &Record) -> Vec<Value> {
    const NEW: [usize; 5] =
        [slot::ID, slot::VERSION, slot::NUMBER, slot::CREATED_AT, slot::UPDATED_AT];
    let mut values = record.values.clone();
    NEW.iter().for_each(|slot| values[*slot] = Value::Null);
    for value in &mut values {
        let Value::Rows(rows) = value else { continue };
        for row in rows {
            NEW.iter().for_each(|slot| row[*slot] = Value::Null);
        }
    }
    values
}
