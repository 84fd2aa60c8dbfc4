//! What an error says in the log: its whole chain of causes in one line, without the values of statements and without addresses' paths.
//!
//! The database's library nests its causes out of sight of [`Error::source`], and quotes values where a constraint or a type refused
//! one; both are put right here, in one place.

use std::error::Error;
use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr, SqlxError};

/// Longest line of causes, in characters.
const MAX_CHAIN: usize = 1_000;

/// What keeps a database from doing its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It cannot be reached, or gives no connection.
    Unreachable,
    /// There is no room left to write.
    Full,
    /// It takes no writes.
    ReadOnly,
    /// It failed by itself: input and output, memory, a damaged file.
    Failed,
}

impl Trouble {
    /// The word for it in `/readyz` and in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "UNREACHABLE",
            Self::Full => "FULL",
            Self::ReadOnly => "READ_ONLY",
            Self::Failed => "FAILED",
        }
    }
}

/// The error and everything that led to it, outermost first, each said once.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut told = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let database = error.downcast_ref::<DbErr>();
        let text = database.map_or_else(|| error.to_string(), words);
        // Some libraries repeat their cause in their own message.
        if !told.contains(&text) {
            told = if told.is_empty() { text } else { format!("{told}: {text}") };
        }
        next = error.source().filter(|_| database.is_none());
    }
    without_paths(&told).chars().take(MAX_CHAIN).collect()
}

/// What keeps the database from working, when that is the cause.
pub fn trouble(error: &(dyn Error + 'static)) -> Option<Trouble> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(database) = error.downcast_ref::<DbErr>() {
            return trouble_of(database);
        }
        next = error.source();
    }
    None
}

fn sqlx(error: &DbErr) -> Option<&Arc<SqlxError>> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

/// What the database's library says, without values.
fn words(error: &DbErr) -> String {
    if let Some(error) = sqlx(error) {
        return match &**error {
            SqlxError::Database(refused) => {
                let code = refused.code().unwrap_or_default();
                // Classes 22 and 23 of PostgreSQL, data exceptions and violated constraints, quote what was sent.
                let is_about_values = code.len() == 5 && (code.starts_with("22") || code.starts_with("23"));
                let text = if is_about_values { "a value was refused" } else { refused.message() };
                let constraint = refused.constraint().map(|name| format!(", constraint {name}")).unwrap_or_default();
                format!("{text} (code {code}{constraint})")
            }
            SqlxError::Configuration(_) => "the connection is not configured rightly".to_owned(),
            SqlxError::Decode(_) => "a row could not be read".to_owned(),
            SqlxError::ColumnDecode { index, .. } => format!("column {index} could not be read"),
            SqlxError::Encode(_) => "a value could not be written".to_owned(),
            other => other.to_string(),
        };
    }
    match error {
        DbErr::ConnectionAcquire(error) => error.to_string(),
        DbErr::Conn(RuntimeErr::Internal(text)) | DbErr::Exec(RuntimeErr::Internal(text)) | DbErr::Query(RuntimeErr::Internal(text)) => {
            text.clone()
        }
        DbErr::Custom(text) | DbErr::Migration(text) => text.clone(),
        DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } => "a value is of another type than its column".to_owned(),
        DbErr::RecordNotFound(_) => "a row is not there".to_owned(),
        other => other.to_string(),
    }
}

fn trouble_of(error: &DbErr) -> Option<Trouble> {
    if matches!(error, DbErr::ConnectionAcquire(_)) {
        return Some(Trouble::Unreachable);
    }
    match &**sqlx(error)? {
        SqlxError::Database(refused) => of_code(&refused.code()?),
        SqlxError::Io(_) | SqlxError::Tls(_) | SqlxError::PoolTimedOut | SqlxError::PoolClosed | SqlxError::WorkerCrashed => {
            Some(Trouble::Unreachable)
        }
        SqlxError::Protocol(_) => Some(Trouble::Unreachable),
        _ => None,
    }
}

