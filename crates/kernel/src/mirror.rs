//! Links across services: what an owner publishes, the mirrors of it, and who uses them.

/// The full name of a service's mirror of `linked`.
pub(crate) fn mirror_name(service: &str, linked: &str) -> String {
    format!("{service}.mirror_{}", linked.replace('.', "_"))
}

/// The full name of the entity that says which services use the records of `linked`.
pub(crate) fn use_name(linked: &str) -> String {
    match linked.split_once('.') {
        Some((owner, entity)) => format!("{owner}.use_{entity}"),
        None => format!("use_{linked}"),
    }
}
