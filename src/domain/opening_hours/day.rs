//! One local day as stretches of equal state, and how the days of a rule group and its fallback become one.

use std::sync::Arc;

use super::OpenState;

/// Minutes in a local day as the clock face counts them.
pub(super) const MINUTES: u16 = 24 * 60;

/// A part of a day; it begins where the one before it ends, the first at 00:00.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Minute of the day it ends at, exclusive; the last one's is [`MINUTES`].
    pub until: u16,
    /// What holds in it.
    pub state: OpenState,
    /// What the value says about it.
    pub comment: Option<Arc<str>>,
}

/// The stretches of one day, at least one, together from 00:00 to 24:00.
pub(super) type Day = Vec<Stretch>;

/// A day about which nothing is known.
pub(super) fn unknown() -> Day {
    vec![Stretch { until: MINUTES, state: OpenState::Unknown, comment: None }]
}

/// A day nothing is said about, which is closed.
pub(super) fn closed() -> Day {
    vec![Stretch { until: MINUTES, state: OpenState::Closed, comment: None }]
}

/// The day with `over` from minute `start` to its end laid over it.
pub(super) fn overlaid(day: &[Stretch], start: u16, over: Stretch) -> Day {
    let end = over.until;
    let mut laid = Day::with_capacity(day.len() + 2);
    for stretch in day {
        if laid.last().map_or(0, |last: &Stretch| last.until) < start {
            push(&mut laid, Stretch { until: stretch.until.min(start), ..stretch.clone() });
        }
    }
    push(&mut laid, over);
    for stretch in day.iter().filter(|stretch| stretch.until > end) {
        push(&mut laid, stretch.clone());
    }
    laid
}

/// The stretch a minute of the day lies in.
pub(super) fn at(day: &[Stretch], minute: u16) -> Option<&Stretch> {
    day.iter().find(|stretch| minute < stretch.until)
}

/// The first stretch after `minute` whose state differs from the one at `minute`, with its beginning.
pub(super) fn next_change(day: &[Stretch], minute: u16) -> Option<(u16, OpenState)> {
    let current = day.iter().position(|stretch| minute < stretch.until)?;
    day.windows(2).skip(current).find(|pair| pair[0].state != pair[1].state).map(|pair| (pair[0].until, pair[1].state))
}

/// The day as `first` says it, and where `first` is closed as `fallback` says it (the specification's `||`).
pub(super) fn with_fallback(first: &[Stretch], fallback: &[Stretch]) -> Day {
    let mut day = Day::new();
    let (mut firsts, mut fallbacks) = (first.iter().peekable(), fallback.iter().peekable());
    while let (Some(own), Some(other)) = (firsts.peek(), fallbacks.peek()) {
        let until = own.until.min(other.until);
        let chosen =
            if own.state == OpenState::Closed && (other.state != OpenState::Closed || own.comment.is_none()) { other } else { own };
        push(&mut day, Stretch { until, state: chosen.state, comment: chosen.comment.clone() });
        firsts.next_if(|stretch| stretch.until == until);
        fallbacks.next_if(|stretch| stretch.until == until);
    }
    day
}

/// Appends a stretch, joined to the last one when nothing but the end differs.
pub(super) fn push(day: &mut Day, stretch: Stretch) {
    match day.last_mut() {
        Some(last) if last.state == stretch.state && last.comment == stretch.comment => {
            last.until = stretch.until;
        }
        _ => day.push(stretch),
    }
}
