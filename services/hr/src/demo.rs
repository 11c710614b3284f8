//! The people of the demo organisation: 30 employees in a tree, in seven departments.
//!
//! [`plan`] makes the steps for a demo that ends at `end` and began three years before;
//! [`sellers`] are the labels of those who sell, for the orders of operations. See
//! [`contracts::demo`] for how steps are run.

use crate::roles::HR_MANAGER;
use crate::{Department, Employee};
use contracts::demo::{Dice, Step, label};
use kernel::command::{Known, Verb};
use kernel::{Command, Input};
use types::{Instant, Uuid, Value};

const SEED: u64 = 30;
const DAY: i64 = 86_400_000_000;
const MINUTE: i64 = 60_000_000;

/// Name, code, place of the department above (0 is the first), place of the manager.
const DEPARTMENTS: [(&str, &str, Option<usize>, usize); 7] = [
    ("Management", "MGT", None, 0),
    ("Sales", "SAL", Some(0), 1),
    ("Purchasing", "PUR", Some(0), 2),
    ("Warehouse", "WHS", Some(0), 3),
    ("Finance", "FIN", Some(0), 4),
    ("People", "HR", Some(0), 5),
    ("Export", "EXP", Some(1), 6),
];

/// Given name, family name, what they do, place of the department, place of the manager.
const PEOPLE: [(&str, &str, &str, usize, Option<usize>); 30] = [
    ("Margarethe", "Sternberg", "Managing Director", 0, None),
    ("Nuno", "Carvalho", "Head of Sales", 1, Some(0)),
    ("Ingrid", "Håkansson", "Head of Purchasing", 2, Some(0)),
    ("Kwame", "Boateng", "Warehouse Manager", 3, Some(0)),
    ("Priya", "Raghunathan", "Head of Finance", 4, Some(0)),
    ("Siobhán", "Ní Dhuibhne", "Head of People", 5, Some(0)),
    ("佳子", "渡辺", "Export Manager", 6, Some(1)),
    ("Tomáš", "Dvořák", "Sales Representative", 1, Some(1)),
    ("Ελένη", "Παπαδοπούλου", "Sales Representative", 1, Some(1)),
    ("Marcus", "Oyelaran", "Sales Representative", 1, Some(1)),
    ("Анна", "Коваленко", "Sales Representative", 6, Some(6)),
    ("Jean-Baptiste", "L'Hôpital", "Sales Representative", 6, Some(6)),
    ("Łucja", "Żukowska", "Sales Representative", 6, Some(6)),
    ("Ada", "Lindqvist", "Sales Assistant", 1, Some(1)),
    ("Diego", "Ibáñez Ortiz", "Buyer", 2, Some(2)),
    ("Mei", "林", "Buyer", 2, Some(2)),
    ("Orhan", "Yıldız", "Buyer", 2, Some(2)),
    ("Grace", "Adeyemi", "Shift Leader", 3, Some(3)),
    ("Piet", "van der Merwe", "Shift Leader", 3, Some(3)),
    ("Lupe", "Tau", "Picker", 3, Some(17)),
    ("Suharto", "", "Picker", 3, Some(17)),
    ("Beatriz", "Monteiro", "Picker", 3, Some(17)),
    ("Emeka", "Nwosu", "Picker", 3, Some(18)),
    ("Hanna", "Virtanen", "Picker", 3, Some(18)),
    ("Ivo", "Petrović", "Driver", 3, Some(18)),
    ("فاطمة", "الزهراء", "Accountant", 4, Some(4)),
    ("Willem", "de Groot", "Accountant", 4, Some(4)),
    ("Noa", "כהן", "Credit Controller", 4, Some(4)),
    ("Rosa", "Bianchi", "Recruiter", 5, Some(5)),
    ("Sunil", "शर्मा", "Office Manager", 5, Some(5)),
];

/// The first of those who sell, and the one after the last, in [`PEOPLE`].
const SELLERS: std::ops::Range<usize> = 6..13;

/// The labels of the employees who sell; all of them are there from the first day.
pub fn sellers() -> Vec<Uuid> {
    SELLERS.map(|place| label(Employee::ENTITY, place)).collect()
}

/// The labels of the employees who buy; all of them are there from the first day.
pub fn buyers() -> Vec<Uuid> {
    (14..17).map(|place| label(Employee::ENTITY, place)).collect()
}

/// Someone of the demo who signs in to work: the role, and the employee's e-mail and name.
pub struct Colleague {
    /// The role.
    pub role: &'static str,
    /// The e-mail, that of the employee.
    pub email: String,
    /// The name.
    pub name: String,
}

/// Those who keep the demo's records: the heads of sales, purchasing, the warehouse and people.
pub fn colleagues() -> Vec<Colleague> {
    let heads = [("sales", 1), ("purchasing", 2), ("warehouse", 3), (HR_MANAGER, 5)];
    let colleague = |(role, place): (&'static str, usize)| {
        let (first, last, ..) = PEOPLE[place];
        Colleague { role, email: email(place), name: format!("{first} {last}") }
    };
    heads.map(colleague).into()
}

fn email(place: usize) -> String {
    format!("e{:03}@standingstone.example", place + 1)
}

/// Departments first, then employees from the top of the tree down, then who leads what. All are
/// entered on the first day, early in the morning.
pub fn plan(end: Instant) -> Vec<Step> {
    play(end, PEOPLE.len(), "")
}

