//! The entities of HR are sound.

#[test]
fn every_entity_is_sound() {
    assert_eq!(testkit::schema::faults(&hr::service()), Vec::<String>::new());
}

#[test]
fn paths_and_prefixes_are_what_users_know() {
    let known = hr::service().entities;
    let found: Vec<(&str, &str)> =
        known.iter().map(|e| (e.plural.as_str(), e.prefix.as_str())).collect();
    assert_eq!(found, [("departments", "dep"), ("employees", "emp")]);
}
