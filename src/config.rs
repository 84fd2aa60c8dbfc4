//! The only reader of the environment: flags before environment before file before defaults.

use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::{Path, PathBuf};

use clap::Args;
use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::fair::admission::WRITES;
use crate::media::service;

/// Where the options of a file are looked for when none is named.
const DEFAULT_FILE: &str = "roteiro.toml";
/// How long an image that nobody uses is kept, in days: longer than anybody is on holiday.
// Thirty is not nothing; a constant that panicked would not build.
const UNUSED_DAYS: NonZeroU16 = NonZeroU16::new(30).unwrap();

/// Options of every command that opens a store. Each can also stand in the file: `database_url = "…"`.
#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct StoreOptions {
    /// File with options, TOML; `roteiro.toml` in the working directory is read when it is there.
    #[arg(long, env = "ROTEIRO_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// Folder for what is kept on this machine [default: roteiro-data].
    #[arg(long, env = "ROTEIRO_DATA_DIR", value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,

    /// Database: `sqlite:FILE` or `postgres://user@host/name` [default: sqlite:DATA_DIR/roteiro.sqlite].
    #[arg(long, env = "ROTEIRO_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,

    /// File with the key under which secrets in the database are sealed: 32 bytes, as 64 hexadecimal digits or in base64; the variable
    /// ROTEIRO_SECRET_KEY may hold the key itself [default: roteiro.key beside the SQLite file; with PostgreSQL
    /// ~/.config/roteiro/secret.key; made at the first start].
    #[arg(long, env = "ROTEIRO_SECRET_KEY_FILE", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key_file: Option<PathBuf>,

    /// File with the key before it, which still opens what it sealed, until `roteiro keys reseal`; or ROTEIRO_OLD_SECRET_KEY.
    #[arg(long, env = "ROTEIRO_OLD_SECRET_KEY_FILE", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_secret_key_file: Option<PathBuf>,

    /// Redis that wakes the other processes after a change: `redis://host:6379` [default: none, they look by themselves].
    #[arg(long, env = "ROTEIRO_REDIS_URL", value_name = "URL", hide_env_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redis_url: Option<String>,
}

/// Options of `serve`.
#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct ServeOptions {
    /// What it shares with other commands.
    #[command(flatten)]
    #[serde(flatten)]
    pub store: StoreOptions,

    /// Address to serve [default: 127.0.0.1:8080]; port 0 takes any free one.
    #[arg(long, env = "ROTEIRO_LISTEN", value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,

    /// Threads that answer requests [default: one a core].
    #[arg(long, env = "ROTEIRO_WORKERS", value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workers: Option<usize>,

    /// Do not load the demo catalogue into an empty store.
    #[arg(long, env = "ROTEIRO_NO_DEMO", value_parser = clap::builder::FalseyValueParser::new())]
    #[serde(skip_serializing_if = "is_false")]
    pub no_demo: bool,

    /// Valhalla that knows the streets: `http://host:8002` [default: none, travel times are estimated].
    #[arg(long, env = "ROTEIRO_VALHALLA_URL", value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valhalla_url: Option<String>,

    /// Where images are, and how long.
    #[command(flatten)]
    #[serde(flatten)]
    pub media: MediaOptions,

    /// Images that one account may send in a day [default: 500].
    #[arg(long, env = "ROTEIRO_MEDIA_IMAGES_A_DAY", value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_images_a_day: Option<usize>,

    /// Bytes of images that one account may send in a day [default: 2147483648, 2 GiB].
    #[arg(long, env = "ROTEIRO_MEDIA_BYTES_A_DAY", value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_bytes_a_day: Option<u64>,

    /// Try the links of published records when they were not tried for so many hours; 24 is a good number [default: none, nobody is
    /// asked].
    #[arg(long, env = "ROTEIRO_LINK_CHECK_HOURS", value_name = "HOURS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_check_hours: Option<NonZeroU16>,

    /// Links may lead to this machine and to private networks too.
    #[arg(long, env = "ROTEIRO_LINK_CHECK_PRIVATE", value_parser = clap::builder::FalseyValueParser::new())]
    #[serde(skip_serializing_if = "is_false")]
    pub link_check_private: bool,

    /// Proxies of yours before the server, each of which adds to `X-Forwarded-For` [default: 0]. So many of its last entries are
    /// believed: shares, writes and tries to sign in are counted by the client's address.
    #[arg(long, env = "ROTEIRO_PROXIES", value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxies: Option<usize>,

    /// Writes of those without an account that one client may do a second in the long run [default: 10]. A client is a visitor, a
    /// partner, or the network of an address.
    #[arg(long, env = "ROTEIRO_WRITES_PER_SECOND", value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writes_per_second: Option<NonZeroU32>,

    /// Writes that it may do at once after a pause [default: 200].
    #[arg(long, env = "ROTEIRO_WRITES_BURST", value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writes_burst: Option<NonZeroU32>,

    /// Reads that one client may do a second, in each process [default: none, under load all clients get equal shares].
    #[arg(long, env = "ROTEIRO_READS_PER_SECOND", value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reads_per_second: Option<NonZeroU32>,

    /// What is logged: a level, or `tracing` directives [default: info].
    #[arg(long, env = "ROTEIRO_LOG", value_name = "FILTER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,

    /// Log one in so many requests that went well [default: 1, every one]; those that did not are all logged.
    #[arg(long, env = "ROTEIRO_LOG_SAMPLE", value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_sample: Option<NonZeroU32>,
}

