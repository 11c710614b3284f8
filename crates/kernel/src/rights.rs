//! Rights: rules compiled to a plan for each class of actors and entity.
//!
//! A plan answers three questions with one compilation: which records exist for the actor (a
//! predicate that becomes SQL), which of their fields (a mask), and which verbs it may use on
//! which record. Deny wins. Every surface reads the same plan.

use crate::command::{Actor, Call, LinesSeen};
use crate::env;
use crate::field::{Entities, Kind};
use crate::problem::Problem;
use crate::record::Record;
use crate::schema::{Entity, Predicate};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use types::{Instant, Uuid};

/// The role that may do everything in its organisation.
pub const ADMINISTRATOR: &str = "administrator";

/// The role that every member of an organisation has, beside the roles that it was given.
pub const EVERYONE: &str = "everyone";

/// One rule: a role, an entity, a verb, and what it allows or denies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What `explain` calls it: a grant's id, or `default`.
    pub name: String,
    /// The role, in snake case.
    pub role: String,
    /// The entity's full name, or `*`.
    pub entity: String,
    /// `read`, `create`, `update`, `delete`, an act, or `*`.
    pub verb: String,
    /// Whether the rule allows or denies.
    pub allow: bool,
    /// An expression that must hold for the record; empty for every record.
    pub condition: String,
    /// Fields that the role cannot see.
    pub hidden: Vec<String>,
    /// Fields that the role cannot change.
    pub read_only: Vec<String>,
}

/// A company as the kernel needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyFacts {
    /// The company's record.
    pub id: Uuid,
    /// Its time zone, an IANA name.
    pub zone: String,
    /// Its currency, an ISO 4217 code.
    pub currency: String,
    /// How amounts that do not fit their currency are rounded.
    pub rounding: types::Rounding,
}

/// What an organisation decided and every command needs to know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrgFacts {
    /// Changes whenever anything else here does.
    pub epoch: u64,
    /// The organisation's own rules; the entities' defaults hold for roles that it left alone.
    pub rules: Vec<Rule>,
    /// Its companies.
    pub companies: Vec<CompanyFacts>,
}

/// Finds an organisation's facts, cached by whoever implements it.
#[async_trait]
pub trait Facts: Send + Sync + 'static {
    /// The facts of `org` as they are now.
    async fn of(&self, org: Uuid) -> Result<Arc<OrgFacts>, Problem>;
}

/// What one class of actors may do with one entity.
pub struct Plan {
    entity: Arc<Entity>,
    everything: bool,
    allow: Vec<Clause>,
    deny: Vec<Clause>,
    see: Vec<Predicate>,
    blind: bool,
    readable: Arc<[bool]>,
    writable: Vec<bool>,
    lines: Vec<Lines>,
    lines_seen: Arc<[LinesSeen]>,
    companies: Option<Vec<Uuid>>,
}

/// What the actor may read and change of the lines in a field.
pub struct Lines {
    /// The field that holds them.
    pub slot: usize,
    /// The entity of the lines.
    pub entity: Arc<Entity>,
    /// The slots of a line that the actor may read.
    pub readable: Vec<bool>,
    /// The slots of a line that the actor may change.
    pub writable: Vec<bool>,
}

struct Clause {
    rule: String,
    verb: String,
    condition: Option<Predicate>,
    /// The condition as it is written; empty for none.
    text: String,
}

impl Clause {
    fn covers(&self, verb: &str) -> bool {
        self.verb == verb || self.verb == "*"
    }

    fn holds(&self, record: Option<&Record>, call: &Call, now: Instant) -> bool {
        match (&self.condition, record) {
            (None, _) => true,
            (Some(condition), Some(record)) => env::holds(condition, record, call, now),
            (Some(_), None) => false,
        }
    }
}

/// Whether something is allowed, and the rule that decided; no rule means none allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it may be done.
    pub allowed: bool,
    /// The rule's name.
    pub by: Option<String>,
}