/// People of the sample data: the heads of the seven departments and one who sells.
const SAMPLES: usize = 8;

/// A small company's people, for an organisation that looks around: as [`plan`], and fewer. Their
/// codes begin with `prefix`.
pub fn samples(today: Instant, prefix: &str) -> Vec<Step> {
    play(today, SAMPLES, prefix)
}

/// The labels of those among the sample data who sell, and of those who buy.
pub fn samples_who_trade() -> (Vec<Uuid>, Vec<Uuid>) {
    let labels = |places: std::ops::Range<usize>| {
        places.map(|place| label(Employee::ENTITY, place)).collect::<Vec<_>>()
    };
    (labels(SELLERS.start..SAMPLES), labels(2..3))
}

fn play(end: Instant, people: usize, prefix: &str) -> Vec<Step> {
    let start = (end.0.div_euclid(DAY) - 3 * 365) * DAY + 6 * 60 * MINUTE;
    let mut dice = Dice::new(SEED);
    let mut steps = Vec::new();
    for (place, (name, code, above, _)) in DEPARTMENTS.iter().enumerate() {
        let parent = above.map(|above| label(Department::ENTITY, above));
        let input = Input::new()
            .set("name", *name)
            .set("code", format!("{prefix}{code}"))
            .set("parent", parent);
        add(&mut steps, start, Department::ENTITY, Some(place), Verb::Create, input);
    }
    for place in 0..people {
        let input = person(place, start, prefix, &mut dice);
        add(&mut steps, start, Employee::ENTITY, Some(place), Verb::Create, input);
    }
    for (place, (.., manager)) in DEPARTMENTS.iter().enumerate() {
        let id = label(Department::ENTITY, place);
        let input = Input::new().set("manager", label(Employee::ENTITY, *manager));
        let verb = Verb::Update { id, known: Known::Nothing };
        add(&mut steps, start, Department::ENTITY, None, verb, input);
    }
    steps
}

fn add(
    steps: &mut Vec<Step>,
    start: i64,
    entity: &str,
    makes: Option<usize>,
    verb: Verb,
    input: Input,
) {
    let at = Instant(start + steps.len() as i64 * MINUTE);
    let command = Command { entity: entity.to_owned(), verb, input };
    let makes = makes.map(|nth| label(entity, nth));
    steps.push(Step { at, by: HR_MANAGER, makes, command });
}

fn person(place: usize, start: i64, prefix: &str, dice: &mut Dice) -> Input {
    let (first, last, job_title, department, manager) = PEOPLE[place];
    // Who has one name has it as the family name.
    let (first, last) = if last.is_empty() { (None, first) } else { (Some(first), last) };
    let hired = start - dice.between(30, 9 * 365) as i64 * DAY;
    let born = hired - dice.between(21 * 365, 50 * 365) as i64 * DAY;
    let street = ["Harbour Street", "Mill Lane", "Station Road", "Orchard Way", "Hill Close"];
    let address = format!(
        r#"{{"street":"{} {}","city":"Portland","region":"ME","postal_code":"041{:02}","country":"US"}}"#,
        dice.between(1, 120),
        dice.pick(&street),
        dice.between(1, 12)
    );
    Input::new()
        .set("first_name", first)
        .set("last_name", last)
        .set("code", format!("{prefix}E{:03}", place + 1))
        .set("job_title", job_title)
        .set("department", label(Department::ENTITY, department))
        .set("manager", manager.map(|manager| label(Employee::ENTITY, manager)))
        .set("email", email(place))
        .set("phone", format!("+1 207 555 {:04}", 100 + place))
        .set("extension", format!("{}", 100 + place))
        .set("home_phone", format!("+1 207 555 {:04}", dice.between(150, 199)))
        .set("address", Value::Json(address))
        .set("born_on", Instant(born).date_in("UTC"))
        .set("hired_on", Instant(hired).date_in("UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_demo_is_always_the_same_and_names_only_who_is_there() {
        let end = Instant::parse("2026-07-04T12:00:00Z").unwrap();
        let steps = plan(end);
        assert_eq!(steps, plan(end));
        let mut known = HashSet::new();
        let service = crate::service();
        for step in &steps {
            assert!(step.at < end);
            let entity = service.entities.iter().find(|e| e.full_name() == step.command.entity);
            let mut permits = entity.unwrap().permits.iter();
            let verb = step.command.verb.right();
            assert!(permits.any(|p| p.role == step.by && p.verb == verb), "{step:?}");
            let links = step.command.input.values.iter().filter_map(|(_, value)| value.as_id());
            for id in links.chain(step.command.verb.record()) {
                assert!(known.contains(&id), "{:?} names who is not there", step.command);
            }
            known.extend(step.makes);
        }
        assert_eq!(known.len(), DEPARTMENTS.len() + PEOPLE.len());
        assert!(sellers().iter().chain(&buyers()).all(|seller| known.contains(seller)));
    }

    #[test]
    fn who_is_called_a_seller_sells_and_a_buyer_buys() {
        let titles = |labels: Vec<Uuid>| {
            let places =
                (0..PEOPLE.len()).filter(|p| labels.contains(&label(Employee::ENTITY, *p)));
            places.map(|place| PEOPLE[place].2).collect::<Vec<_>>()
        };
        let mut selling = vec!["Export Manager"];
        selling.extend(["Sales Representative"; 6]);
        assert_eq!(titles(sellers()), selling);
        assert_eq!(titles(buyers()), ["Buyer"; 3]);
    }
}
