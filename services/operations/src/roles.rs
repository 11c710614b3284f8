//! The roles that operations grants rights to until the organisation says otherwise.

/// Sells: keeps customers, contacts and sales orders.
pub const SALES: &str = "sales";

/// Buys: keeps suppliers, items, prices and purchase orders.
pub const PURCHASING: &str = "purchasing";

/// Keeps the stock: ships, receives and adjusts.
pub const WAREHOUSE: &str = "warehouse";

/// Looks, and changes nothing.
pub const VIEWER: &str = "viewer";

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_default_grant_is_to_a_role_of_this_list() {
        let service = crate::service();
        let permits = service.entities.iter().flat_map(|entity| &entity.permits);
        let granted: BTreeSet<&str> = permits.map(|permit| permit.role.as_str()).collect();
        assert_eq!(granted, BTreeSet::from([SALES, PURCHASING, WAREHOUSE, VIEWER]));
    }

    #[test]
    fn the_viewer_reads_every_entity_and_does_nothing_else() {
        for entity in crate::service().entities {
            let verbs = entity.permits.iter().filter(|permit| permit.role == VIEWER);
            let verbs: Vec<&str> = verbs.map(|permit| permit.verb.as_str()).collect();
            let is_line = entity.kind == kernel::schema::EntityKind::Child;
            let expected: &[&str] = if is_line { &[] } else { &["read"] };
            assert_eq!(verbs, expected, "{}", entity.name);
        }
    }
}
