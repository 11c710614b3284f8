//! A service: its entities, checks, acts and contracts in the order they run, and the run time
//! that executes commands and queries against them.

use crate::command::{Actor, Answer, Call, Command, Input, Query};
use crate::env::Compiled;
use crate::field::Entities;
use crate::keys::Keys;
use crate::log::Event;
use crate::mirror::outside::Needs;
use crate::mirror::{self, Reference};
use crate::ports::{Change, Effect, Must, Placement, Premise, PremiseKey, Snapshot, Source, Store};
use crate::problem::{FieldProblem, Problem};
use crate::record::Record;
use crate::rights::{CompanyFacts, Facts, OrgFacts, Plans};
use crate::schema::{Declare, Entity};
pub use crate::write::undo::Undone;
use async_trait::async_trait;
use futures::future::BoxFuture;
use std::collections::HashMap;
use std::sync::Arc;
use types::Uuid;

/// A pure check of one change: all that is wrong with it.
pub type Rule = fn(&Case<'_>) -> Vec<FieldProblem>;

/// An act, or a check that reads other records: changes the work's record, records premises.
pub type Step = for<'a> fn(&'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>>;

/// Answers a contract call from another service: CBOR in, CBOR out.
pub type Handler = Arc<
    dyn for<'a> Fn(&'a Arc<Runtime>, Call, Vec<u8>) -> BoxFuture<'a, Result<Vec<u8>, Problem>>
        + Send
        + Sync,
>;

/// Takes in one event of another service's log, once.
pub type Listener =
    for<'a> fn(&'a Arc<Runtime>, &'a Delivery) -> BoxFuture<'a, Result<(), Problem>>;

/// Which of these records of the system organisation may be linked to from the call's.
pub type Linkable =
    for<'a> fn(&'a Arc<Runtime>, &'a Call, &'a [Uuid]) -> BoxFuture<'a, Result<Vec<Uuid>, Problem>>;

/// An event on its way to a listener.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The organisation whose log it is in.
    pub org: Uuid,
    /// The listener's name; with the position it makes the effect happen once.
    pub reader: String,
    /// The event's position in its log.
    pub position: u64,
    /// The event.
    pub event: Event,
}

/// What a pure check sees.
pub struct Case<'a> {
    /// What is done: `create`, `update` or the act's name.
    pub verb: &'a str,
    /// The record as it was; none for a new one.
    pub before: Option<&'a Record>,
    /// The record as it would become.
    pub after: &'a Record,
}

/// What an act works on.
pub struct Work<'a> {
    /// The circumstances.
    pub call: &'a Call,
    /// Time, ids and chance.
    pub source: &'a Source,
    /// The entities of all services.
    pub registry: &'a Registry,
    /// What the organisation decided.
    pub facts: Arc<OrgFacts>,
    /// The records as they are now.
    pub snapshot: &'a dyn Snapshot,
    /// What the client sent with the act.
    pub input: &'a Input,
    /// What is done.
    pub verb: &'a str,
    /// The record as it was; none for a new one.
    pub before: Option<Record>,
    /// The record as it becomes.
    pub record: Record,
    /// Changes to other records of the service, in the same commit.
    pub others: Vec<Change>,
    /// What was read and could change the answer.
    pub premises: Vec<Premise>,
    /// What is wrong; the check stage answers all of it together.
    pub problems: Vec<FieldProblem>,
    /// What other services must be asked before the command can be judged.
    pub(crate) needs: Needs,
}

impl Work<'_> {
    /// The company that the record belongs to; none where it belongs to no known one.
    pub fn company(&self) -> Option<&CompanyFacts> {
        self.facts.companies.iter().find(|company| Some(company.id) == self.record.company())
    }

    /// Reads a record of this service and makes its version (or absence) a premise.
    ///
    /// # Errors
    /// A [`Problem`] when the database cannot answer.
    pub async fn read(
        &mut self,
        entity: &Arc<Entity>,
        id: Uuid,
    ) -> Result<Option<Record>, Problem> {
        let found =
            self.snapshot.get(entity, id, &[]).await.map_err(crate::write::store_problem)?;
        let version = found.as_ref().map_or(0, Record::version);
        let key = PremiseKey::Record { entity: entity.full_name(), id };
        self.premises.push(Premise { key, must: Must::HaveVersion(version) });
        Ok(found)
    }
}

