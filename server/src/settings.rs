//! Settings: flags before environment before the configuration file before the defaults.

use crate::outcome::Failure;
use clap::Args;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Where the data is, for every command.
#[derive(Args, Clone, Debug, Default)]
pub struct Place {
    /// The data folder [default: ./megalith-data].
    #[arg(long, value_name = "DIR", env = "MEGALITH_DATA", global = true)]
    pub data: Option<PathBuf>,
    /// A PostgreSQL address, postgres://user:password@host/database: the system's records and new
    /// organisations are placed there.
    #[arg(
        long,
        value_name = "URL",
        env = "MEGALITH_DATABASE",
        hide_env_values = true,
        global = true
    )]
    pub database: Option<String>,
    /// The same database for the role that makes and changes tables.
    #[arg(
        long,
        value_name = "URL",
        env = "MEGALITH_DATABASE_ADMIN",
        hide_env_values = true,
        global = true
    )]
    pub database_admin: Option<String>,
    /// The key folder [default: keys in the data folder].
    #[arg(long, value_name = "DIR", env = "MEGALITH_KEYS", global = true)]
    pub keys: Option<PathBuf>,
    /// The address of a server elsewhere, https://host: import, export, changesets, undo, explain
    /// and openapi ask it, with the API key or access token in MEGALITH_TOKEN.
    #[arg(long, value_name = "URL", env = "MEGALITH_SERVER", global = true)]
    pub server: Option<String>,
    /// A TOML file with these settings.
    #[arg(long, value_name = "FILE", env = "MEGALITH_CONFIG", global = true)]
    pub config: Option<PathBuf>,
}

/// How a server listens.
#[derive(Args, Clone, Debug, Default)]
pub struct Listen {
    /// The address to listen at [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR", env = "MEGALITH_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// A proxy in front sets X-Forwarded-Proto and X-Forwarded-For, and no client can pass it by.
    #[arg(long, env = "MEGALITH_TRUST_FORWARDED")]
    pub trust_forwarded: bool,
    /// The most MiB of a file that is uploaded to be imported [default: 1024].
    #[arg(long, value_name = "MIB", env = "MEGALITH_IMPORT_LIMIT")]
    pub import_limit: Option<u32>,
    /// Add the organisation `demo` with three years of trade to look around in.
    #[arg(long, env = "MEGALITH_DEMO")]
    pub demo: bool,
    /// Serve the web app built in this folder instead of the one in the binary.
    #[arg(long, value_name = "DIR", env = "MEGALITH_APP")]
    pub app: Option<PathBuf>,
}

/// All settings, decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The data folder.
    pub data: PathBuf,
    /// The PostgreSQL address of the service role.
    pub database: Option<String>,
    /// The PostgreSQL address of the migration role.
    pub database_admin: Option<String>,
    /// The key folder.
    pub keys: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Whether a proxy's headers are believed.
    pub trust_forwarded: bool,
    /// Whether there shall be a demo organisation.
    pub demo: bool,
    /// The folder of the web app to serve; none: the app in the binary.
    pub app: Option<PathBuf>,
    /// The most MiB of an uploaded file.
    pub import_limit: u32,
    /// What to log.
    pub log: String,
}

/// The keys of the configuration file.
const KEYS: [&str; 10] = [
    "app",
    "data",
    "database",
    "database_admin",
    "demo",
    "import_limit",
    "keys",
    "listen",
    "log",
    "trust_forwarded",
];
/// Those of them that are true or false.
const FLAGS: [&str; 2] = ["demo", "trust_forwarded"];
/// Those of them that are whole numbers.
const NUMBERS: [&str; 1] = ["import_limit"];
/// The most MiB of an uploaded file, unless the settings say otherwise.
pub const IMPORT_LIMIT: u32 = 1_024;

impl Settings {
    /// Decides the settings.
    ///
    /// # Errors
    /// Wrong usage when the file cannot be read, has an unknown key (the text names the nearest
    /// known one) or a value of the wrong kind.
    pub fn decide(place: &Place, listen: &Listen) -> Result<Settings, Failure> {
        let file = match &place.config {
            Some(path) => File::read(path)?,
            None => File::default(),
        };
        let data = place.data.clone().or_else(|| file.path("data"));
        let data = data.unwrap_or_else(|| PathBuf::from("megalith-data"));
        let keys = place.keys.clone().or_else(|| file.path("keys"));
        let listen_at = match (listen.listen, file.text("listen")) {
            (Some(address), _) => address,
            (None, Some(text)) => text.parse().map_err(|_| {
                Failure::Usage(format!("listen: {text:?} is not an address such as 127.0.0.1:8080"))
            })?,
            (None, None) => SocketAddr::from(([127, 0, 0, 1], 8080)),
        };
        let log = std::env::var("MEGALITH_LOG").ok().or_else(|| file.text("log"));
        Ok(Settings {
            keys: keys.unwrap_or_else(|| data.join("keys")),
            database: place.database.clone().or_else(|| file.text("database")),
            database_admin: place.database_admin.clone().or_else(|| file.text("database_admin")),
            listen: listen_at,
            trust_forwarded: listen.trust_forwarded || file.flag("trust_forwarded"),
            demo: listen.demo || file.flag("demo"),
            app: listen.app.clone().or_else(|| file.path("app")),
            import_limit: listen
                .import_limit
                .or(file.number("import_limit"))
                .unwrap_or(IMPORT_LIMIT),
            log: log.unwrap_or_default(),
            data,
        })
    }
}

