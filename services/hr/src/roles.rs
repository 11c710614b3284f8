//! The roles that HR grants rights to until the organisation says otherwise.

/// Keeps the files of all employees.
pub const HR_MANAGER: &str = "hr_manager";

/// Sells: names on orders who sold, and sees no more of colleagues than that takes.
pub const SALES: &str = "sales";

/// Buys: names on orders who bought, and sees no more of colleagues than that takes.
pub const PURCHASING: &str = "purchasing";

/// Looks, and changes nothing: sees who works where, not what is personal.
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
        assert_eq!(granted, BTreeSet::from([HR_MANAGER, PURCHASING, SALES, VIEWER]));
    }
}
