//! What holds for every entity of every service: the conformance suite.
//!
//! One call from a service's tests runs it for all its entities, on SQLite and on PostgreSQL,
//! plain and in wire mode. Values come from the schema ([`value`]); what no schema can tell, such
//! as the shape that a rule of the service demands, is given by a [`Hand`] with its reason.
//!
//! ```text
//! #[test]
//! fn every_entity_conforms() {
//!     testkit::conformance::holds(services, "operations", &[]);
//! }
//! ```

mod ground;
mod life;
pub mod rights;
pub mod value;

use crate::world::{Services, World, everywhere};
use ground::Ground;
use kernel::schema::EntityKind;
use std::cell::RefCell;
use std::collections::BTreeSet;
use types::Value;

/// What an entity needs that its schema does not tell.
#[derive(Clone, Copy)]
pub struct Hand {
    /// The entity's full name.
    pub entity: &'static str,
    /// Why the schema is not enough.
    pub because: &'static str,
    /// Values instead of generated ones; null leaves a field out. The number tells records apart.
    pub values: fn(u64) -> Vec<(&'static str, Value)>,
    /// Whether only the platform makes and moves such records; then it does here.
    pub by_platform: bool,
    /// Verbs and acts that need more than a record of generated values: they may be refused
    /// (409, 422), and are proven by tests of their own.
    pub refuses: &'static [&'static str],
}

impl Hand {
    /// A hand that changes nothing yet.
    pub const fn new(entity: &'static str, because: &'static str) -> Hand {
        Hand { entity, because, values: |_| Vec::new(), by_platform: false, refuses: &[] }
    }
}

/// Runs the suite for every entity of a service and prints how many checks it made.
///
/// # Panics
/// When an entity does not conform; the text says which and how.
pub fn holds(services: Services, service: &str, hands: &[Hand]) {
    let all = services();
    let of_service = all.iter().find(|known| known.name == service);
    let of_service = of_service.unwrap_or_else(|| panic!("there is no service {service}"));
    for hand in hands {
        let known = of_service.entities.iter().any(|e| e.full_name() == hand.entity);
        assert!(known && !hand.because.is_empty(), "{} is no entity of {service}", hand.entity);
    }
    let checks = RefCell::new(0);
    everywhere(services, async |world| {
        let mut ground = Ground::new(&world, hands);
        for entity in &world.runtime(service).service.entities {
            if entity.kind != EntityKind::Child {
                life::lives(&mut ground, entity).await;
            }
        }
        ground.log_verifies(service).await;
        *checks.borrow_mut() += ground.finish();
        world.end().await;
    });
    println!("checks: {}", checks.borrow());
}

/// Runs the rights part for every entity of every service of a world, and gives the operations
/// that it exercised as the API description names them.
///
/// # Panics
/// When a right is not as designed.
pub async fn operations_obey_rights(world: &World, hands: &[Hand]) -> BTreeSet<String> {
    let mut ground = Ground::new(world, hands);
    let mut exercised = BTreeSet::new();
    for entity in world.registry.all().iter().filter(|e| e.kind != EntityKind::Child) {
        exercised.extend(rights::obeys(&mut ground, entity).await);
    }
    println!("checks: {}", ground.finish());
    exercised
}
