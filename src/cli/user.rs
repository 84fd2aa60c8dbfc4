//! `roteiro user`: accounts, from the machine that has the database. The first administrator is made here; there is no default password.

use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};

use super::{Outcome, authority};
use crate::config::{Settings, StoreOptions};
use crate::domain::characters::first_forbidden;
use crate::domain::ids::RecordId;
use crate::identity::accounts::{Account, Accounts, Authority, HeldRole, Newcomer};
use crate::identity::oidc::Providers;
use crate::identity::password::NewPassword;
use crate::identity::rights::Role;
use crate::identity::session::Sessions;
use crate::store::{Access, Store};

/// Accounts listed at a time.
const PAGE: u64 = 500;

/// What to do with accounts.
#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Make an account; its password is drawn at random and printed once, unless it is given.
    Create(CreateOptions),
    /// Give an account a role. It waits for `reset`, or for an invitation, when whoever invited the account could not have given it.
    Grant(GrantOptions),
    /// Take a role from an account.
    Revoke(RevokeOptions),
    /// Close an account: its sessions end at once.
    Disable(DisableOptions),
    /// Open a closed account again.
    Enable(UserOptions),
    /// Give an account a new password and take its second factor away; its sessions end.
    Reset(ResetOptions),
    /// List the accounts and their roles.
    List(ListOptions),
}

/// A role, as it is typed.
#[derive(Clone, Copy, ValueEnum)]
enum RoleWord {
    /// Writes drafts in a city.
    Editor,
    /// Approves drafts in a city, or asks for changes.
    Reviewer,
    /// Publishes in a city.
    Publisher,
    /// All of that, and who else may, in a city.
    CityAdmin,
    /// All of that in every city.
    Admin,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Editor => Self::Editor,
            RoleWord::Reviewer => Self::Reviewer,
            RoleWord::Publisher => Self::Publisher,
            RoleWord::CityAdmin => Self::CityAdmin,
            RoleWord::Admin => Self::Admin,
        }
    }
}

/// How a password is given; never as an argument, where other users of the machine could read it.
#[derive(Args)]
struct PasswordOptions {
    /// Read the password from standard input.
    #[arg(long)]
    password_stdin: bool,
}

/// Options of `user create`.
#[derive(Args)]
pub(super) struct CreateOptions {
    /// E-mail address.
    email: String,
    /// Name shown to colleagues.
    #[arg(long)]
    name: String,
    /// Role it begins with.
    #[arg(long)]
    role: Option<RoleWord>,
    /// City of the role, by slug.
    #[arg(long, requires = "role")]
    city: Option<String>,
    /// Make it without a password: it signs in by an OpenID provider only.
    #[arg(long, conflicts_with = "password_stdin")]
    no_password: bool,
    #[command(flatten)]
    password: PasswordOptions,
    #[command(flatten)]
    store: StoreOptions,
}

/// Options of `user revoke`.
#[derive(Args)]
pub(super) struct RevokeOptions {
    /// Take it from the last administrator of all cities too.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    role: GrantOptions,
}

/// Options of `user disable`.
#[derive(Args)]
pub(super) struct DisableOptions {
    /// Close the last administrator of all cities too.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    user: UserOptions,
}

/// Options of `user grant` and `user revoke`.
#[derive(Args)]
pub(super) struct GrantOptions {
    /// E-mail address.
    email: String,
    /// The role.
    role: RoleWord,
    /// City of the role, by slug; none for `admin`.
    #[arg(long)]
    city: Option<String>,
    #[command(flatten)]
    store: StoreOptions,
}

/// Options of `user disable` and `user enable`.
#[derive(Args)]
pub(super) struct UserOptions {
    /// E-mail address.
    email: String,
    #[command(flatten)]
    store: StoreOptions,
}

/// Options of `user reset`.
#[derive(Args)]
pub(super) struct ResetOptions {
    /// E-mail address.
    email: String,
    #[command(flatten)]
    password: PasswordOptions,
    #[command(flatten)]
    store: StoreOptions,
}

/// Options of `user list`.
#[derive(Args)]
pub(super) struct ListOptions {
    #[command(flatten)]
    store: StoreOptions,
}

/// Why a command about accounts cannot be done.
#[derive(Debug, thiserror::Error)]
enum UserError {
    /// No city has the slug.
    #[error("no city is called {0}")]
    City(String),
}

impl UserCommand {
    const fn store(&self) -> &StoreOptions {
        match self {
            Self::Create(options) => &options.store,
            Self::Grant(options) => &options.store,
            Self::Revoke(options) => &options.role.store,
            Self::Disable(options) => &options.user.store,
            Self::Enable(options) => &options.store,
            Self::Reset(options) => &options.store,
            Self::List(options) => &options.store,
        }
    }
}