/// What a command needs that touches the database and the images.
#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct SweepOptions {
    /// What it shares with other commands.
    #[command(flatten)]
    #[serde(flatten)]
    pub store: StoreOptions,

    /// Where images are, and how long.
    #[command(flatten)]
    #[serde(flatten)]
    pub media: MediaOptions,
}

/// Options of every command that touches images.
#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct MediaOptions {
    /// Where images are kept: `s3://bucket/prefix`, or a folder [default: DATA_DIR/media].
    #[arg(long, env = "ROTEIRO_MEDIA_URL", value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_url: Option<String>,

    /// Days after which an image that nothing names and that was never published is removed [default: 30].
    #[arg(long, env = "ROTEIRO_MEDIA_UNUSED_DAYS", value_name = "DAYS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_unused_days: Option<NonZeroU16>,

    /// How to speak to the bucket of `--media-url`.
    #[command(flatten)]
    #[serde(flatten)]
    pub bucket: BucketOptions,
}

/// How to speak to a bucket, under the names that everything that speaks S3 reads.
#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct BucketOptions {
    /// Address of a service that speaks S3 [default: Amazon's].
    #[arg(long, env = "AWS_ENDPOINT_URL", value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_endpoint_url: Option<String>,

    /// Region of the bucket [default: us-east-1].
    #[arg(long, env = "AWS_REGION", value_name = "REGION")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_region: Option<String>,

    /// Name of the key [default: the machine's own, where a cloud gives it one].
    #[arg(long, env = "AWS_ACCESS_KEY_ID", value_name = "ID", hide_env_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_access_key_id: Option<String>,

    /// The key.
    #[arg(long, env = "AWS_SECRET_ACCESS_KEY", value_name = "KEY", hide_env_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_secret_access_key: Option<String>,

    /// Token beside a key that holds for a while.
    #[arg(long, env = "AWS_SESSION_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_session_token: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// The options in force.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Folder for what is kept on this machine.
    pub data_dir: PathBuf,
    /// Address of the database; a file in `data_dir` when absent.
    pub database_url: Option<String>,
    /// File with the key under which secrets are sealed.
    pub secret_key_file: Option<PathBuf>,
    /// File with the key before it.
    pub old_secret_key_file: Option<PathBuf>,
    /// Address of Redis.
    pub redis_url: Option<String>,
    /// Address to serve.
    pub listen: SocketAddr,
    /// Threads that answer requests.
    pub workers: usize,
    /// Whether an empty store stays empty.
    pub no_demo: bool,
    /// Address of a Valhalla.
    pub valhalla_url: Option<String>,
    /// Where images are kept.
    pub media_url: Option<String>,
    /// Days after which an image that nobody uses is removed.
    pub media_unused_days: NonZeroU16,
    /// Images that one account may send in a day.
    pub media_images_a_day: usize,
    /// Their bytes.
    pub media_bytes_a_day: u64,
    /// Hours after which a link is tried again; it is not tried at all when absent.
    pub link_check_hours: Option<NonZeroU16>,
    /// Whether links may lead into private networks.
    pub link_check_private: bool,
    /// Address of the service of the bucket.
    pub aws_endpoint_url: Option<String>,
    /// Region of the bucket.
    pub aws_region: Option<String>,
    /// Name of the bucket's key.
    pub aws_access_key_id: Option<String>,
    /// The bucket's key.
    pub aws_secret_access_key: Option<String>,
    /// Token beside it.
    pub aws_session_token: Option<String>,
    /// Proxies before the server.
    pub proxies: usize,
    /// Writes of a client without an account a second.
    pub writes_per_second: NonZeroU32,
    /// Writes of such a client at once.
    pub writes_burst: NonZeroU32,
    /// Reads of a client a second; unbounded when absent.
    pub reads_per_second: Option<NonZeroU32>,
    /// What is logged.
    pub log: String,
    /// Of how many requests that went well one is logged.
    pub log_sample: NonZeroU32,
    /// OpenID providers that may vouch for accounts; they stand in the file only.
    pub oidc: Vec<OidcOptions>,
}

