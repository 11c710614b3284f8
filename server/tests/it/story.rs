//! A business story over two services and HTTP: people who sell, what is ordered from them, and
//! what holds when someone is renamed, leaves, or comes with a file.

use crate::client::{Answer, escaped};
use crate::rights::people::{People, get, post};
use crate::site::Site;
use serde_json::{Value, json};
use testkit::data::report_checks;

const EMPLOYEES: &str = "/api/v1/hr/employees";
const ORDERS: &str = "/api/v1/operations/sales-orders";
const CUSTOMERS: &str = "/api/v1/operations/customers";

fn ids(answer: &Answer) -> Vec<String> {
    let items = answer.json["items"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

/// Asks for a list by a filter until its records are these: what another service tells comes a
/// moment later.
fn comes(client: &mut crate::client::Client, path: &str, filter: &str, expected: &[&str]) {
    let path = format!("{path}?filter={}", escaped(filter));
    let mut last = Vec::new();
    for _ in 0..400 {
        last = ids(&get(client, &path));
        if last == expected {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("{filter}: {last:?}, not {expected:?}");
}

#[test]
fn people_and_orders_hold_together_over_two_services() {
    let mut checks = 0;
    for site in Site::each() {
        let server = site.serve();
        let mut people = People::of(&site, &server);
        let chief = &mut people.chief;
        let mut make = |path: &str, body: Value| {
            let made = post(chief, path, &body);
            assert_eq!(made.status, 201, "{}: {made:?}", site.name());
            made.id().to_owned()
        };
        let nancy = make(EMPLOYEES, json!({"last_name": "Davolio", "job_title": "Seller"}));
        let andrew = make(EMPLOYEES, json!({"last_name": "Fuller", "job_title": "Chief"}));
        let body = json!({"name": "Alfreds", "country": "DE", "external_ids": {"crm": "A-1"}});
        let alfreds = make(CUSTOMERS, body);
        let berglunds = make(CUSTOMERS, json!({"name": "Berglunds", "country": "SE"}));
        let first = make(ORDERS, json!({"customer": alfreds, "employee": nancy}));
        let second = make(ORDERS, json!({"customer": berglunds, "employee": andrew}));

        // Filters through links, within the service and beyond it.
        for (path, filter, expected) in [
            (ORDERS, "customer.country == 'DE'", vec![&first]),
            (ORDERS, "employee.job_title == 'Chief'", vec![&second]),
            (ORDERS, "employee.job_title != null && customer.country == 'DE'", vec![&first]),
            (CUSTOMERS, "external_ids.crm == 'A-1'", vec![&alfreds]),
            (CUSTOMERS, "external_ids.crm == 'B-2'", vec![]),
        ] {
            let answer = get(chief, &format!("{path}?filter={}", escaped(filter)));
            assert_eq!(ids(&answer).iter().collect::<Vec<_>>(), expected, "{filter}: {answer:?}");
            checks += 1;
        }
        // With the rights on what is linked: viewers do not read names of people, guests nothing.
        for (filter, viewer, guest) in [
            ("employee.job_title == 'Chief'", 200, 403),
            ("employee.first_name == 'Nancy'", 400, 403),
            ("customer.country == 'DE'", 200, 403),
        ] {
            let path = format!("{ORDERS}?filter={}", escaped(filter));
            let seen = [get(&mut people.viewer, &path), get(&mut people.guest, &path)];
            assert_eq!(seen.each_ref().map(|a| a.status), [viewer, guest], "{filter}: {seen:?}");
            checks += 1;
        }
        let chief = &mut people.chief;

        // A renamed employee is found by the new name among the orders.
        let one = format!("{EMPLOYEES}/{nancy}");
        let renamed = chief.ask("PATCH", &one, r#"{"job_title":"Partner"}"#).expect("up");
        assert_eq!(renamed.status, 200, "{renamed:?}");
        comes(chief, ORDERS, "employee.job_title == 'Partner'", &[&first]);

        // Who is used stays, and the answer says by what; then who is free may go.
        let refused = chief.ask("DELETE", &one, "").expect("up");
        assert_eq!((refused.status, refused.code()), (409, "in_use"), "{refused:?}");
        let message = &refused.json["errors"][0]["message"];
        assert_eq!(message, "1 of operations.sales_order use it as employee", "{refused:?}");
        let freed = format!("{{\"employee\":\"{andrew}\"}}");
        let freed = chief.ask("PATCH", &format!("{ORDERS}/{first}"), &freed).expect("up");
        assert_eq!(freed.status, 200, "{freed:?}");
        assert_eq!(chief.ask("DELETE", &one, "").expect("up").status, 204);
        let gone = post(chief, ORDERS, &json!({"customer": alfreds, "employee": nancy}));
        let error = &gone.json["errors"][0];
        assert_eq!((gone.status, &error["pointer"]), (422, &json!("/employee")), "{gone:?}");

        // An employee signs in as a member of the organisation, or as nobody.
        let me = get(chief, "/api/v1/auth/me").json["user"]["id"].clone();
        let stranger = json!({"last_name": "X", "user": "usr_01h455vb4pex5vsknk084sn02q"});
        let refused = post(chief, EMPLOYEES, &stranger);
        let error = &refused.json["errors"][0];
        assert_eq!((refused.status, &error["pointer"]), (422, &json!("/user")), "{refused:?}");
        let member = post(chief, EMPLOYEES, &json!({"last_name": "Chief", "user": me}));
        assert_eq!(member.status, 201, "{member:?}");
        checks += 7;
        assert_eq!(server.stop(), 0);
        site.verify();
    }
    report_checks(checks);
}