/// Does it.
pub(super) async fn run(command: UserCommand) -> Outcome {
    let settings = Settings::of_store(command.store())?;
    let store = match &command {
        // The first administrator may be made before the first start.
        UserCommand::Create(_) => super::open(&settings).await?,
        UserCommand::List(_) => {
            let store = super::open_existing(&settings, Access::Read).await?;
            list(&store).await?;
            store.close().await;
            return Ok(ExitCode::SUCCESS);
        }
        UserCommand::Grant(_) | UserCommand::Revoke(_) | UserCommand::Disable(_) | UserCommand::Enable(_) | UserCommand::Reset(_) => {
            super::open_existing(&settings, Access::Write).await?
        }
    };
    let now = super::clock(&store).await?.now();
    let vault = super::vault(&settings, &store, now).await?;
    let sessions = Arc::new(Sessions::open(store.clone(), vault, now).await?);
    let accounts = Accounts::open(store.clone(), sessions, Providers::new(Vec::new())?, now).await?;
    let by = Authority::CommandLine(authority());
    match command {
        UserCommand::Create(options) => create(&store, &accounts, options, now).await?,
        UserCommand::Grant(options) => {
            let account = accounts.give(by, &options.email, placed(&store, options.role, options.city).await?, now).await?;
            println!("{}", line(&store, &account).await?);
        }
        UserCommand::Revoke(RevokeOptions { force, role: options }) => {
            let by = command_line(force);
            let account = accounts.take(by, &options.email, placed(&store, options.role, options.city).await?, now).await?;
            println!("{}", line(&store, &account).await?);
        }
        UserCommand::Disable(DisableOptions { force, user: options }) => {
            let account = accounts.disable(command_line(force), &options.email, now).await?;
            println!("{} is closed; its sessions have ended.", account.email);
        }
        UserCommand::Enable(options) => {
            let account = accounts.enable(by, &options.email, now).await?;
            println!("{} is open again.", account.email);
        }
        UserCommand::Reset(options) => {
            let (password, is_drawn) = password(&options.password, &options.email)?;
            accounts.reset(authority(), &options.email, &password, now).await?;
            println!("{} has a new password and no second factor; its sessions have ended.", options.email);
            tell(&password, is_drawn);
        }
        // Was listed above, without a key that signs and so without writing.
        UserCommand::List(_) => {}
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

const fn command_line(is_forced: bool) -> Authority {
    if is_forced { Authority::ForcedCommandLine(authority()) } else { Authority::CommandLine(authority()) }
}

async fn create(store: &Store, accounts: &Accounts, options: CreateOptions, now: DateTime<Utc>) -> Result<(), Box<dyn std::error::Error>> {
    let role = match options.role {
        Some(role) => Some(placed(store, role, options.city).await?),
        None => None,
    };
    let drawn = if options.no_password { None } else { Some(password(&options.password, &options.email)?) };
    let new = Newcomer { email: &options.email, name: &options.name, role, password: drawn.as_ref().map(|(password, _)| password) };
    let account = accounts.create(authority(), new, now).await?;
    println!("{}", line(store, &account).await?);
    if let Some((password, is_drawn)) = drawn {
        tell(&password, is_drawn);
    }
    Ok(())
}

async fn list(store: &Store) -> Result<(), Box<dyn std::error::Error>> {
    let mut after = None;
    loop {
        let page = Accounts::list_all(store, authority(), after, PAGE).await?;
        for account in &page {
            println!("{}", line(store, account).await?);
        }
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.email.clone());
    }
}

/// One drawn at random, or what stands on standard input without the end of its line; and whether it was drawn.
fn password(options: &PasswordOptions, email: &str) -> Result<(NewPassword, bool), Box<dyn std::error::Error>> {
    if !options.password_stdin {
        return Ok((NewPassword::random()?, true));
    }
    let mut text = String::new();
    std::io::stdin().take(4_096).read_to_string(&mut text)?;
    let text = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    // As it is refused where somebody signs in.
    if first_forbidden(text).is_some() {
        return Err("the password holds a character that no text may hold, such as U+0000".into());
    }
    Ok((NewPassword::new(text, email)?, false))
}

fn tell(password: &NewPassword, is_drawn: bool) {
    if is_drawn {
        println!("Password, shown this once: {}", password.reveal());
    }
}

async fn placed(store: &Store, role: RoleWord, city: Option<String>) -> Result<(Role, Option<RecordId>), Box<dyn std::error::Error>> {
    let Some(slug) = city else { return Ok((role.into(), None)) };
    let found = store.city_slugs().await?.into_iter().find(|(_, known)| *known == slug);
    let (city, _) = found.ok_or(UserError::City(slug))?;
    Ok((role.into(), Some(city)))
}

/// An account in one line.
async fn line(store: &Store, account: &Account) -> Result<String, Box<dyn std::error::Error>> {
    let cities = store.city_slugs().await?;
    let place = |city: RecordId| cities.iter().find(|(id, _)| *id == city).map_or("a city that is gone", |(_, slug)| slug);
    let role = |held: &HeldRole| {
        let role = held.role.as_str();
        let placed = held.city.map_or_else(|| role.to_owned(), |city| format!("{role} in {}", place(city)));
        if held.is_in_force || account.has_password == Some(false) { placed } else { format!("{placed} (waits for an invitation)") }
    };
    let roles: Vec<String> = account.roles.iter().map(role).collect();
    let roles = if roles.is_empty() { "no role".to_owned() } else { roles.join(", ") };
    let closed = if account.disabled_at.is_some() { "  closed" } else { "" };
    Ok(format!("{}  {}  {roles}{closed}", account.email, account.name))
}
