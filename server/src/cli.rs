//! The command line: what can be asked, and with which words.

use crate::settings::{Listen, Place};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Runs a company: identity, people, finance, operations, communications on one record kernel.
#[derive(Parser, Debug)]
#[command(name = "megalith", version, max_term_width = 100)]
pub struct Cli {
    /// Where the data is.
    #[command(flatten)]
    pub place: Place,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Serve the API until Ctrl-C.
    ///
    /// MEGALITH_ADMIN_EMAIL, MEGALITH_ADMIN_PASSWORD and MEGALITH_ORG make the first administrator
    /// and organisation unattended; MEGALITH_ADMIN_NAME, MEGALITH_COUNTRY and MEGALITH_CURRENCY may
    /// say more. Without them the first start prints a one-time link. MEGALITH_LOG chooses what is
    /// logged, such as `warn` or `info,store=debug`.
    Serve(Listen),
    /// Make or list organisations.
    #[command(subcommand)]
    Org(Org),
    /// Make users or give them a new password.
    #[command(subcommand)]
    User(User),
    /// Bring records in from files: a folder of tables, or one table.
    ///
    /// A ready mapping is found by the files, or named with --map; if none fits, one is proposed.
    /// Records that were imported before are found again by their keys and changed where the files
    /// differ. All of it is one change set, which `megalith undo` takes back. Exit 1 if rows were
    /// refused: they are written to files beside the source, with their reasons.
    Import(Import),
    /// Write records to standard output as CSV, workbook or JSON lines.
    Export(Export),
    /// List the change sets of an organisation, the newest first.
    Changesets(Changesets),
    /// Take back what a change set did: exit 1 if something stands in the way.
    Undo(Undo),
    /// Say which rule decides whether someone may do something.
    Explain(Explain),
    /// Find out whether anyone rewrote a log: exit 1 and the positions if so.
    Verify(Verify),
    /// Write an archive of the data folder: all its databases as they are now, without the keys.
    ///
    /// A server may be at work. The archive is signed with the installation's key, and encrypted
    /// with --archive-key. Back up the key folder apart from it.
    Backup(Backup),
    /// Make a data folder from an archive, once it is known to be whole and genuine.
    ///
    /// Name the installation's key folder with --keys. What was written after the backup is lost, and
    /// heads.log says so from then on.
    Restore(Restore),
    /// Show the events of a log, its signed head, or a bundle that a stranger can verify.
    Log(Log),
    /// Print the description of the API (OpenAPI 3.1).
    Openapi,
    /// Bring the databases to the shape of this version.
    Migrate(Migrate),
    /// Measure what the platform can do on this machine, each figure beside its yardstick.
    Bench(crate::command::bench::Bench),
    /// Look for what would keep the installation from running well.
    Doctor(Output),
}

/// How to print.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Output {
    /// Print JSON for a script.
    #[arg(long)]
    pub json: bool,
}

/// Organisations.
#[derive(Subcommand, Debug)]
pub enum Org {
    /// Make an organisation with its first company.
    Create {
        /// The unique short name: lower-case letters, digits and hyphens.
        slug: String,
        /// The name; also the first company's [default: the short name].
        #[arg(long)]
        name: Option<String>,
        /// The first company's country (ISO 3166-1 alpha-2) [default: US].
        #[arg(long)]
        country: Option<String>,
        /// The first company's currency (ISO 4217) [default: USD].
        #[arg(long)]
        currency: Option<String>,
        /// The first company's time zone, an IANA name [default: UTC].
        #[arg(long)]
        zone: Option<String>,
        /// Print JSON for a script.
        #[command(flatten)]
        output: Output,
    },
    /// List the organisations.
    List(Output),
}

/// Users.
#[derive(Subcommand, Debug)]
pub enum User {
    /// Make a user and a member of an organisation. The password is read from standard input
    /// unless MEGALITH_PASSWORD holds it.
    Create {
        /// The e-mail to sign in with.
        email: String,
        /// The name.
        #[arg(long)]
        name: Option<String>,
        /// The organisation, by short name or id.
        #[arg(long, env = "MEGALITH_ORG")]
        org: Option<String>,
        /// The roles in the organisation.
        #[arg(long, value_delimiter = ',', default_value = "administrator")]
        roles: Vec<String>,
        /// Print JSON for a script.
        #[command(flatten)]
        output: Output,
    },
    /// Invite a person to an organisation: prints a link that is good once and for a week. An
    /// earlier one is void.
    Invite {
        /// The e-mail.
        email: String,
        /// The name.
        #[arg(long)]
        name: Option<String>,
        /// The organisation, by short name or id.
        #[arg(long, env = "MEGALITH_ORG")]
        org: String,
        /// The roles in the organisation.
        #[arg(long, value_delimiter = ',', default_value = "administrator")]
        roles: Vec<String>,
        /// Where people reach the server.
        #[command(flatten)]
        at: At,
    },
    /// Give a user a new password and end the user's sessions. The password is read from standard
    /// input unless MEGALITH_PASSWORD holds it.
    ResetPassword {
        /// The e-mail.
        email: String,
        /// Print a link instead, with which the user sets the password within a day.
        #[arg(long)]
        link: bool,
        /// Where people reach the server.
        #[command(flatten)]
        at: At,
    },
}