/// A service: what it owns and what it does.
#[derive(Default)]
pub struct Service {
    /// Its name, `operations`.
    pub name: String,
    /// Its entities.
    pub entities: Vec<Arc<Entity>>,
    /// What the kernel keeps for it: mirrors of what its records link to, uses of what it
    /// publishes.
    inner: Vec<Arc<Entity>>,
    /// What its records link to in other services, by full name.
    references: HashMap<String, Reference>,
    /// What it publishes of its own records, by full name.
    published: HashMap<String, Reference>,
    linkable: HashMap<String, Linkable>,
    rules: HashMap<String, Vec<Rule>>,
    steps: HashMap<String, Vec<Step>>,
    acts: HashMap<(String, String), Step>,
    handlers: HashMap<String, Handler>,
    listeners: Vec<(String, Listener)>,
}

impl Service {
    /// A service that owns nothing yet.
    pub fn new(name: &str) -> Service {
        Service { name: name.to_owned(), ..Service::default() }
    }

    /// Adds an entity.
    pub fn entity<E: Declare>(mut self) -> Service {
        self.entities.push(Arc::new(E::entity()));
        E::references().into_iter().for_each(|reference| self.refer(reference));
        self
    }

    /// Keeps mirrors of what a reference publishes, and follows its owner's log.
    fn refer(&mut self, reference: Reference) {
        let name = reference.full_name();
        if reference.owner == self.name || self.references.contains_key(&name) {
            return;
        }
        if !reference.system {
            let mut known = self.references.values().filter(|known| !known.system);
            let followed = known.any(|known| known.owner == reference.owner);
            if !followed {
                self.listeners.push((reference.owner.clone(), mirror::follow::follow));
            }
            let mirror = Arc::new(reference.mirror(&self.name));
            self.steps.entry(mirror.full_name()).or_default().push(mirror::once);
            self.inner.push(mirror);
        }
        self.references.insert(name, reference);
    }

    /// Publishes fields of an entity's records to the services that link to them.
    ///
    /// # Panics
    /// When the reference is to another service's entity.
    pub fn publish<E: Declare>(mut self, reference: Reference) -> Service {
        let name = reference.full_name();
        assert_eq!(name, E::entity().full_name(), "a reference to another entity");
        let uses = Arc::new(reference.uses());
        let (kept, once): (String, Step) = (uses.full_name(), mirror::once);
        self.inner.push(uses);
        self.steps.entry(kept.clone()).or_default().extend([once, mirror::of_a_record]);
        self.acts.insert((kept.clone(), mirror::REGISTER.to_owned()), mirror::register);
        self.acts.insert((kept, mirror::RELEASE.to_owned()), mirror::release);
        self.published.insert(name, reference);
        self
    }

    /// Says which records of an entity of the system organisation may be linked to from another.
    pub fn linkable<E: Declare>(mut self, linkable: Linkable) -> Service {
        self.linkable.insert(E::entity().full_name(), linkable);
        self
    }

    /// Adds a pure check of an entity's changes.
    pub fn check<E: Declare>(mut self, rule: Rule) -> Service {
        self.rules.entry(E::entity().full_name()).or_default().push(rule);
        self
    }

    /// Adds a check that reads other records, or prepares the record before it is checked.
    pub fn prepare<E: Declare>(mut self, step: Step) -> Service {
        self.steps.entry(E::entity().full_name()).or_default().push(step);
        self
    }

    /// Adds an act.
    pub fn act<E: Declare>(mut self, name: &str, step: Step) -> Service {
        self.acts.insert((E::entity().full_name(), name.to_owned()), step);
        self
    }