impl Plan {
    /// Compiles the rules that speak of `entity` and one of `roles`.
    ///
    /// # Errors
    /// 500 when a stored condition does not compile any more, naming the rule.
    pub fn compile(
        entity: &Arc<Entity>,
        roles: &[String],
        companies: Option<&[Uuid]>,
        own: &[Rule],
        entities: &dyn Entities,
    ) -> Result<Plan, Problem> {
        let everything = roles.iter().any(|role| role == ADMINISTRATOR);
        let everyone = EVERYONE.to_owned();
        let roles: Vec<&String> = roles.iter().chain([&everyone]).collect();
        let rules: Vec<Rule> = roles.iter().flat_map(|role| rules_of(role, entity, own)).collect();
        let clause = |rule: &Rule| -> Result<Clause, Problem> {
            let condition = match rule.condition.as_str() {
                "" => None,
                text => Some(env::predicate(entity, text, entities).map_err(|problem| {
                    Problem::internal(format!("rule {}: {problem}", rule.name))
                })?),
            };
            let (name, verb, text) = (rule.name.clone(), rule.verb.clone(), rule.condition.clone());
            Ok(Clause { rule: name, verb, condition, text })
        };
        let (allow, deny): (Vec<&Rule>, Vec<&Rule>) = rules.iter().partition(|rule| rule.allow);
        let allow = allow.into_iter().map(clause).collect::<Result<Vec<_>, _>>()?;
        let deny = deny.into_iter().map(clause).collect::<Result<Vec<_>, _>>()?;
        let (mut see, mut blind) = visible(entity, everything, &rules, entities)?;
        if let (Some(companies), true) = (companies, entity.per_company) {
            blind |= companies.is_empty();
            see.push(env::one_of(entity, crate::schema::slot::COMPANY, companies, entities)?);
        }
        let (readable, writable) = masks(entity, everything, &rules);
        let mut lines = Vec::new();
        for (slot, field) in entity.fields.iter().enumerate() {
            let Kind::Children { entity: name } = &field.kind else { continue };
            let Some(line) = entities.entity(name) else { continue };
            let rules: Vec<Rule> =
                roles.iter().flat_map(|role| rules_of(role, &line, own)).collect();
            let (readable, writable) = masks(&line, everything, &rules);
            lines.push(Lines { slot, entity: line, readable, writable });
        }
        let hides = |mask: &&Lines| {
            let shown = (0..mask.readable.len()).filter(|&at| mask.entity.shows(at));
            shown.into_iter().any(|at| !mask.readable[at])
        };
        let seen =
            |mask: &Lines| LinesSeen { slot: mask.slot, readable: mask.readable.as_slice().into() };
        let lines_seen = lines.iter().filter(hides).map(seen).collect();
        Ok(Plan {
            entity: entity.clone(),
            everything,
            allow,
            deny,
            see,
            blind,
            readable: readable.into(),
            writable,
            lines,
            lines_seen,
            companies: companies.filter(|_| entity.per_company).map(<[Uuid]>::to_vec),
        })
    }

    /// What must hold for a record to exist for the actor; none when nothing does.
    pub fn see(&self) -> Option<&[Predicate]> {
        (!self.blind).then_some(&self.see)
    }

    /// The slots that the actor may read.
    pub fn readable(&self) -> &Arc<[bool]> {
        &self.readable
    }

    /// Whether the actor may change the field in `slot`.
    pub fn may_write(&self, slot: usize) -> bool {
        self.writable[slot]
    }

    /// What the actor may read and change of the record's lines, by field.
    pub fn lines(&self) -> &[Lines] {
        &self.lines
    }

    /// What of the record's lines a view of it shows, where that is not all of them.
    pub fn lines_seen(&self) -> &Arc<[LinesSeen]> {
        &self.lines_seen
    }

