//! Fills the organisation `demo`: three years of a wholesaler, made through the write path.
//!
//! The services' [steps](contracts::demo) run in order on a [driven clock](DrivenClock), so that
//! each event has the time at which it would have happened, and the person of its role as its
//! actor, who has the rights of that role and no others. Neighbouring steps of one kind that do
//! not build on each other are one commit.
//!
//! What was done stands in the logs of the organisation: a start that was killed midway is taken
//! up where it stopped. Who may sign in to it is added last, and marks it as complete.

use crate::outcome::Failure;
use crate::source::{self, DrivenClock};
use crate::wiring::Installation;
use contracts::SYSTEM_ORG;
use contracts::auth::SetPassword;
use contracts::demo::{Batch, Step, batches, in_order, resolve};
use contracts::platform::{CreateOrg, FindOrg, OrgFacts};
use contracts::users::{AddMember, CreateUser, MembershipIn, UserByEmail, UserFacts};
use kernel::log::Event;
use kernel::log::reading::{BATCH, Logs};
use kernel::ports::Source;
use kernel::rights::ADMINISTRATOR;
use kernel::service::Peers;
use kernel::{Actor, Answer, Call, Command};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use types::{Instant, Uuid};

/// The organisation's short name.
pub const SLUG: &str = "demo";
/// Its name, by which an organisation that others called `demo` is told from it.
const NAME: &str = "Sternberg & Daughters (demo)";
/// Who administers it, and it alone.
pub const EMAIL: &str = "demo@megalith.example";
/// The password of [`EMAIL`], known to everyone.
pub const PASSWORD: &str = "three years of trade";
/// Why its records were made; the events that carry it tell how far an earlier start came.
const REASON: &str = "the history of the demo";

/// The sample data of an organisation that wants to look around: a small company's people and
/// some months of its trade.
pub fn samples(today: Instant, currency: &str) -> Vec<Step> {
    let (sellers, buyers) = hr::demo::samples_who_trade();
    let mut steps = hr::demo::samples(today, operations::demo::PREFIX);
    steps.extend(operations::demo::samples(today, currency, &sellers, &buyers));
    steps
}

/// Makes the demo organisation unless it is complete; `progress` is told the steps done and all.
///
/// # Errors
/// When an organisation of its short name is not a demo, or the data cannot be written.
pub async fn fill(
    installation: &Installation,
    mut progress: impl FnMut(usize, usize),
) -> Result<(), Failure> {
    let peers = &*installation.link;
    let Some(org) = organisation(peers).await? else { return Ok(()) };
    let people = employ(peers).await?;
    let end = day_of(org.id);
    let histories = vec![
        hr::demo::plan(end),
        operations::demo::plan(end, &hr::demo::sellers(), &hr::demo::buyers()),
    ];
    let steps = in_order(histories);
    let total = steps.len();

    let clock = Arc::new(DrivenClock::default());
    let source = Source { clock: clock.clone(), ..source::system() };
    let (link, _alive) = installation.runtimes_on(source);
    let mut earlier = Earlier::default();
    for service in ["hr", "operations"] {
        earlier.read(&*installation.placement, org.id, service).await?;
    }
    let (mut known, mut done) = (HashMap::new(), 0);
    for batch in batches(steps) {
        done += batch.steps.len();
        if let Some(event) = earlier.next(&batch.service) {
            known.extend(made_by(&batch, &event)?);
            continue;
        }
        clock.set(batch.steps.last().map_or(end, |step| step.at));
        let commands: Vec<Command> =
            batch.steps.iter().map(|step| resolve(&step.command, &known)).collect();
        let user = people.get(batch.by).ok_or_else(|| nobody(batch.by))?;
        let call = Call {
            actor: Actor::User(*user),
            roles: Arc::from([batch.by.to_owned()]),
            ..Call::system(org.id, REASON)
        };
        let answers = link.execute_all(&batch.service, call, commands, &batch.act, true).await?;
        for (step, answer) in batch.steps.iter().zip(answers) {
            if let (Some(label), Answer::Record(view)) = (step.makes, answer?) {
                known.insert(label, view.record.id());
            }
        }
        progress(done, total);
    }
    for (role, user) in people {
        join(peers, &org, user, &role).await?;
    }
    admit(peers, &org).await
}

fn nobody(role: &str) -> Failure {
    Failure::Failed(format!("the demo has nobody with the role {role}"))
}

/// The users who keep the demo's records, by their roles. Nobody signs in as one of them until an
/// administrator gives them a password.
async fn employ(peers: &dyn Peers) -> Result<BTreeMap<String, Uuid>, Failure> {
    let mut people = BTreeMap::new();
    for colleague in hr::demo::colleagues() {
        let user = user_of(peers, &colleague.email, &colleague.name).await?;
        people.insert(colleague.role.to_owned(), user.id);
    }
    Ok(people)
}

/// The user of an e-mail, made if there is none.
async fn user_of(peers: &dyn Peers, email: &str, name: &str) -> Result<UserFacts, Failure> {
    if let Some(user) = user(peers, email).await? {
        return Ok(user);
    }
    let call = Call::system(SYSTEM_ORG, REASON);
    let request = CreateUser { email: email.to_owned(), name: name.to_owned(), locale: None };
    Ok(contracts::call::<CreateUser>(peers, call, &request).await?)
}

