//! The tables that every service has beside its entities, and the database's own.
//!
//! Names of the kernel's tables begin with an underscore, which no entity's name does, so that a
//! service may well have an entity called `event`.

/// The format of the database. A greater one was made by a newer program, and is refused.
pub const FORMAT: i32 = 1;

/// What stands once in a database: its format, organisations, and the functions that make a
/// transaction fail.
///
/// An organisation's integer is handed out by `org_of`, which runs with the rights of its owner:
/// the service's role cannot read the list of organisations.
pub const DATABASE: &str = r#"
CREATE SCHEMA IF NOT EXISTS megalith;
CREATE TABLE IF NOT EXISTS megalith.format (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version integer NOT NULL);
CREATE TABLE IF NOT EXISTS megalith.org (
    org integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE);
CREATE OR REPLACE FUNCTION megalith.org_of(wanted uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE found_org integer;
BEGIN
    SELECT org INTO found_org FROM megalith.org WHERE id = wanted;
    IF found_org IS NULL THEN
        INSERT INTO megalith.org (id) VALUES (wanted) ON CONFLICT (id) DO NOTHING;
        SELECT org INTO found_org FROM megalith.org WHERE id = wanted;
    END IF;
    RETURN found_org;
END $$;
CREATE OR REPLACE FUNCTION megalith.unmoved(entity text, moved uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF cardinality(moved) > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'MG001',
            MESSAGE = entity || ' ' || array_to_string(moved, ' ');
    END IF;
END $$;
CREATE OR REPLACE FUNCTION megalith.changed(done boolean, entity text, id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT done THEN
        RAISE EXCEPTION USING ERRCODE = 'MG001', MESSAGE = entity || ' ' || id;
    END IF;
END $$;
CREATE OR REPLACE FUNCTION megalith.once(done boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT done THEN
        RAISE EXCEPTION USING ERRCODE = 'MG002', MESSAGE = 'the effect was committed before';
    END IF;
END $$;
CREATE OR REPLACE FUNCTION megalith.bounded(total bigint, low bigint, high bigint, name text)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF total < low OR total > high THEN
        RAISE EXCEPTION USING ERRCODE = 'MG003', MESSAGE = name;
    END IF;
END $$;
REVOKE ALL ON FUNCTION megalith.org_of(uuid) FROM PUBLIC;
"#;

/// What the service's role may do with the database's own things.
pub const DATABASE_GRANTS: &str = r#"
GRANT USAGE ON SCHEMA megalith TO {role};
GRANT SELECT ON megalith.format TO {role};
GRANT EXECUTE ON FUNCTION megalith.org_of(uuid) TO {role};
"#;

/// Lets full-text search use its index, where the migration role may say so.
///
/// Behind row-level security PostgreSQL uses an index only for operators that cannot tell what
/// they saw in an error; it knows that of comparisons and not of this one, which raises none. A
/// migration role without that right leaves search correct and slower.
pub const LEAKPROOF: &str = "ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) LEAKPROOF";

/// A table of the kernel's in each service's schema.
pub struct KernelTable {
    /// Its name.
    pub name: &'static str,
    /// Its columns and constraints after `org`, which every table begins with.
    pub columns: &'static str,
    /// Statements that make its indexes; `{s}` is the schema.
    pub indexes: &'static str,
    /// What the service's role may do with it.
    pub rights: &'static str,
}

/// The kernel's tables in each service's schema.
///
/// An event is stored once and never changes but for its position, so that is all the service's
/// role may update; nothing lets it delete an event.
pub const SERVICE: &[KernelTable] = &[
    KernelTable {
        name: "_event",
        columns: r#"id uuid NOT NULL, stamp bigint NOT NULL, position bigint, at bigint NOT NULL,
            change_set uuid, bytes bytea NOT NULL, hash bytea NOT NULL,
            number text COLLATE "C" NOT NULL,
            PRIMARY KEY (_org, id)"#,
        indexes: r#"CREATE UNIQUE INDEX IF NOT EXISTS _event_position
                ON {s}._event (_org, position) WHERE position IS NOT NULL;
            CREATE INDEX IF NOT EXISTS _event_unsealed
                ON {s}._event (_org, stamp) WHERE position IS NULL;
            CREATE INDEX IF NOT EXISTS _event_change_set
                ON {s}._event (_org, change_set, position) WHERE change_set IS NOT NULL;"#,
        rights: "SELECT, INSERT, UPDATE (position)",
    },
    KernelTable {
        name: "_event_record",
        columns: "record uuid NOT NULL, event uuid NOT NULL, PRIMARY KEY (_org, record, event)",
        indexes: "",
        rights: "SELECT, INSERT",
    },
    KernelTable {
        name: "_log_head",
        columns: r#"size bigint NOT NULL, root bytea NOT NULL, at bigint NOT NULL,
            key bytea NOT NULL, signature bytea NOT NULL, peaks bytea NOT NULL, PRIMARY KEY (_org)"#,
        indexes: "",
        rights: "SELECT, INSERT, UPDATE",
    },
    KernelTable {
        name: "_subject_key",
        columns: "subject uuid NOT NULL, wrapped bytea NOT NULL, PRIMARY KEY (_org, subject)",
        indexes: "",
        rights: "SELECT, INSERT, DELETE",
    },
    KernelTable {
        name: "_idempotency",
        columns: r#"actor uuid NOT NULL, key text COLLATE "C" NOT NULL, fingerprint bytea NOT NULL,
            event uuid NOT NULL, at bigint NOT NULL, PRIMARY KEY (_org, actor, key)"#,
        indexes: "CREATE INDEX IF NOT EXISTS _idempotency_at ON {s}._idempotency (_org, at);",
        rights: "SELECT, INSERT, DELETE",
    },
    KernelTable {
        name: "_external",
        columns: r#"entity text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL, record uuid NOT NULL,
            PRIMARY KEY (_org, entity, record, name)"#,
        indexes: "CREATE INDEX IF NOT EXISTS _external_key
                ON {s}._external (_org, entity, name, key);",
        rights: "SELECT, INSERT, DELETE",
    },
    KernelTable {
        name: "_total",
        columns: r#"accumulator text COLLATE "C" NOT NULL, key bytea NOT NULL,
            period text COLLATE "C" NOT NULL, count bigint NOT NULL, width integer NOT NULL,
            sum0 bigint NOT NULL, sum1 bigint NOT NULL, sum2 bigint NOT NULL, sum3 bigint NOT NULL,
            PRIMARY KEY (_org, accumulator, key, period)"#,
        indexes: "",
        rights: "SELECT, INSERT, UPDATE",
    },
    KernelTable {
        name: "_series",
        columns: r#"series text COLLATE "C" NOT NULL, count bigint NOT NULL,
            PRIMARY KEY (_org, series)"#,
        indexes: "",
        rights: "SELECT, INSERT, UPDATE",
    },
    KernelTable {
        name: "_cursor",
        columns: r#"reader text COLLATE "C" NOT NULL, position bigint NOT NULL,
            PRIMARY KEY (_org, reader)"#,
        indexes: "",
        rights: "SELECT, INSERT, UPDATE",
    },
];

/// The statements that make a service's schema and its kernel tables where they are missing, and
/// remove what is used no more.
pub fn service(schema: &str) -> String {
    let mut sql = format!(
        "CREATE SCHEMA IF NOT EXISTS {schema};\n\
         CREATE SEQUENCE IF NOT EXISTS {schema}._event_stamp AS bigint;\n\
         DROP TABLE IF EXISTS {schema}._log_node;\n"
    );
    for table in SERVICE {
        sql += &format!(
            "CREATE TABLE IF NOT EXISTS {schema}.{} (_org integer NOT NULL, {});\n{}\n",
            table.name,
            table.columns,
            table.indexes.replace("{s}", schema)
        );
    }
    sql
}

/// The statements that keep the organisations of a table apart, the table's owner included.
pub fn row_level_security(table: &str) -> String {
    format!(
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\n\
         ALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n\
         CREATE POLICY org ON {table} \
         USING (_org = current_setting('megalith.org')::integer) \
         WITH CHECK (_org = current_setting('megalith.org')::integer);\n"
    )
}

/// An identifier in quotes.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