/// An OpenID provider, a table `[[oidc]]` of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcOptions {
    /// What it is called in the contract, such as `govbr`: letters and digits.
    pub name: String,
    /// What people call it; its name when absent.
    pub title: Option<String>,
    /// Its `iss`: the address under which it describes itself.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// File with the secret it gave us. Without one, the variable `ROTEIRO_OIDC_NAME_SECRET` is read, `NAME` in capitals.
    pub client_secret_file: Option<PathBuf>,
    /// The page of the editors' app that it sends browsers back to.
    pub redirect_url: String,
    /// What is asked for beside `openid`.
    #[serde(default = "email_scope")]
    pub scopes: Vec<String>,
}

fn email_scope() -> Vec<String> {
    vec!["email".to_owned()]
}

impl OidcOptions {
    /// The secret by which the provider knows us; `None` for a public client. Fails when its file cannot be read.
    #[expect(clippy::disallowed_methods, reason = "this is the reader of the environment")]
    pub fn client_secret(&self) -> Result<Option<String>, ConfigError> {
        match &self.client_secret_file {
            Some(file) => {
                let secret = std::fs::read_to_string(file).map_err(|_| ConfigError::Secret(file.clone()))?;
                Ok(Some(secret.trim().to_owned()))
            }
            None => Ok(std::env::var(format!("ROTEIRO_OIDC_{}_SECRET", self.name.to_uppercase())).ok()),
        }
    }
}

/// Options that contradict or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value cannot be read.
    #[error("an option cannot be read: {0}")]
    Value(#[from] Box<figment::Error>),
    /// The named file is not there.
    #[error("the options file {} cannot be read", .0.display())]
    File(PathBuf),
    /// The file with a secret is not there.
    #[error("the secret in {} cannot be read", .0.display())]
    Secret(PathBuf),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: "roteiro-data".into(),
            database_url: None,
            secret_key_file: None,
            old_secret_key_file: None,
            redis_url: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            workers: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            no_demo: false,
            valhalla_url: None,
            media_url: None,
            media_unused_days: UNUSED_DAYS,
            media_images_a_day: service::A_DAY.images,
            media_bytes_a_day: service::A_DAY.bytes,
            link_check_hours: None,
            link_check_private: false,
            aws_endpoint_url: None,
            aws_region: None,
            aws_access_key_id: None,
            aws_secret_access_key: None,
            aws_session_token: None,
            proxies: 0,
            writes_per_second: WRITES.a_second,
            writes_burst: WRITES.burst,
            reads_per_second: None,
            log: "info".to_owned(),
            log_sample: NonZeroU32::MIN,
            oidc: Vec::new(),
        }
    }
}

