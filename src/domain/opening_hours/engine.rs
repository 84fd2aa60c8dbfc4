//! The schedule of any day of a value, with days kept so that a filter over many places costs nanoseconds. Most values depend on the weekday alone: their week is worked out once. The others keep the
//! few days last asked for, so that memory stays bounded whatever dates are asked.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use opening_hours::{
    Context,
    localization::{Coordinates, TzLocation},
};

use super::{
    MAX_RULES, OpenState, OpeningHoursError, at_minute,
    day::{self, Day, Stretch},
    rules::Group,
    spelling,
};
use crate::domain::holidays::Holidays;

/// How far a change of state is looked for: every yearly rule changes within it.
const HORIZON_DAYS: u64 = 400;

/// Days kept of a value that does not repeat weekly: today and the days around it, of a week that is being planned.
const KEPT_DAYS: usize = 8;

/// A Monday of a week to work weekly values out with; which one does not matter to them.
const A_MONDAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(2024, 1, 8);

#[derive(Debug)]
pub(super) enum Engine {
    /// Depends on the weekday alone; Monday first.
    Weekly(Box<[Day; 7]>),
    /// Depends on the date.
    Dated(Box<Dated>),
}

#[derive(Debug)]
pub(super) struct Dated {
    /// Each one counts where all before it are closed.
    groups: Vec<Group>,
    /// A day is kept in the slot of its number modulo the count.
    kept: [RwLock<Option<Arc<KeptDay>>>; KEPT_DAYS],
}

#[derive(Debug)]
struct KeptDay {
    date: NaiveDate,
    stretches: Day,
    /// The first change after this day's midnight from the state it ends with; looking for it can take hundreds of days.
    after: OnceLock<Option<(NaiveDateTime, OpenState)>>,
}

impl Engine {
    /// Parses a trimmed value of bounded length.
    pub(super) fn new(raw: &str, zone: Tz, holidays: &Holidays, position: Option<(f64, f64)>) -> Result<Self, OpeningHoursError> {
        let mut location = TzLocation::new(zone);
        if let Some((latitude, longitude)) = position {
            let coordinates = Coordinates::new(latitude, longitude).ok_or(OpeningHoursError::Position { latitude, longitude })?;
            location = location.with_coords(coordinates);
        }
        let context = Context::default().with_holidays(holidays.context()).with_locale(location);
        let groups = spelling::fallback_groups(raw).iter().map(|group| Group::parse(group, &context)).collect::<Result<Vec<_>, _>>()?;
        let rules: usize = groups.iter().map(Group::rules).sum();
        if rules > MAX_RULES {
            return Err(OpeningHoursError::TooManyRules { rules });
        }
        let dated = Dated { groups, kept: Default::default() };
        Ok(if dated.groups.iter().all(Group::repeats_weekly) { dated.into_weekly() } else { Self::Dated(Box::new(dated)) })
    }

    /// The state at a minute of a day.
    pub(super) fn state(&self, date: NaiveDate, minute: u16) -> OpenState {
        let at = |day: &[Stretch]| day::at(day, minute).map_or(OpenState::Unknown, |stretch| stretch.state);
        match self {
            Self::Weekly(week) => at(&week[date.weekday().num_days_from_monday() as usize]),
            Self::Dated(dated) => dated.with_day(date, |kept| at(&kept.stretches)),
        }
    }

    /// The stretch at a minute of a day, and the next change of state with its local time.
    pub(super) fn stretch_and_change(&self, date: NaiveDate, minute: u16) -> (Stretch, Option<(NaiveDateTime, OpenState)>) {
        let answer = |stretches: &[Stretch], after: &dyn Fn() -> Option<(NaiveDateTime, OpenState)>| {
            let stretch =
                day::at(stretches, minute).cloned().unwrap_or(Stretch { until: day::MINUTES, state: OpenState::Unknown, comment: None });
            let change = match day::next_change(stretches, minute) {
                Some((minute, state)) => at_minute(date, minute).map(|at| (at, state)),
                None => after(),
            };
            (stretch, change)
        };
        match self {
            Self::Weekly(week) => {
                let today = date.weekday().num_days_from_monday() as usize;
                let following = (1..=7).map(|days| (days, week[(today + days as usize) % 7].clone()));
                answer(&week[today], &|| change_after(date, &week[today], following.clone()))
            }
            Self::Dated(dated) => dated.with_day(date, |kept| {
                answer(&kept.stretches, &|| {
                    *kept.after.get_or_init(|| {
                        let following =
                            (1..=HORIZON_DAYS).map_while(|days| Some((days, dated.work_out(date.checked_add_days(Days::new(days))?))));
                        change_after(date, &kept.stretches, following)
                    })
                })
            }),
        }
    }

    /// The stretches of a day.
    pub(super) fn stretches(&self, date: NaiveDate) -> Day {
        match self {
            Self::Weekly(week) => week[date.weekday().num_days_from_monday() as usize].clone(),
            // A calendar of a year must not drive out the days the filters use.
            Self::Dated(dated) => dated.work_out(date),
        }
    }
}

impl Dated {
    fn into_weekly(self) -> Engine {
        let day = |days| A_MONDAY.and_then(|monday| monday.checked_add_days(Days::new(days)));
        let week = [0, 1, 2, 3, 4, 5, 6].map(|days| day(days).map_or_else(day::unknown, |date| self.work_out(date)));
        Engine::Weekly(Box::new(week))
    }

    /// Gives the day to `read`, from its slot or worked out and put there.
    fn with_day<T>(&self, date: NaiveDate, read: impl FnOnce(&KeptDay) -> T) -> T {
        let slot = &self.kept[date.num_days_from_ce().rem_euclid(KEPT_DAYS as i32) as usize];
        let kept = slot.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_ref().filter(|kept| kept.date == date) {
            let kept = Arc::clone(kept);
            return read(&kept);
        }
        drop(kept);
        let kept = Arc::new(KeptDay { date, stretches: self.work_out(date), after: OnceLock::new() });
        *slot.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&kept));
        read(&kept)
    }

    fn work_out(&self, date: NaiveDate) -> Day {
        let mut days = self.groups.iter().map(|group| group.day(date));
        let first = days.next().unwrap_or_else(day::unknown);
        days.fold(first, |first, fallback| day::with_fallback(&first, &fallback))
    }
}

/// The first change after the end of `date` among the days that follow it.
fn change_after(date: NaiveDate, today: &[Stretch], following: impl Iterator<Item = (u64, Day)>) -> Option<(NaiveDateTime, OpenState)> {
    let state = today.last()?.state;
    for (days, stretches) in following {
        let date = date.checked_add_days(Days::new(days))?;
        let first = stretches.first()?;
        if first.state != state {
            return Some((at_minute(date, 0)?, first.state));
        }
        if let Some((minute, state)) = day::next_change(&stretches, 0) {
            return Some((at_minute(date, minute)?, state));
        }
    }
    None
}
