//! What becomes of a refresh token that is shown: one rule for the sessions of visitors and of accounts.
//!
//! A session has two live tokens at most: the one used last and its successor. Every use of the former gives the same successor, as
//! often as it is shown, because answers are lost on the way and apps ask twice at once. The first use of the successor makes it the
//! one used last. Any other that was given out was used before its successor was, so two parties hold the session (RFC 9700 §4.14.2).

/// A refresh token that is shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its mark.
    pub mark: String,
    /// Whether it was given out for this session; one that never was ends nothing.
    pub is_ours: bool,
    /// The successor it gets at its first use.
    pub offered: Successor,
}

/// The successor of a refresh token, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Successor {
    /// Its mark.
    pub mark: String,
    /// The token, sealed under the one before it, which is kept nowhere.
    pub sealed: String,
}

/// What became of a refresh token that was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renewal<T> {
    /// It was exchanged: whose the session is, and the successor, which is another than the one offered when the token was used before.
    Renewed(T, Successor),
    /// There is no such session, it has ended, or the token is none of its tokens.
    Unknown,
    /// The token was exchanged before and its successor was used: two parties hold the session, so it was ended.
    Reused,
}

/// The live tokens of a session, as they are kept.
pub(super) struct Live<'a> {
    /// Mark of the token used last.
    pub last: Option<&'a str>,
    /// Mark of its successor.
    pub next: &'a str,
    /// The successor sealed; absent before the first use.
    pub sealed: Option<&'a str>,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The token is the one used last from now on, and has this successor.
    Advance(Successor),
    /// The token was used before and has this successor already.
    Repeat(Successor),
    /// The session is to be ended.
    End,
    /// Nothing: the token opens nothing.
    Refuse,
}

/// What is to be done about a token.
pub(super) fn step(live: &Live<'_>, shown: &Shown) -> Step {
    let was_last = live.last == Some(&shown.mark);
    match live.sealed {
        _ if live.next == shown.mark => Step::Advance(shown.offered.clone()),
        Some(sealed) if was_last => Step::Repeat(Successor { mark: live.next.to_owned(), sealed: sealed.to_owned() }),
        // Used last before successors were sealed: its successor is known to whoever got it alone.
        None if was_last => Step::Advance(shown.offered.clone()),
        _ if shown.is_ours => Step::End,
        _ => Step::Refuse,
    }
}