/// PostgreSQL: appendix A of its manual, five characters. SQLite: <https://www.sqlite.org/rescode.html>, extended numbers.
fn of_code(code: &str) -> Option<Trouble> {
    if let (5, Some(class)) = (code.len(), code.get(..2)) {
        return match class {
            "08" | "57" => Some(Trouble::Unreachable),
            "53" if code == "53100" => Some(Trouble::Full),
            "25" if code == "25006" => Some(Trouble::ReadOnly),
            "53" | "58" | "XX" => Some(Trouble::Failed),
            _ => None,
        };
    }
    match code.parse::<u32>().ok()? & 0xff {
        8 => Some(Trouble::ReadOnly),
        13 => Some(Trouble::Full),
        7 | 10 | 11 | 14 | 26 => Some(Trouble::Failed),
        _ => None,
    }
}

/// Addresses keep their scheme and host: a path, a query or a name before the host may be a secret.
fn without_paths(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + 3);
        let end = address.find(|letter: char| letter.is_whitespace() || "\"'()<>,`".contains(letter)).unwrap_or(address.len());
        let authority = address[..end].split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        kept.push_str(before);
        kept.push_str(host);
        // The colon that leads to the next cause is no part of the address.
        rest = &address[end..];
        if address[..end].ends_with(':') && !host.ends_with(':') {
            kept.push(':');
        }
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("saved trips cannot be reached")]
    struct Outer(#[source] Middle);

    #[derive(Debug, thiserror::Error)]
    #[error("the database failed")]
    struct Middle(#[source] DbErr);

    fn outer(error: SqlxError) -> Outer {
        Outer(Middle(DbErr::Exec(RuntimeErr::SqlxError(error.into()))))
    }

    #[test]
    fn every_cause_is_said_once_down_to_the_first() {
        let refused = outer(SqlxError::Io(io::Error::from_raw_os_error(111)));
        let told = chain(&refused);
        assert!(told.starts_with("saved trips cannot be reached: the database failed: "), "{told}");
        assert!(told.contains("Connection refused") && told.matches("refused").count() == 1, "{told}");
        assert_eq!(trouble(&refused), Some(Trouble::Unreachable));
        assert_eq!(trouble(&io::Error::other("something else")), None);
    }

    #[test]
    fn values_of_statements_are_not_told() {
        let decoded = SqlxError::ColumnDecode { index: "\"name\"".into(), source: "invalid value S3CRET".into() };
        assert!(!chain(&outer(decoded)).contains("S3CRET"));
        assert!(!chain(&Middle(DbErr::Json("S3CRET".to_owned()))).contains("S3CRET"));
        assert!(!chain(&outer(SqlxError::Configuration("postgres://me:S3CRET@host/name".into()))).contains("S3CRET"));
    }

    #[test]
    fn codes_say_what_the_trouble_is() {
        let codes = [
            ("13", Some(Trouble::Full)),
            ("53100", Some(Trouble::Full)),
            ("8", Some(Trouble::ReadOnly)),
            ("1032", Some(Trouble::ReadOnly)),
            ("25006", Some(Trouble::ReadOnly)),
            ("10", Some(Trouble::Failed)),
            ("778", Some(Trouble::Failed)),
            ("58030", Some(Trouble::Failed)),
            ("57P01", Some(Trouble::Unreachable)),
            ("08006", Some(Trouble::Unreachable)),
            ("23505", None),
            ("40001", None),
            ("2067", None),
            ("5", None),
        ];
        for (code, expected) in codes {
            assert_eq!(of_code(code), expected, "{code}");
        }
    }

    #[test]
    fn addresses_keep_scheme_and_host_alone() {
        let told = without_paths("asking (https://me:pw@host.example:8443/a/S3CRET?b=S3CRET) failed, then redis://:S3CRET@cache: refused");
        assert_eq!(told, "asking (https://host.example:8443) failed, then redis://cache: refused");
    }
}