    /// Answers the contract calls of a name.
    pub fn handle(mut self, name: &str, handler: Handler) -> Service {
        self.handlers.insert(name.to_owned(), handler);
        self
    }

    /// Takes in the events of another service's log.
    pub fn listen(mut self, to_service: &str, listener: Listener) -> Service {
        self.listeners.push((to_service.to_owned(), listener));
        self
    }

    /// All entities that have tables: those that people see, and what the kernel keeps.
    pub fn stored(&self) -> impl Iterator<Item = &Arc<Entity>> {
        self.entities.iter().chain(&self.inner)
    }

    /// What the service's records link to in other services.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.references.values()
    }

    pub(crate) fn reference(&self, linked: &str) -> Option<&Reference> {
        self.references.get(linked)
    }

    /// What the service publishes of its own records.
    pub fn publishes(&self) -> impl Iterator<Item = &Reference> {
        self.published.values()
    }

    /// Whether the service says which records of an entity of the system organisation may be
    /// linked to.
    pub fn says_linkable(&self, entity: &str) -> bool {
        self.linkable.contains_key(entity)
    }

    /// What the service publishes of an entity's records.
    pub fn published(&self, entity: &str) -> Option<&Reference> {
        self.published.get(entity)
    }

    pub(crate) fn linkable_of(&self, entity: &str) -> Option<Linkable> {
        self.linkable.get(entity).copied()
    }

    /// The listeners and the services that they listen to.
    pub fn listeners(&self) -> &[(String, Listener)] {
        &self.listeners
    }

    pub(crate) fn rules(&self, entity: &str) -> &[Rule] {
        self.rules.get(entity).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn steps(&self, entity: &str) -> &[Step] {
        self.steps.get(entity).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn step_of_act(&self, entity: &str, act: &str) -> Option<Step> {
        self.acts.get(&(entity.to_owned(), act.to_owned())).copied()
    }

    /// Names of the acts that an entity has beside the moves between its states.
    pub fn acts_of(&self, entity: &str) -> Vec<String> {
        let mut names: Vec<String> = self
            .acts
            .keys()
            .filter(|(owner, _)| owner == entity)
            .map(|(_, act)| act.clone())
            .collect();
        names.sort();
        names
    }
}

/// The entities of all services, by full name and by path. What the kernel keeps for itself is
/// found by [`Registry::target`], [`Registry::uses`] and [`Registry::stored`] only.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    by_name: HashMap<String, Arc<Entity>>,
    by_path: HashMap<(String, String), Arc<Entity>>,
    in_order: Vec<Arc<Entity>>,
    stored: Vec<Arc<Entity>>,
    inner: HashMap<String, Arc<Entity>>,
}

impl Registry {
    /// The registry of these entities, in their order.
    pub fn new(entities: impl IntoIterator<Item = Arc<Entity>>) -> Registry {
        let mut registry = Registry::default();
        for entity in entities {
            registry.stored.push(entity.clone());
            if entity.inner.is_some() {
                registry.inner.insert(entity.full_name(), entity);
                continue;
            }
            let path = (entity.service.clone(), entity.plural.clone());
            registry.by_name.insert(entity.full_name(), entity.clone());
            registry.by_path.insert(path, entity.clone());
            registry.in_order.push(entity);
        }
        registry
    }