    /// Whether the actor may do everything, as an administrator.
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// Whether the record lies in a company that the actor is not kept from.
    pub fn reaches(&self, record: &Record) -> bool {
        let within = |all: &Vec<Uuid>| record.company().is_some_and(|its| all.contains(&its));
        self.companies.as_ref().is_none_or(within)
    }

    /// Whether the full-text index holds words of this entity that the actor may not read.
    pub fn hides_words(&self) -> bool {
        let fields = self.entity.fields.iter().zip(self.readable.iter());
        fields.into_iter().any(|(field, readable)| field.searchable && !readable)
    }

    /// Whether the actor may use `verb` on `record` (none: on a record that is yet to be made).
    pub fn may(&self, verb: &str, record: Option<&Record>, call: &Call, now: Instant) -> Verdict {
        let find = |clauses: &[Clause]| {
            let found = clauses.iter().find(|c| c.covers(verb) && c.holds(record, call, now));
            found.map(|clause| clause.rule.clone())
        };
        if self.everything {
            return Verdict { allowed: true, by: Some(ADMINISTRATOR.to_owned()) };
        }
        if let Some(by) = find(&self.deny) {
            return Verdict { allowed: false, by: Some(by) };
        }
        let by = find(&self.allow);
        Verdict { allowed: by.is_some(), by }
    }

    /// Whether some record might allow `verb`: what a screen asks before it shows a button.
    pub fn might(&self, verb: &str) -> bool {
        let never = |clause: &Clause| clause.covers(verb) && clause.condition.is_none();
        let allows = self.allow.iter().any(|clause| clause.covers(verb));
        self.everything || allows && !self.deny.iter().any(never)
    }

    /// The first rule that allows `verb`, on some record at least.
    pub fn rule_of(&self, verb: &str) -> Option<&str> {
        let found = self.allow.iter().find(|clause| clause.covers(verb));
        found.map(|clause| clause.rule.as_str())
    }

    /// The expression that decides on which records the actor may use `verb`; none where it is the
    /// same for all records.
    pub fn condition_of(&self, verb: &str) -> Option<String> {
        if !self.might(verb) || self.everything {
            return None;
        }
        fn covering<'c>(clauses: &'c [Clause], verb: &'c str) -> impl Iterator<Item = &'c str> {
            let covering = clauses.iter().filter(move |clause| clause.covers(verb));
            covering.map(|clause| clause.text.as_str())
        }
        let mut all: Vec<String> = Vec::new();
        if covering(&self.allow, verb).all(|text| !text.is_empty()) {
            let any: Vec<&str> = covering(&self.allow, verb).collect();
            all.push(match any.as_slice() {
                [only] => (*only).to_owned(),
                any => any.iter().map(|one| format!("({one})")).collect::<Vec<_>>().join(" || "),
            });
        }
        all.extend(covering(&self.deny, verb).map(|text| format!("!({text})")));
        match all.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            all => Some(all.iter().map(|one| format!("({one})")).collect::<Vec<_>>().join(" && ")),
        }
    }

    /// The right's name as error texts give it, `operations.customer:create`.
    pub fn right(&self, verb: &str) -> String {
        format!("{}:{verb}", self.entity.full_name())
    }
}

/// The slots of an entity that a role set may read, and those that it may change.
fn masks(entity: &Entity, everything: bool, rules: &[Rule]) -> (Vec<bool>, Vec<bool>) {
    let named = |slot: usize, lists: fn(&Rule) -> &Vec<String>| {
        let name = &entity.fields[slot].name;
        !everything && rules.iter().any(|rule| lists(rule).iter().any(|n| n == name))
    };
    let masks = (0..entity.fields.len()).map(|slot| {
        let hidden = named(slot, |rule| &rule.hidden);
        (entity.shows(slot) && !hidden, !hidden && !named(slot, |rule| &rule.read_only))
    });
    masks.unzip()
}

