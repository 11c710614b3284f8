//! Document numbers: which ones a commit must draw.

use crate::ports::{Change, Draw};
use crate::record::Record;
use crate::rights::OrgFacts;
use crate::schema::slot;
use types::{Date, Value};

/// The draws of a commit: one for each changed document without a number whose entity numbers at
/// its act (`acts` names one for each change). They are in the order of their series, so that two
/// commits lock in one order.
pub(super) fn draws(changes: &[Change], acts: &[String], facts: &OrgFacts) -> Vec<Draw> {
    let mut draws: Vec<Draw> = changes
        .iter()
        .zip(acts)
        .enumerate()
        .filter(|(_, (change, _))| !matches!(change, Change::Delete(_)))
        .filter_map(|(index, (change, act))| draw(index, change.record(), act, facts))
        .collect();
    draws.sort_by(|a, b| a.series.cmp(&b.series));
    draws
}

fn draw(change: usize, record: &Record, verb: &str, facts: &OrgFacts) -> Option<Draw> {
    let rule = record.entity.number.as_ref()?;
    if rule.at != verb || !record.values[slot::NUMBER].is_null() {
        return None;
    }
    let year = format!("{:04}", document_date(record, facts).year());
    let pattern = rule.pattern.replace("{year}", &year);
    let (prefix, rest) = pattern.split_once("{seq").unwrap_or((&pattern, "}"));
    let (width, suffix) = rest.split_once('}').unwrap_or(("", ""));
    let company = record.company().unwrap_or_default().simple().to_string();
    Some(Draw {
        change,
        series: format!("{}/{company}/{prefix}", record.entity.full_name()),
        prefix: prefix.to_owned(),
        width: width.trim_start_matches(':').parse().unwrap_or(1),
        suffix: suffix.to_owned(),
    })
}

/// The date of a document: its first date field that is filled, else the day of its last change
/// in its company's zone.
fn document_date(record: &Record, facts: &OrgFacts) -> Date {
    let dates = record.values[slot::FIRST..].iter().filter_map(|value| match value {
        Value::Date(date) => Some(*date),
        _ => None,
    });
    let company = facts.companies.iter().find(|company| Some(company.id) == record.company());
    let zone = company.map_or("UTC", |company| company.zone.as_str());
    dates.into_iter().next().unwrap_or_else(|| record.updated_at().date_in(zone))
}