    /// What is wrong with the conditions of fields, each with its place: an expression that does
    /// not compile, a field that is needed although it may not be shown.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for entity in &self.in_order {
            for field in &entity.fields {
                let place = format!("{}.{}", entity.full_name(), field.name);
                for (rule, text) in field.conditions.all() {
                    if let Err(problem) = crate::env::predicate(entity, text, self) {
                        faults.push(format!("{place}: {rule}: {problem}"));
                    }
                }
                if field.required && !field.conditions.visible_if.is_empty() {
                    faults.push(format!("{place}: is always required and not always shown"));
                }
            }
        }
        faults
    }

    /// The entity of a full name, `operations.customer`.
    pub fn get(&self, full_name: &str) -> Option<&Arc<Entity>> {
        self.by_name.get(full_name)
    }

    /// The entity of a path, `operations` and `customers`.
    pub fn at_path(&self, service: &str, plural: &str) -> Option<&Arc<Entity>> {
        self.by_path.get(&(service.to_owned(), plural.to_owned()))
    }

    /// All entities, in the order of their declaration.
    pub fn all(&self) -> &[Arc<Entity>] {
        &self.in_order
    }

    /// All that have tables: [`Registry::all`], and what the kernel keeps for itself.
    pub fn stored(&self) -> &[Arc<Entity>] {
        &self.stored
    }

    /// The entity of a full name, whether people see it or the kernel keeps it for itself.
    pub(crate) fn known(&self, full_name: &str) -> Option<&Arc<Entity>> {
        self.by_name.get(full_name).or_else(|| self.inner.get(full_name))
    }

    /// The entity that holds, in a service's own database, what a link to `linked` leads to: the
    /// entity itself where the service owns it, else the service's mirror of it, else none.
    ///
    /// Records of the system organisation have no mirror, and an entity of that scope is not in
    /// the database of any other organisation, even where the service owns it.
    pub fn target(&self, service: &str, linked: &str) -> Option<Arc<Entity>> {
        match self.by_name.get(linked) {
            Some(own) if own.service == service => Some(own.clone()),
            _ => self.inner.get(&mirror::mirror_name(service, linked)).cloned(),
        }
    }

    /// The entity that says which services use the records of `linked`; none where its owner
    /// publishes nothing of it.
    pub(crate) fn uses(&self, linked: &str) -> Option<&Arc<Entity>> {
        self.inner.get(&mirror::use_name(linked))
    }
}

impl Entities for Registry {
    fn entity(&self, full_name: &str) -> Option<Arc<Entity>> {
        self.get(full_name).cloned()
    }
}

/// How a service reaches the others, and the gateway all of them.
#[async_trait]
pub trait Peers: Send + Sync + 'static {
    /// Executes a command at the service that owns its entity.
    async fn execute(&self, call: Call, command: Command) -> Result<Answer, Problem>;
    /// Answers a query at a service.
    async fn ask(&self, service: &str, call: Call, query: Query) -> Result<Answer, Problem>;
    /// Executes commands of one service together, as one commit and one event: see
    /// [`Runtime::execute_all`].
    async fn execute_all(
        &self,
        service: &str,
        call: Call,
        commands: Vec<Command>,
        act: &str,
        all_or_nothing: bool,
    ) -> Result<Vec<Result<Answer, Problem>>, Problem>;
    /// Takes back what a change set did at a service: see [`Runtime::undo`].
    async fn undo(
        &self,
        service: &str,
        call: Call,
        change_set: Uuid,
        preview: bool,
    ) -> Result<Undone, Problem>;
    /// Makes a contract call: CBOR in, CBOR out.
    async fn contract(
        &self,
        service: &str,
        name: &str,
        call: Call,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Problem>;
}

/// A service at work: executes commands and answers queries.
pub struct Runtime {
    /// What it owns and does.
    pub service: Service,
    /// The entities of all services.
    pub registry: Arc<Registry>,
    /// Where records live.
    pub placement: Arc<dyn Placement>,
    /// Time, ids and chance.
    pub source: Source,
    /// The installation's keys.
    pub keys: Arc<Keys>,
    /// The other services.
    pub peers: Arc<dyn Peers>,
    /// What an organisation decided: rules, companies.
    pub facts: Arc<dyn Facts>,
    /// Compiled rights.
    pub plans: Plans,
    /// Compiled filters.
    pub compiled: Compiled,
}

impl Runtime {
    /// Changes something: see [`crate::write`].
    ///
    /// # Errors
    /// A [`Problem`] when the command is refused or the database cannot take it.
    pub async fn execute(
        self: &Arc<Self>,
        call: &Call,
        command: &Command,
    ) -> Result<Answer, Problem> {
        crate::write::execute(self, call, command, None).await
    }