impl Settings {
    /// The most bytes of an uploaded file.
    pub fn most_import_bytes(&self) -> u64 {
        u64::from(self.import_limit) << 20
    }

    /// Where new organisations are placed, as the catalog names it.
    pub fn placement(&self) -> &'static str {
        match self.database {
            Some(_) => crate::placement::POSTGRES,
            None => crate::placement::SQLITE,
        }
    }
}

/// The configuration file; every value has its right kind.
#[derive(Default)]
struct File(toml::Table);

impl File {
    fn read(path: &Path) -> Result<File, Failure> {
        let text = std::fs::read_to_string(path);
        let text =
            text.map_err(|why| Failure::Usage(format!("cannot read {}: {why}", path.display())))?;
        File::parse(&text).map_err(|why| Failure::Usage(format!("{}: {why}", path.display())))
    }

    fn parse(text: &str) -> Result<File, String> {
        let table: toml::Table = text.parse().map_err(|error| format!("{error}"))?;
        for (key, value) in &table {
            if !KEYS.contains(&key.as_str()) {
                let near = kernel::schema::nearest(key, KEYS.into_iter());
                let hint = match near {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("the keys are {}", KEYS.join(", ")),
                };
                return Err(format!("there is no setting {key}; {hint}"));
            }
            let is_flag = FLAGS.contains(&key.as_str());
            let is_number = NUMBERS.contains(&key.as_str());
            let (fits, kind) = match (is_flag, is_number) {
                (true, _) => (value.is_bool(), "true or false"),
                (_, true) => {
                    let number = value.as_integer().and_then(|number| u32::try_from(number).ok());
                    (number.is_some_and(|number| number > 0), "a whole number above 0")
                }
                _ => (value.is_str(), "a text"),
            };
            if !fits {
                return Err(format!("{key} must be {kind}"));
            }
        }
        Ok(File(table))
    }

    fn text(&self, key: &str) -> Option<String> {
        self.0.get(key)?.as_str().map(str::to_owned)
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        self.text(key).map(PathBuf::from)
    }

    fn number(&self, key: &str) -> Option<u32> {
        self.0.get(key)?.as_integer().and_then(|number| u32::try_from(number).ok())
    }

    fn flag(&self, key: &str) -> bool {
        self.0.get(key).and_then(toml::Value::as_bool).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_in_the_file_is_named_with_what_was_meant() {
        for (text, expected) in [
            ("data = \"/x\"\n[listen]\n", "listen must be a text"),
            ("databse = \"x\"", "there is no setting databse; did you mean database?"),
            ("trust_forwarded = \"yes\"", "trust_forwarded must be true or false"),
            ("import_limit = 0", "import_limit must be a whole number above 0"),
            ("import_limit = \"1\"", "import_limit must be a whole number above 0"),
            ("colour = 1", "there is no setting colour; the keys are"),
            ("data = ", "TOML parse error"),
        ] {
            let found = File::parse(text).err().unwrap_or_default();
            assert!(found.contains(expected), "{text}: {found}");
        }
        assert!(File::parse("data = \"/x\"\nlisten = \"0.0.0.0:80\"").is_ok());
    }

    #[test]
    fn a_flag_comes_before_the_file_and_the_file_before_the_default() {
        let path = std::env::temp_dir().join(format!("megalith-{}.toml", std::process::id()));
        std::fs::write(&path, "data = \"/file\"\nlisten = \"127.0.0.1:9\"").unwrap();
        let place = |data: Option<&str>, config: Option<&Path>| Place {
            data: data.map(PathBuf::from),
            config: config.map(Path::to_owned),
            ..Place::default()
        };
        for (given, config, data, port) in [
            (Some("/flag"), Some(path.as_path()), "/flag", 9),
            (None, Some(path.as_path()), "/file", 9),
            (None, None, "megalith-data", 8080),
        ] {
            let settings = Settings::decide(&place(given, config), &Listen::default()).unwrap();
            assert_eq!(settings.data, PathBuf::from(data));
            assert_eq!(settings.keys, PathBuf::from(data).join("keys"));
            assert_eq!(settings.listen.port(), port);
        }
        std::fs::remove_file(&path).unwrap();
    }
}
