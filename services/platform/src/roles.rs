//! The roles that platform grants rights to until the organisation says otherwise.

/// Sells: sees which company a document belongs to.
pub const SALES: &str = "sales";

/// Looks, and changes nothing.
pub const VIEWER: &str = "viewer";

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::rights::EVERYONE;
    use std::collections::BTreeSet;

    #[test]
    fn every_default_grant_is_to_a_role_of_this_list() {
        let service = crate::service();
        let permits = service.entities.iter().flat_map(|entity| &entity.permits);
        let granted: BTreeSet<&str> = permits.map(|permit| permit.role.as_str()).collect();
        assert_eq!(granted, BTreeSet::from([EVERYONE, SALES, VIEWER]));
    }
}
