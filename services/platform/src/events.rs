//! The sealed events of an organisation, the newest first, over the logs of all its services.

use crate::command::only_administrators;
use crate::log::services;
use contracts::upkeep::{EventsOf, EventsPage};
use kernel::log::{Event, LogEntry};
use kernel::ports::{Snapshot, Store};
use kernel::read::{MAX_PAGE_SIZE, Occurrence, PAGE_SIZE, occurrences, parameter};
use kernel::service::Runtime;
use kernel::write::store_problem;
use kernel::{Call, Problem};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Entries that are read of one log at once.
const CHUNK: u64 = 200;
/// Entries of one log that one page looks at: where hardly one is asked for, a page has few, and
/// the next one goes on.
const LOOKED_AT: u64 = 4_000;

/// A page of events.
pub async fn events(
    runtime: Arc<Runtime>,
    call: Call,
    request: EventsOf,
) -> Result<EventsPage, Problem> {
    only_administrators(&call, request.org, "platform.log:read")?;
    let call = Call { org: request.org, ..call };
    let size = match request.page_size {
        0 => PAGE_SIZE,
        size => size.min(MAX_PAGE_SIZE),
    } as usize;
    let mut logs = open(&runtime, &request).await?;
    let mut chosen: Vec<(usize, LogEntry, Event)> = Vec::new();
    while chosen.len() < size {
        for log in &mut logs {
            log.refill(&request).await?;
        }
        if logs.iter().any(Log::has_looked_enough) {
            break;
        }
        let waiting = logs
            .iter()
            .enumerate()
            .filter_map(|(place, log)| log.waiting.front().map(|(_, event)| (event.at, place)));
        let Some((_, place)) = waiting.max() else { break };
        chosen.extend(logs[place].waiting.pop_front().map(|(entry, event)| (place, entry, event)));
    }
    let next_page_token = token(&logs);
    Ok(EventsPage { items: told(&runtime, &call, &logs, chosen).await?, next_page_token })
}

/// One log on its way back.
struct Log {
    service: String,
    store: Arc<dyn Store>,
    snapshot: Box<dyn Snapshot>,
    /// Everything from this position on was looked at.
    before: u64,
    looked_at: u64,
    /// What fits and was not given yet.
    waiting: VecDeque<(LogEntry, Event)>,
}

/// The logs that are asked about, each where the page begins.
async fn open(runtime: &Runtime, request: &EventsOf) -> Result<Vec<Log>, Problem> {
    let known = services(&runtime.registry);
    if let Some(named) = &request.service
        && !known.contains(&named.as_str())
    {
        let text = format!("there is no log of '{named}'; there are {}", known.join(", "));
        return Err(parameter("service", "unknown_service", text));
    }
    if request.from.is_some() && request.service.is_none() {
        let text = "a position is one of a log; name its service as well".to_owned();
        return Err(parameter("from", "needs_service", text));
    }
    let begun = begun(&request.page_token, &known)?;
    let mut logs = Vec::new();
    for service in known {
        if request.service.as_deref().is_some_and(|named| named != service) {
            continue;
        }
        let store = runtime.placement.store(request.org, service).await?;
        let head = store.head().await.map_err(store_problem)?;
        let size = head.map_or(0, |signed| signed.head.size);
        let last = request.from.map_or(size, |from| from.min(size));
        let before = match begun.get(service) {
            Some(before) => (*before).min(size + 1),
            None if request.page_token.is_empty() => last + 1,
            None => 1,
        };
        let snapshot = store.snapshot().await.map_err(store_problem)?;
        let (service, waiting) = (service.to_owned(), VecDeque::new());
        logs.push(Log { service, store, snapshot, before, looked_at: 0, waiting });
    }
    Ok(logs)
}

