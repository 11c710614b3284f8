//! The entities of operations are sound.

#[test]
fn every_entity_is_sound() {
    assert_eq!(testkit::schema::faults(&operations::service()), Vec::<String>::new());
}

#[test]
fn paths_and_prefixes_are_what_users_know() {
    let known = operations::service().entities;
    let found: Vec<(&str, &str)> =
        known.iter().map(|e| (e.plural.as_str(), e.prefix.as_str())).collect();
    let expected = [
        ("customers", "cus"),
        ("suppliers", "sup"),
        ("contacts", "con"),
        ("units", "unt"),
        ("item-categories", "cat"),
        ("items", "itm"),
        ("price-lists", "pl"),
        ("price-list-lines", "pll"),
        ("carriers", "car"),
        ("sales-orders", "so"),
        ("sales-order-lines", "sol"),
        ("purchase-orders", "po"),
        ("purchase-order-lines", "pol"),
        ("stock-moves", "mov"),
    ];
    assert_eq!(found, expected);
}