impl Settings {
    /// The settings of `serve`.
    pub fn of_serve(options: &ServeOptions) -> Result<Self, ConfigError> {
        resolve(options.store.config.as_deref(), Serialized::defaults(options))
    }

    /// The settings of a command that opens a store.
    pub fn of_store(options: &StoreOptions) -> Result<Self, ConfigError> {
        resolve(options.config.as_deref(), Serialized::defaults(options))
    }

    /// The settings of a command that touches images.
    pub fn of_media(options: &SweepOptions) -> Result<Self, ConfigError> {
        resolve(options.store.config.as_deref(), Serialized::defaults(options))
    }

    /// Address of the database.
    pub fn database_url(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite:{}", self.data_dir.join("roteiro.sqlite").display()))
    }
}

/// Where the operator's key is.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretKeySource {
    /// In the environment: this is it.
    Text(String),
    /// In a file that was named.
    File(PathBuf),
    /// In a file of ours, which is made when there is none.
    Default(PathBuf),
}

impl Settings {
    /// Where the key is that seals the secrets of the database.
    #[expect(clippy::disallowed_methods, reason = "this is the reader of the environment")]
    pub fn secret_key(&self) -> SecretKeySource {
        match (std::env::var("ROTEIRO_SECRET_KEY"), &self.secret_key_file) {
            (Ok(text), _) => SecretKeySource::Text(text),
            (Err(_), Some(file)) => SecretKeySource::File(file.clone()),
            (Err(_), None) => SecretKeySource::Default(self.default_secret_key_file()),
        }
    }

    /// Where the key before it is, when one is given.
    #[expect(clippy::disallowed_methods, reason = "this is the reader of the environment")]
    pub fn old_secret_key(&self) -> Option<SecretKeySource> {
        let text = std::env::var("ROTEIRO_OLD_SECRET_KEY").ok().map(SecretKeySource::Text);
        text.or_else(|| self.old_secret_key_file.clone().map(SecretKeySource::File))
    }

    /// Beside the file of SQLite, so that both move together. With PostgreSQL in the user's folder of configuration, where all processes
    /// of a machine find it, whatever their data folders; in the data folder when there is no such folder.
    #[expect(clippy::disallowed_methods, reason = "this is the reader of the environment")]
    fn default_secret_key_file(&self) -> PathBuf {
        let url = self.database_url();
        let file = url.strip_prefix("sqlite:").map(|file| file.strip_prefix("//").unwrap_or(file));
        if let Some(file) = file.and_then(|file| file.split('?').next()).filter(|file| !file.is_empty()) {
            return Path::new(file).with_extension("key");
        }
        let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
        let configuration = folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")));
        configuration.map_or_else(|| self.data_dir.join("roteiro.key"), |folder| folder.join("roteiro/secret.key"))
    }
}

fn resolve<T: Serialize>(file: Option<&Path>, flags: Serialized<T>) -> Result<Settings, ConfigError> {
    if let Some(missing) = file.filter(|file| !file.is_file()) {
        return Err(ConfigError::File(missing.to_owned()));
    }
    let file = file.unwrap_or(Path::new(DEFAULT_FILE));
    let mut figment = Figment::from(Serialized::defaults(Settings::default()));
    if file.is_file() {
        figment = figment.merge(Toml::file_exact(file));
    }
    let figment = figment.merge(flags);
    let settings: Settings = figment.extract().map_err(Box::new)?;
    Ok(Settings { workers: settings.workers.max(1), ..settings })
}