/// Makes a user a member of the demo.
async fn join(peers: &dyn Peers, org: &OrgFacts, user: Uuid, role: &str) -> Result<(), Failure> {
    let call = Call::system(SYSTEM_ORG, REASON);
    let roles = vec![role.to_owned()];
    let request = AddMember { user, org: org.id, roles, companies: None };
    contracts::call::<AddMember>(peers, call, &request).await?;
    Ok(())
}

/// The organisation to fill: a new one, or one that an earlier start left unfinished.
async fn organisation(peers: &dyn Peers) -> Result<Option<OrgFacts>, Failure> {
    let call = || Call::system(SYSTEM_ORG, REASON);
    let request = FindOrg { org: SLUG.to_owned() };
    let found = contracts::call::<FindOrg>(peers, call(), &request).await?;
    let Some(org) = found.filter(|org| org.state != "creating") else {
        let request = CreateOrg {
            slug: SLUG.to_owned(),
            name: NAME.to_owned(),
            country: None,
            currency: None,
            zone: None,
            placement: None,
        };
        return Ok(Some(contracts::call::<CreateOrg>(peers, call(), &request).await?));
    };
    if org.name != NAME {
        let text = "there is an organisation demo that --demo did not make; start without --demo";
        return Err(Failure::Failed(text.to_owned()));
    }
    Ok(if is_complete(peers, &org).await? { None } else { Some(org) })
}

async fn is_complete(peers: &dyn Peers, org: &OrgFacts) -> Result<bool, Failure> {
    let Some(user) = user(peers, EMAIL).await? else { return Ok(false) };
    let request = MembershipIn { user: user.id, org: org.id };
    let call = Call::system(SYSTEM_ORG, REASON);
    Ok(contracts::call::<MembershipIn>(peers, call, &request).await?.is_some())
}

async fn user(peers: &dyn Peers, email: &str) -> Result<Option<UserFacts>, Failure> {
    let request = UserByEmail { email: email.to_owned() };
    let call = Call::system(SYSTEM_ORG, REASON);
    Ok(contracts::call::<UserByEmail>(peers, call, &request).await?)
}

/// Makes the demo's administrator a member of the demo, and of nothing else.
async fn admit(peers: &dyn Peers, org: &OrgFacts) -> Result<(), Failure> {
    let user = user_of(peers, EMAIL, "Margarethe Sternberg").await?;
    let password = PASSWORD.to_owned();
    let request = SetPassword { user: user.id, current: None, password, keep: None };
    let call = Call::system(SYSTEM_ORG, REASON);
    contracts::call::<SetPassword>(peers, call, &request).await?;
    join(peers, org, user.id, ADMINISTRATOR).await
}

/// The start of the day on which a record was made: its id says so, and says the same whenever
/// the demo is taken up again.
fn day_of(id: Uuid) -> Instant {
    const DAY_MS: i64 = 86_400_000;
    let (high, _) = id.as_u64_pair();
    let day = (high >> 16) as i64 / DAY_MS;
    Instant(day * DAY_MS * 1_000)
}

/// The labels of the records that a batch made when its event was committed, with their ids.
fn made_by(batch: &Batch, event: &Event) -> Result<Vec<(Uuid, Uuid)>, Failure> {
    let mut changes = event.changes.iter().filter(|change| change.version == 1);
    let mut made = Vec::new();
    for step in &batch.steps {
        let Some(label) = step.makes else { continue };
        let found = changes.find(|change| change.entity == step.command.entity);
        let found = found.filter(|_| event.act == batch.act);
        let other = || {
            let text = "the demo was begun by another version; remove it, or start without --demo";
            Failure::Failed(text.to_owned())
        };
        made.push((label, found.ok_or_else(other)?.record));
    }
    Ok(made)
}

/// The events of an earlier start that did not come to its end, by service, in order.
#[derive(Default)]
struct Earlier(HashMap<String, VecDeque<Event>>);

impl Earlier {
    async fn read(&mut self, logs: &dyn Logs, org: Uuid, service: &str) -> Result<(), Failure> {
        let events = self.0.entry(service.to_owned()).or_default();
        let mut after = 0;
        loop {
            let entries = logs.log(org, service, after, BATCH).await?;
            let Some(last) = entries.last() else { return Ok(()) };
            after = last.position;
            for entry in &entries {
                let event = Event::parse(&entry.bytes)
                    .map_err(|why| Failure::of("read", "the log of the demo", why))?;
                if event.reason == REASON {
                    events.push_back(event);
                }
            }
        }
    }

    fn next(&mut self, service: &str) -> Option<Event> {
        self.0.get_mut(service)?.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_ends_with_the_day_on_which_its_organisation_was_made() {
        let made = Instant::parse("2026-07-04T12:30:00Z").unwrap();
        let id = types::uuid_v7(made.unix_ms(), u128::MAX);
        assert_eq!(day_of(id), Instant::parse("2026-07-04T00:00:00Z").unwrap());
    }
}
