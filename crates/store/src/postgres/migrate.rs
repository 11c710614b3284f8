//! Brings a database to the shape of the declared entities, as the migration role.
//!
//! One process at a time migrates, under an advisory lock. Each service is one transaction, so a
//! kill leaves whole services behind and the next start goes on. A lock on a table in use is
//! waited for only shortly: a migration rather fails than holds up everyone.

use super::connect::Address;
use super::row::Catalog;
use super::{ddl, error, shape};
use kernel::ports::StoreError;
use std::collections::BTreeSet;
use tokio_postgres::{Client, Transaction};

/// The advisory lock of migrations: "megalith" in ASCII.
const LOCK: i64 = 0x6d65_6761_6c69_7468;
/// How long a second process waits for the first to finish.
const WAIT_FOR_OTHERS: &str = "120s";
/// How long a change waits for those who use its table.
const WAIT_FOR_TABLE: &str = "5s";

/// Makes and changes whatever `catalog` needs, and grants the service's role its rights.
///
/// # Errors
/// [`StoreError::Newer`] for a database of a newer program, [`StoreError::Internal`] for a change
/// that is refused, [`StoreError::Unavailable`] when the server or a table's users do not answer in time.
pub async fn migrate(
    admin: &Address,
    service_role: &str,
    catalog: &Catalog,
) -> Result<(), StoreError> {
    let mut client = admin.connect().await?;
    let lock = format!(
        "SET client_min_messages = warning; SET lock_timeout = '{WAIT_FOR_OTHERS}'; \
         SELECT pg_advisory_lock({LOCK}); SET lock_timeout = '{WAIT_FOR_TABLE}'"
    );
    client.batch_execute(&lock).await.map_err(error::plain)?;
    if let Some(format) = format(&client).await? {
        refuse_newer(format)?;
    }
    let role = ddl::quoted(service_role);
    let transaction = client.transaction().await.map_err(error::plain)?;
    database(&transaction, &role).await.map_err(error::plain)?;
    transaction.commit().await.map_err(error::plain)?;
    for name in catalog.services() {
        let transaction = client.transaction().await.map_err(error::plain)?;
        service(&transaction, name, &role, catalog).await?;
        transaction.commit().await.map_err(error::plain)?;
    }
    Ok(())
    // The lock goes with the connection.
}

/// Whether this program can work with the database.
///
/// # Errors
/// [`StoreError::Internal`] when it was never prepared, [`StoreError::Newer`] when a newer program
/// did.
pub async fn check(service: &Address) -> Result<(), StoreError> {
    let client = service.connect().await?;
    let unprepared = || {
        let text = "the database was never prepared; start once with --database-admin, the \
                    address of a role that may make tables";
        StoreError::Internal(text.to_owned())
    };
    let found = format(&client).await?.ok_or_else(unprepared)?;
    refuse_newer(found)?;
    if found < ddl::FORMAT { Err(unprepared()) } else { Ok(()) }
}

fn refuse_newer(found: i32) -> Result<(), StoreError> {
    let known = ddl::FORMAT;
    if found <= known {
        return Ok(());
    }
    Err(StoreError::Newer(format!("its format is {found}, this program knows {known}")))
}

async fn format(client: &Client) -> Result<Option<i32>, StoreError> {
    let exists = "SELECT to_regclass('megalith.format') IS NOT NULL";
    let row = client.query_one(exists, &[]).await.map_err(error::plain)?;
    if !row.try_get::<_, bool>(0).map_err(error::plain)? {
        return Ok(None);
    }
    let rows = client.query("SELECT version FROM megalith.format", &[]).await;
    let rows = rows.map_err(error::plain)?;
    rows.first().map(|row| row.try_get(0)).transpose().map_err(error::plain)
}

async fn database(transaction: &Transaction<'_>, role: &str) -> Result<(), tokio_postgres::Error> {
    transaction.batch_execute(ddl::DATABASE).await?;
    transaction.batch_execute(&ddl::DATABASE_GRANTS.replace("{role}", role)).await?;
    let format = "INSERT INTO megalith.format (version) VALUES ($1) \
                  ON CONFLICT (only_row) DO UPDATE SET version = excluded.version \
                  WHERE format.version <> excluded.version";
    transaction.execute(format, &[&ddl::FORMAT]).await?;
    let superuser = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user";
    if transaction.query_one(superuser, &[]).await?.try_get(0)? {
        transaction.batch_execute(ddl::LEAKPROOF).await?;
    }
    Ok(())
}

async fn service(
    transaction: &Transaction<'_>,
    name: &str,
    role: &str,
    catalog: &Catalog,
) -> Result<(), StoreError> {
    let schema = ddl::quoted(name);
    transaction.batch_execute(&ddl::service(&schema)).await.map_err(error::plain)?;
    let found = shape::look(transaction, catalog).await?;
    shape::change(transaction, name, catalog, &found).await?;
    let finish = async {
        let walled = walled(transaction, name).await?;
        let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = $1";
        for row in transaction.query(tables, &[&name]).await? {
            let table: String = row.try_get(0)?;
            let full = format!("{schema}.{}", ddl::quoted(&table));
            if !walled.contains(&table) {
                transaction.batch_execute(&ddl::row_level_security(&full)).await?;
            }
            let kernel = ddl::SERVICE.iter().find(|kernel| kernel.name == table);
            let rights = kernel.map_or("SELECT, INSERT, UPDATE, DELETE", |kernel| kernel.rights);
            transaction.batch_execute(&format!("GRANT {rights} ON {full} TO {role}")).await?;
        }
        let grants = format!(
            "GRANT USAGE ON SCHEMA {schema} TO {role}; \
             GRANT USAGE ON SEQUENCE {schema}._event_stamp TO {role}"
        );
        transaction.batch_execute(&grants).await
    };
    finish.await.map_err(error::plain)
}

/// The tables of a schema that have their policy already.
async fn walled(
    transaction: &Transaction<'_>,
    schema: &str,
) -> Result<BTreeSet<String>, tokio_postgres::Error> {
    let sql = "SELECT tablename::text FROM pg_policies \
               WHERE schemaname = $1 AND policyname = 'org'";
    let rows = transaction.query(sql, &[&schema]).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}
