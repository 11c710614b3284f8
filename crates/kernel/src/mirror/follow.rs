//! Takes changes of the owner's records over into the mirrors.
//!
//! An event only says which records changed; what is published of them now is asked of the owner,
//! so that an event that comes twice, late or after others does no harm, and no ciphertext of
//! another service's log is ever read.

use super::outside;
use crate::command::Call;
use crate::mirror::{self, contract::own_call};
use crate::problem::Problem;
use crate::record::Record;
use crate::schema::{Entity, Inner};
use crate::service::{Delivery, Runtime};
use crate::write::store_problem;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::Arc;
use types::Uuid;

/// How often mirrors are looked at again because others changed them meanwhile.
const TRIES: usize = 4;

/// Follows one event of an owner's log.
pub(crate) fn follow<'a>(
    runtime: &'a Arc<Runtime>,
    delivery: &'a Delivery,
) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        let mut changed: BTreeMap<&str, Vec<(Uuid, u64)>> = BTreeMap::new();
        for change in &delivery.event.changes {
            changed.entry(&change.entity).or_default().push((change.record, change.version));
        }
        let reason = format!("follows {}", delivery.event.id);
        let call = own_call(&Call::system(delivery.org, ""), &reason);
        for (entity, records) in changed {
            let mirror = runtime.registry.target(&runtime.service.name, entity);
            if let Some(mirror) = mirror {
                renew(runtime, &call, &mirror, &records).await?;
            }
        }
        Ok(())
    })
}

/// Brings mirrors up to date with changes: the record, and its version since, 0 for a deletion.
async fn renew(
    runtime: &Arc<Runtime>,
    call: &Call,
    mirror: &Arc<Entity>,
    changed: &[(Uuid, u64)],
) -> Result<(), Problem> {
    let Some(Inner::Mirror { of }) = &mirror.inner else { return Ok(()) };
    for _ in 0..TRIES {
        let behind = behind(runtime, call, mirror, changed).await?;
        if behind.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = behind.iter().map(Record::id).collect();
        let found = outside::look_at(runtime, call, of, &ids).await?;
        let (mut commands, mut filling) = (Vec::new(), Vec::new());
        for mirror in &behind {
            match found.iter().find(|found| found.id == mirror.id()) {
                None => commands.push(outside::gone(mirror)),
                // Only a use that the owner knows of may be shown.
                Some(_) if !mirror::is_filled(mirror) => filling.push(mirror.id()),
                Some(found) if found.version > mirror::source_version(mirror) => {
                    commands.push(outside::shows(mirror, found));
                }
                Some(_) => {}
            }
        }
        if commands.is_empty() && filling.is_empty() {
            return Ok(());
        }
        outside::run(runtime, call, commands).await?;
        outside::fill(runtime, call, mirror, &filling).await?;
    }
    let text = format!("Others keep changing the mirrors of {of}.");
    Err(Problem { retry_after: Some(1), ..Problem::conflict("contended", text) })
}

/// The mirrors that may show less than a change.
async fn behind(
    runtime: &Runtime,
    call: &Call,
    mirror: &Arc<Entity>,
    changed: &[(Uuid, u64)],
) -> Result<Vec<Record>, Problem> {
    let snapshot = runtime.store(call.org).await?.snapshot().await.map_err(store_problem)?;
    let mut behind = Vec::new();
    for (id, version) in changed {
        let found = snapshot.get(mirror, *id, &[]).await.map_err(store_problem)?;
        let shows = |mirror: &Record| *version != 0 && mirror::source_version(mirror) >= *version;
        behind.extend(found.filter(|mirror| !shows(mirror)));
    }
    Ok(behind)
}