/// The organisation's rules of a role for an entity; the entity's defaults where it has none.
fn rules_of(role: &str, entity: &Entity, own: &[Rule]) -> Vec<Rule> {
    let full_name = entity.full_name();
    let of_role: Vec<&Rule> = own.iter().filter(|rule| rule.role == role).collect();
    if !of_role.is_empty() {
        let speaks = |rule: &&Rule| rule.entity == full_name || rule.entity == "*";
        return of_role.into_iter().filter(speaks).cloned().collect();
    }
    let defaults = entity.permits.iter().filter(|permit| permit.role == role);
    defaults
        .map(|permit| Rule {
            name: "default".to_owned(),
            role: role.to_owned(),
            entity: full_name.clone(),
            verb: permit.verb.clone(),
            allow: true,
            condition: permit.condition.clone(),
            hidden: permit.hidden.clone(),
            read_only: Vec::new(),
        })
        .collect()
}

/// The predicate of the records that exist for a role set, and whether none can.
fn visible(
    entity: &Arc<Entity>,
    everything: bool,
    rules: &[Rule],
    entities: &dyn Entities,
) -> Result<(Vec<Predicate>, bool), Problem> {
    if everything {
        return Ok((Vec::new(), false));
    }
    let reads = |allow: bool| {
        let fits =
            move |rule: &&Rule| rule.allow == allow && matches!(rule.verb.as_str(), "read" | "*");
        rules.iter().filter(fits)
    };
    if reads(true).count() == 0 || reads(false).any(|rule| rule.condition.is_empty()) {
        return Ok((Vec::new(), true));
    }
    let mut see = Vec::new();
    if reads(true).all(|rule| !rule.condition.is_empty()) {
        let any: Vec<String> = reads(true).map(|rule| format!("({})", rule.condition)).collect();
        see.push(env::predicate(entity, &any.join(" || "), entities)?);
    }
    for rule in reads(false) {
        see.push(env::predicate(entity, &format!("!({})", rule.condition), entities)?);
    }
    Ok((see, false))
}

/// The most plans that are kept.
const MAX_PLANS: usize = 10_000;

/// What identifies a plan: organisation, epoch of its rules, roles, companies, and where the
/// entity lies. A plan holds its entity, so that nothing else can come to lie there.
type PlanKey = (Uuid, u64, Arc<[String]>, Option<Arc<[Uuid]>>, usize);

/// Plans, compiled once for each class of actors.
///
/// Every command and every query asks for one, so finding it is one look into one map.
#[derive(Default)]
pub struct Plans {
    known: RwLock<HashMap<PlanKey, Arc<Plan>>>,
}

impl Plans {
    /// The plan of who asks, for an entity.
    ///
    /// # Errors
    /// 500 when a stored rule does not compile.
    pub fn of(
        &self,
        call: &Call,
        entity: &Arc<Entity>,
        facts: &OrgFacts,
        entities: &dyn Entities,
    ) -> Result<Arc<Plan>, Problem> {
        let place = Arc::as_ptr(entity).addr();
        let key = (call.org, facts.epoch, roles_of(call), call.companies.clone(), place);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(plan) = known {
            return Ok(plan);
        }
        let plan =
            Plan::compile(entity, &key.2, call.companies.as_deref(), &facts.rules, entities)?;
        let plan = Arc::new(plan);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Rules that changed leave the plans of their earlier epochs behind.
        if known.len() >= MAX_PLANS {
            known.clear();
        }
        known.insert(key, plan.clone());
        Ok(plan)
    }
}

/// The roles of who asks: the platform and its services act as administrators.
pub(crate) fn roles_of(call: &Call) -> Arc<[String]> {
    static OF_THE_PLATFORM: LazyLock<Arc<[String]>> =
        LazyLock::new(|| Arc::from([ADMINISTRATOR.to_owned()]));
    match call.actor {
        Actor::System | Actor::Service(_) => OF_THE_PLATFORM.clone(),
        Actor::User(_) | Actor::ApiKey { .. } => call.roles.clone(),
    }
}