    /// Executes commands together: those that are not refused become one commit and one event of
    /// the name `act`; each command's own answer or problem is in its place. With
    /// `all_or_nothing` the first refusal refuses all. Repeated under the same idempotency key
    /// it answers what the first time did.
    ///
    /// The commands do not see each other's changes; two that change one record are refused.
    ///
    /// # Errors
    /// A [`Problem`] of the whole.
    pub async fn execute_all(
        self: &Arc<Self>,
        call: &Call,
        commands: &[Command],
        act: &str,
        all_or_nothing: bool,
    ) -> Result<Vec<Result<Answer, Problem>>, Problem> {
        crate::write::execute_all(self, call, commands, act, all_or_nothing).await
    }

    /// Puts back what the events of a change set changed in this service, the newest first, under
    /// the rights of who asks; with `preview` only says what would happen. The change set of
    /// `call` takes the compensations; it must be another one.
    ///
    /// # Errors
    /// A [`Problem`] of the whole; what cannot be put back is among the conflicts.
    pub async fn undo(
        self: &Arc<Self>,
        call: &Call,
        change_set: Uuid,
        preview: bool,
    ) -> Result<Undone, Problem> {
        crate::write::undo::undo(self, call, change_set, preview).await
    }

    /// Changes something as the effect of a delivered event, once: a repeated delivery answers
    /// [`Answer::Done`] and changes nothing.
    ///
    /// # Errors
    /// As [`Runtime::execute`].
    pub async fn effect(
        self: &Arc<Self>,
        delivery: &Delivery,
        command: &Command,
    ) -> Result<Answer, Problem> {
        let call = Call::system(delivery.org, &format!("effect of {}", delivery.event.id));
        let effect = Effect { reader: delivery.reader.clone(), position: delivery.position };
        crate::write::execute(self, &call, command, Some(effect)).await
    }

    /// Reads something: see [`crate::read`].
    ///
    /// # Errors
    /// A [`Problem`] when the query is refused or the database cannot answer.
    pub async fn ask(&self, call: &Call, query: &Query) -> Result<Answer, Problem> {
        crate::read::ask(self, call, query).await
    }

    /// Answers a contract call.
    ///
    /// # Errors
    /// 404 for an unknown name, else what the handler answers.
    pub async fn contract(
        self: &Arc<Self>,
        name: &str,
        call: Call,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Problem> {
        if let Some(answer) = mirror::contract::answer(self, name, &call, &body).await {
            return answer;
        }
        match self.service.handlers.get(name) {
            Some(handler) => handler(self, call, body).await,
            None => Err(Problem::not_found("contract")),
        }
    }

    /// The store of this service in an organisation.
    ///
    /// # Errors
    /// 404 for an unknown organisation, 503 when it cannot be opened.
    pub async fn store(&self, org: Uuid) -> Result<Arc<dyn Store>, Problem> {
        self.placement.store(org, &self.service.name).await
    }

    /// The entity of a full name, if this service owns it; what the kernel keeps for itself is
    /// there for the system only.
    pub(crate) fn own_or_inner(
        &self,
        full_name: &str,
        actor: &Actor,
    ) -> Result<Arc<Entity>, Problem> {
        match self.registry.known(full_name) {
            Some(inner)
                if inner.inner.is_some()
                    && inner.service == self.service.name
                    && *actor == Actor::System =>
            {
                Ok(inner.clone())
            }
            _ => self.own(full_name),
        }
    }

    /// The entity of a full name, if this service owns it.
    ///
    /// # Errors
    /// 404 for any other.
    pub fn own(&self, full_name: &str) -> Result<Arc<Entity>, Problem> {
        match self.registry.get(full_name) {
            Some(entity) if entity.service == self.service.name => Ok(entity.clone()),
            _ => Err(Problem::not_found("entity")),
        }
    }
}