impl Log {
    /// Looks further back until something fits, the beginning is reached, or it was enough.
    async fn refill(&mut self, request: &EventsOf) -> Result<(), Problem> {
        while self.waiting.is_empty() && self.before > 1 && self.looked_at < LOOKED_AT {
            let entries = match request.record {
                Some(record) => {
                    let found = self.snapshot.history_of(record, self.before, CHUNK as u32).await;
                    let found = found.map_err(store_problem)?;
                    self.before = found.last().map_or(1, |last| last.position);
                    found
                }
                None => {
                    let after = (self.before - 1).saturating_sub(CHUNK);
                    let limit = (self.before - 1 - after) as u32;
                    let mut found = self.store.log(after, limit).await.map_err(store_problem)?;
                    self.before = after + 1;
                    found.reverse();
                    found
                }
            };
            self.looked_at += entries.len().max(1) as u64;
            for entry in entries {
                let event =
                    Event::parse(&entry.bytes).map_err(|e| Problem::internal(e.to_string()))?;
                if fits(&event, request) {
                    self.waiting.push_back((entry, event));
                }
            }
        }
        Ok(())
    }

    /// Whether something may stand further back that this page does not look for.
    fn has_looked_enough(&self) -> bool {
        self.waiting.is_empty() && self.before > 1
    }

    /// Where the next page goes on: before this position.
    fn goes_on(&self) -> u64 {
        self.waiting.front().map_or(self.before, |(entry, _)| entry.position + 1)
    }
}

fn fits(event: &Event, request: &EventsOf) -> bool {
    let by = request.actor.is_none_or(|actor| event.actor == actor);
    by && request.verb.as_ref().is_none_or(|verb| event.act == *verb)
}

/// `users.12~platform.30`: each log, and the position before which the page goes on; empty at the
/// end.
fn token(logs: &[Log]) -> String {
    let open = logs.iter().filter(|log| log.goes_on() > 1);
    open.map(|log| format!("{}.{}", log.service, log.goes_on())).collect::<Vec<_>>().join("~")
}

fn begun<'a>(token: &str, known: &[&'a str]) -> Result<HashMap<&'a str, u64>, Problem> {
    let wrong = || {
        let text = "must be the next_page_token of an earlier page".to_owned();
        parameter("page_token", "invalid_page_token", text)
    };
    let mut begun = HashMap::new();
    for part in token.split('~').filter(|_| !token.is_empty()) {
        let (service, before) = part.split_once('.').ok_or_else(wrong)?;
        let service = known.iter().find(|known| **known == service).ok_or_else(wrong)?;
        begun.insert(*service, before.parse().map_err(|_| wrong())?);
    }
    Ok(begun)
}

/// The events as they are told, in their order.
async fn told(
    runtime: &Runtime,
    call: &Call,
    logs: &[Log],
    chosen: Vec<(usize, LogEntry, Event)>,
) -> Result<Vec<Occurrence>, Problem> {
    let mut order = Vec::with_capacity(chosen.len());
    let mut of_log: Vec<Vec<(LogEntry, Event)>> = logs.iter().map(|_| Vec::new()).collect();
    for (place, entry, event) in chosen {
        order.push(place);
        of_log[place].push((entry, event));
    }
    let mut told = Vec::with_capacity(logs.len());
    for (log, events) in logs.iter().zip(&of_log) {
        let items = occurrences(runtime, call, &*log.snapshot, events).await?;
        told.push(VecDeque::from(items));
    }
    Ok(order.into_iter().filter_map(|place| told[place].pop_front()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_a_made_up_one_is_refused() {
        let known = ["users", "platform"];
        let read = |token: &str| begun(token, &known).map(|begun| begun.get("users").copied());
        for (token, expected) in [
            ("", Ok(None)),
            ("users.12", Ok(Some(12))),
            ("platform.3~users.7", Ok(Some(7))),
            ("users", Err(())),
            ("users.x", Err(())),
            ("space.3", Err(())),
            ("~", Err(())),
        ] {
            assert_eq!(read(token).map_err(drop), expected, "{token}");
        }
    }
}