/// Where people reach the server.
#[derive(Args, Debug)]
pub struct At {
    /// The address that links begin with [default: where the server of this folder listens].
    #[arg(long, value_name = "ADDRESS")]
    pub url: Option<String>,
}

/// What to import.
#[derive(Args, Debug)]
pub struct Import {
    /// A folder of tables, or one table: .csv, .tsv, .txt, .xlsx, .jsonl.
    pub source: PathBuf,
    /// The organisation, by short name or id.
    #[arg(long, env = "MEGALITH_ORG")]
    pub org: String,
    /// Make the organisation if there is none of this name.
    #[arg(long)]
    pub create_org: bool,
    /// A mapping file, or the name of a ready mapping [default: the one that fits].
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Make every check and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The country of a new organisation's company (ISO 3166-1 alpha-2) [default: the mapping's,
    /// else US].
    #[arg(long)]
    pub country: Option<String>,
    /// The currency of a new organisation's company (ISO 4217) [default: the mapping's, else USD].
    #[arg(long)]
    pub currency: Option<String>,
    /// The folder for the files of refused rows [default: beside the source].
    #[arg(long, value_name = "DIR")]
    pub refused: Option<PathBuf>,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
}

/// What to export.
#[derive(Args, Debug)]
pub struct Export {
    /// The entity: `operations.customer`, or its path `operations/customers`.
    pub entity: String,
    /// The organisation, by short name or id.
    #[arg(long, env = "MEGALITH_ORG")]
    pub org: String,
    /// How the records are written: csv, xlsx or jsonl.
    #[arg(long, default_value = "csv")]
    pub format: String,
    /// An expression that must be true, such as `country == 'DE'`.
    #[arg(long, default_value = "")]
    pub filter: String,
    /// The fields, in order [default: all].
    #[arg(long, value_delimiter = ',')]
    pub fields: Vec<String>,
    /// A field of lines: the table then has a row for each line.
    #[arg(long, value_name = "FIELD")]
    pub lines: Option<String>,
}

/// Which change sets.
#[derive(Args, Debug)]
pub struct Changesets {
    /// The organisation, by short name or id.
    #[arg(long, env = "MEGALITH_ORG")]
    pub org: String,
    /// At most this many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
}

/// What to take back.
#[derive(Args, Debug)]
pub struct Undo {
    /// The change set, `cs_…`.
    pub change_set: String,
    /// The organisation, by short name or id.
    #[arg(long, env = "MEGALITH_ORG")]
    pub org: String,
    /// Say what would happen, and change nothing.
    #[arg(long)]
    pub preview: bool,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
}

/// What to explain.
#[derive(Args, Debug)]
pub struct Explain {
    /// The entity, or one record: `operations.customer` or `operations.customer/cus_…`.
    pub what: String,
    /// `read`, `create`, `update`, `delete` or an act.
    pub verb: String,
    /// The organisation, by short name or id.
    #[arg(long, env = "MEGALITH_ORG")]
    pub org: String,
    /// Whose right it is: the e-mail of a user.
    #[arg(long = "as", value_name = "EMAIL")]
    pub user: String,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
}

/// What to verify.
#[derive(Args, Debug)]
pub struct Verify {
    /// Verify a bundle and no database.
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// The public key that the bundle must be signed with, in hex.
    #[arg(long, value_name = "HEX", requires = "bundle")]
    pub key: Option<String>,
    /// Only this organisation, by short name or id.
    #[arg(long, env = "MEGALITH_ORG")]
    pub org: Option<String>,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
}

/// Where to write a backup.
#[derive(Args, Debug)]
pub struct Backup {
    /// The archive; it must not exist yet.
    pub archive: PathBuf,
    /// A file of 64 hexadecimal digits: the archive is encrypted with this key.
    #[arg(long, value_name = "FILE", env = "MEGALITH_ARCHIVE_KEY")]
    pub archive_key: Option<PathBuf>,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
}

/// What to restore.
#[derive(Args, Debug)]
pub struct Restore {
    /// The archive. It is restored to --data, which must hold no database.
    pub archive: PathBuf,
    /// The file with the key of an encrypted archive.
    #[arg(long, value_name = "FILE", env = "MEGALITH_ARCHIVE_KEY")]
    pub archive_key: Option<PathBuf>,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
}

/// Which log, and what of it.
#[derive(Args, Debug)]
pub struct Log {
    /// What to show [default: the events].
    #[arg(value_enum, default_value = "events")]
    pub what: Shown,
    /// The organisation, by short name or id; `system` for the installation's own.
    #[arg(long, env = "MEGALITH_ORG")]
    pub org: String,
    /// The service.
    #[arg(long)]
    pub service: String,
    /// The first position.
    #[arg(long, default_value_t = 1)]
    pub from: u64,
    /// The last position [default: the newest].
    #[arg(long)]
    pub to: Option<u64>,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
}

/// What of a log.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The events.
    Events,
    /// The newest signed head.
    Head,
    /// Events with their proofs under a signed head, as JSON.
    Bundle,
}

/// Migration.
#[derive(Args, Debug)]
pub struct Migrate {
    /// Change nothing; exit 1 if something would change.
    #[arg(long)]
    pub check: bool,
}
