//! How the rules of a value make a day. The `opening-hours` crate parses them and tells on which days and at which times
//! each one holds; how they come together is done here, because the crate loses the hours after midnight of a later rule
//! (`Mo-Fr 11:00-02:00; Sa,Su 12:00-02:00` would close at midnight on Sunday) and lets a rule without days override.
//!
//! The order of the specification, as `opening_hours.js` reads it: rules are laid over each other in turn; an open or
//! unknown rule that selects this day first wipes out what was there, unless it is additional (after a comma) or names
//! no days (then an open one does, if the rule before it names none either).

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use chrono::NaiveDate;
use chrono_tz::Tz;
use opening_hours::{Context, OpeningHours as Expression, RuleKind, localization::TzLocation};

use super::{
    OpenState, OpeningHoursError,
    day::{self, Day, Stretch},
};

/// What the crate evaluates with: zone, position, holidays.
pub(super) type Surroundings = Context<TzLocation<Tz>>;

/// The rules between two `||`, in order.
#[derive(Debug)]
pub(super) struct Group(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    /// Open at the rule's times, on its days and after their midnight.
    times: Expression<TzLocation<Tz>>,
    /// Open all day on the rule's days, and on no other.
    days: Expression<TzLocation<Tz>>,
    state: OpenState,
    comment: Option<Arc<str>>,
    /// Whether it wipes out the rules before it on its days.
    overrides: bool,
    weekly: bool,
}

impl Group {
    /// Parses the text of a group that the crate understands.
    pub(super) fn parse(text: &str, surroundings: &Surroundings) -> Result<Self, OpeningHoursError> {
        let whole = parse(text)?.get_expression();
        let mut rules: Vec<Rule> = Vec::with_capacity(whole.rules.len());
        let always = parse("24/7")?.get_expression();
        let [all_day] = always.rules.as_slice() else { return Err(OpeningHoursError::Unworkable) };
        let mut previous_names_days = true;
        for rule in &whole.rules {
            let mut times = rule.clone();
            times.kind = RuleKind::Open;
            times.comment = Arc::from("");
            let mut days = times.clone();
            days.time_selector.clone_from(&all_day.time_selector);

            let alone = parse(&with_signs(&times.to_string()))?;
            let parsed_again = alone.get_expression();
            let [single] = parsed_again.rules.as_slice() else {
                return Err(OpeningHoursError::Unworkable);
            };
            // Alone a rule is of the normal kind; a group has no fallback, so another kind is the additional one.
            let additional = rule.operator != single.operator;
            times.operator = single.operator;
            if times != *single {
                return Err(OpeningHoursError::Unworkable);
            }
            let names_days = !rule.day_selector.is_empty();
            rules.push(Rule {
                times: alone.with_context(surroundings.clone()),
                days: parse(&with_signs(&days.to_string()))?.with_context(surroundings.clone()),
                state: state(rule.kind),
                comment: Some(Arc::clone(&rule.comment)).filter(|comment| !comment.is_empty()),
                overrides: !additional
                    && match rule.kind {
                        RuleKind::Open => names_days || !previous_names_days,
                        RuleKind::Unknown => names_days,
                        RuleKind::Closed => false,
                    },
                weekly: rule.day_selector.year.is_empty()
                    && rule.day_selector.monthday.is_empty()
                    && rule.day_selector.week.is_empty()
                    && rule.day_selector.weekday.iter().all(|range| is_plain_weekday(&range.to_string()))
                    && rule
                        .time_selector
                        .spans
                        .iter()
                        .all(|span| span.range.start.as_time_event().is_none() && span.range.end.as_time_event().is_none()),
            });
            previous_names_days = names_days;
        }
        Ok(Self(rules))
    }

    /// How many rules it has.
    pub(super) fn rules(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing but the weekday decides: no year, month, week, holiday, n-th weekday or sun event.
    pub(super) fn repeats_weekly(&self) -> bool {
        self.0.iter().all(|rule| rule.weekly)
    }

    /// The day as the group alone says it.
    pub(super) fn day(&self, date: NaiveDate) -> Day {
        let mut day = day::closed();
        for rule in &self.0 {
            if rule.overrides && !is_closed(&rule.days, date) {
                day = day::closed();
            }
            let Some(ranges) = guarded(|| rule.times.schedule_at(date).into_iter().collect::<Vec<_>>()) else {
                return day::unknown();
            };
            for range in ranges.iter().filter(|range| range.kind == RuleKind::Open) {
                let stretch = Stretch {
                    until: range.range.end.mins_from_midnight().min(day::MINUTES),
                    state: rule.state,
                    comment: rule.comment.clone(),
                };
                day = day::overlaid(&day, range.range.start.mins_from_midnight(), stretch);
            }
        }
        day
    }
}

fn is_closed(days: &Expression<TzLocation<Tz>>, date: NaiveDate) -> bool {
    guarded(|| days.schedule_at(date).is_empty()).unwrap_or(true)
}

/// The crate does not re-export the types of its selectors, so a range of weekdays is known by its canonical text (`Mo`,
/// `Mo-Fr`), which a holiday, an n-th weekday (`Mo[1]`) or an offset does not have.
fn is_plain_weekday(range: &str) -> bool {
    !["PH", "SH"].contains(&range) && range.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
}

fn state(kind: RuleKind) -> OpenState {
    match kind {
        RuleKind::Open => OpenState::Open,
        RuleKind::Closed => OpenState::Closed,
        RuleKind::Unknown => OpenState::Unknown,
    }
}

fn parse(text: &str) -> Result<Expression, OpeningHoursError> {
    guarded(|| text.parse::<Expression>())
        .ok_or(OpeningHoursError::Unworkable)?
        .map_err(|error| OpeningHoursError::Syntax(error.to_string()))
}

/// The crate writes an offset of days without its plus sign (`PH 1 days`), which it does not read again.
fn with_signs(text: &str) -> String {
    let mut signed = String::with_capacity(text.len() + 1);
    for (at, word) in text.split(' ').enumerate() {
        let is_offset =
            word.bytes().all(|byte| byte.is_ascii_digit()) && text.split(' ').nth(at + 1).is_some_and(|next| next.starts_with("day"));
        signed.push_str(if at > 0 { " " } else { "" });
        signed.push_str(if is_offset { "+" } else { "" });
        signed.push_str(word);
    }
    signed
}

/// The crate asserts its own invariants, in release builds too, and some values break them (`10:00-12:00/24:00`,
/// `(sunset+23:00)-30:00`). A value is an editor's text: it must not take a worker down.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
