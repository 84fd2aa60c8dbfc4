//! What may be visited: the places and events of the cities, each with its score, its visit and the times it may start, or the
//! reason why not.

use chrono::{DateTime, Datelike, Utc};
use planner::Window;

use super::answer::{DropReason, Dropped, Subject, Warning};
use super::error::PlanError;
use super::hours::{DaySpan, daylight, opening};
use super::interest::{Wishes, completeness, prominence, score};
use super::request::{PlanRequest, Unknown};
use super::visits::{Role, VisitKinds};
use crate::catalogue::shard::CityShard;
use crate::catalogue::snapshot::Snapshot;
use crate::domain::access::AccessRuleKind;
use crate::domain::accessibility::Verdict;
use crate::domain::category::CategoryKey;
use crate::domain::event::EventStatus;
use crate::domain::geo::Position;
use crate::domain::ids::RecordId;
use crate::domain::money::{Audience, Price};
use crate::domain::point_of_interest::{NO_PARTICULARS, PointOfInterest};
use crate::domain::work_budget::WorkBudget;

/// Most candidates the search looks at, beside those insisted on and food for lunch; the most interesting are taken.
pub const MAX_CONSIDERED: usize = 300;
/// Most food places considered for lunch.
const MAX_MEALS: usize = 60;

/// Something that may be visited.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What.
    pub subject: Subject,
    /// Where.
    pub position: Position,
    /// Its category.
    pub category: CategoryKey,
    /// Seconds of the visit, rest included.
    pub seconds: u32,
    /// Seconds of rest after the visit, part of `seconds`.
    pub rest: u32,
    /// Interest.
    pub score: u32,
    /// Cents for all people.
    pub cents: u64,
    /// Whether the visitor insists.
    pub must_see: bool,
    /// Whether it is there for lunch alone.
    pub is_lunch: bool,
    /// By day, when a visit may start.
    pub windows: Vec<Vec<Window>>,
    /// By day, whether its hours are assumed.
    pub assumed_hours: Vec<bool>,
    /// Curated routes that stop there.
    pub routes: u32,
    /// What to know, whatever the day.
    pub warnings: Vec<Warning>,
}

/// What may be visited, and what may not.
#[derive(Debug, Default)]
pub struct Candidates {
    /// For the search.
    pub options: Vec<Choice>,
    /// Left out before the search.
    pub dropped: Vec<Dropped>,
    /// Whether some were left out because there are too many.
    pub is_cut: bool,
}

/// Gathers what may be visited.
pub fn gather(request: &PlanRequest, days: &[DaySpan], snapshot: &Snapshot, kinds: &VisitKinds) -> Result<Candidates, PlanError> {
    let shards = shards(request, snapshot)?;
    check_named(request, snapshot, &shards)?;
    let gathering = Gathering { request, days, snapshot, kinds, wishes: Wishes::new(&snapshot.reference.categories, &request.interests) };
    let mut found = Candidates::default();
    for shard in &shards {
        for place in shard.places.iter() {
            gathering.place(place, shard, &mut found);
        }
        for event in shard.events.iter() {
            gathering.event(event, &mut found);
        }
    }
    for choice in found.options.iter_mut().filter(|choice| request.keep.contains(&choice.subject.record())) {
        choice.score += choice.score / 2;
    }
    cut(&mut found);
    Ok(found)
}

/// The shards of the cities.
pub fn shards<'a>(request: &PlanRequest, snapshot: &'a Snapshot) -> Result<Vec<&'a CityShard>, PlanError> {
    let shard =
        |slug: &str| snapshot.shard_by_slug(slug).map(|index| &*snapshot.shards[index]).ok_or_else(|| PlanError::UnknownCity(slug.into()));
    request.cities.iter().map(|slug| shard(slug)).collect()
}

/// Why this party cannot visit the place on any of the days, whatever its hours; nothing when it can.
pub fn refusal(
    request: &PlanRequest,
    days: &[DaySpan],
    snapshot: &Snapshot,
    kinds: &VisitKinds,
    place: &PointOfInterest,
) -> Option<DropReason> {
    let wishes = Wishes::new(&snapshot.reference.categories, &request.interests);
    let refused = Gathering { request, days, snapshot, kinds, wishes }.refused(place, &mut Vec::new());
    let in_season = || days.iter().any(|day| is_in_season(place, day));
    refused.or_else(|| (!in_season()).then_some(DropReason::OutOfSeason))
}

fn is_in_season(place: &PointOfInterest, day: &DaySpan) -> bool {
    place.season.as_ref().is_none_or(|season| season.months.contains(day.date.month()))
}

/// Refuses names of nothing, and of what belongs to another city.
fn check_named(request: &PlanRequest, snapshot: &Snapshot, shards: &[&CityShard]) -> Result<(), PlanError> {
    let tree = &snapshot.reference.categories;
    let categories = request.interests.iter().map(|interest| &interest.category).chain(request.limits.iter().map(|limit| &limit.category));
    for slug in categories {
        tree.find(slug).ok_or_else(|| PlanError::UnknownCategory(slug.clone()))?;
    }
    for id in request.must_see.iter().chain(&request.avoid) {
        let place = snapshot.place(*id).map(|found| (found.shard, found.record.slug.clone()));
        let event = || snapshot.find_event(|event| event.id == *id).map(|found| (found.shard, found.record.slug.clone()));
        let (shard, slug) = place.or_else(event).ok_or(PlanError::UnknownRecord(*id))?;
        let city = &snapshot.shards[shard].city;
        if request.must_see.contains(id) && !shards.iter().any(|known| known.city.id == city.id) {
            return Err(PlanError::OtherCity { slug, city: city.slug.clone() });
        }
        if request.must_see.contains(id) && request.avoid.contains(id) {
            return Err(PlanError::Contradiction(slug));
        }
    }
    Ok(())
}

/// Keeps the most interesting; what is insisted on, and food for lunch, beside them.
fn cut(found: &mut Candidates) {
    found
        .options
        .sort_by_key(|option| (!option.must_see, option.is_lunch, std::cmp::Reverse(option.score), option.subject.record(), key(option)));
    let (mut sights, mut meals) = (0, 0);
    found.options.retain(|option| {
        if option.must_see {
            return true;
        }
        let (count, most) = if option.is_lunch { (&mut meals, MAX_MEALS) } else { (&mut sights, MAX_CONSIDERED) };
        *count += 1;
        *count <= most
    });
    found.is_cut = sights > MAX_CONSIDERED;
    found.dropped.sort_by_key(|dropped| (!dropped.must_see, dropped.subject.record()));
}

fn key(option: &Choice) -> Option<DateTime<Utc>> {
    match option.subject {
        Subject::Event(_, start) => Some(start),
        Subject::PointOfInterest(_) => None,
    }
}

struct Gathering<'a> {
    request: &'a PlanRequest,
    days: &'a [DaySpan],
    snapshot: &'a Snapshot,
    kinds: &'a VisitKinds,
    wishes: Wishes<'a>,
}

impl Gathering<'_> {
    /// Whether the visitor wants no more of it.
    fn is_unwanted(&self, id: RecordId) -> bool {
        self.request.avoid.contains(&id) || self.request.done.binary_search(&id).is_ok()
    }

    fn place(&self, place: &PointOfInterest, shard: &CityShard, found: &mut Candidates) {
        let tree = &self.snapshot.reference.categories;
        let must_see = self.request.must_see.contains(&place.id);
        let kind = self.kinds.of(tree, place.category);
        let named = self.wishes.named(place.category).is_some();
        let is_lunch = kind.role == Role::Meal && self.request.lunch.is_some() && !must_see;
        if self.is_unwanted(place.id) || !(must_see || named || is_lunch || kind.role == Role::Sight) {
            return;
        }
        let wish = self.wishes.wish(place.category);
        if wish <= 0.0 && !must_see && !is_lunch {
            return;
        }
        let subject = Subject::PointOfInterest(place.id);
        let mut warnings = Vec::new();
        if let Some(reason) = self.refused(place, &mut warnings) {
            found.dropped.push(Dropped { subject, must_see, reason });
            return;
        }
        let particulars = place.particulars.as_deref().unwrap_or(&NO_PARTICULARS);
        let minutes = particulars.typical_visit_minutes.unwrap_or_else(|| {
            warnings.push(Warning::AssumedDuration(kind.minutes));
            kind.minutes
        });
        let rest = self.request.pace.rest_seconds();
        let seconds = minutes.min(24 * 60) * 60;
        let mut assumed_hours = Vec::with_capacity(self.days.len());
        let mut windows: Vec<Vec<Window>> = Vec::with_capacity(self.days.len());
        let earliest = self.earliest(place);
        let daylight = if kind.daylight { daylight(place, &self.snapshot.reference.holidays) } else { None };
        let (mut in_season, mut is_open) = (false, false);
        for day in self.days {
            let is_in_season = is_in_season(place, day);
            in_season |= is_in_season;
            let opening = opening(place, day, seconds, daylight.as_ref(), self.request.unknown_hours);
            assumed_hours.push(!opening.is_known);
            is_open |= opening.is_open && is_in_season;
            let mut starts = if is_in_season { opening.windows } else { Vec::new() };
            if let Some(earliest) = earliest {
                clip(&mut starts, day.seconds(earliest), planner::MAX_TIME);
            }
            if let Some(lunch) = self.request.lunch.filter(|_| is_lunch) {
                let at = |time| day.seconds(super::hours::at(day.date, time, day.zone));
                clip(&mut starts, at(lunch.from), at(lunch.to));
            }
            windows.push(starts);
        }
        if windows.iter().all(Vec::is_empty) {
            let reason = if !in_season {
                DropReason::OutOfSeason
            } else if is_open {
                DropReason::NotOpenWhenThere
            } else if assumed_hours.iter().all(|assumed| *assumed) && self.request.unknown_hours == Unknown::Exclude {
                DropReason::UnknownHours
            } else {
                DropReason::ClosedAllDays
            };
            // Food that serves no lunch is no candidate for it, and nobody asked about it by name.
            if !is_lunch {
                found.dropped.push(Dropped { subject, must_see, reason });
            }
            return;
        }
        let cents = self.cents(&particulars.prices, place.is_accessible_for_free, &mut warnings);
        let routes = shard.routes.iter().filter(|route| route.stops.iter().any(|stop| stop.point_of_interest == place.id)).count();
        found.options.push(Choice {
            subject,
            position: place.position,
            category: place.category,
            seconds: seconds + rest,
            rest,
            score: score(
                if must_see {
                    wish.max(0.5)
                } else if is_lunch {
                    wish.max(0.1)
                } else {
                    wish
                },
                completeness(place),
                prominence(routes),
            ),
            cents,
            must_see,
            is_lunch,
            windows,
            assumed_hours,
            routes: routes as u32,
            warnings,
        });
    }

    /// Why nobody of this party can visit the place at all; what must be minded only is a warning.
    fn refused(&self, place: &PointOfInterest, warnings: &mut Vec<Warning>) -> Option<DropReason> {
        let rules = place.particulars.as_deref().map_or(&[][..], |particulars| &particulars.access_rules);
        for rule in rules {
            match rule.kind {
                AccessRuleKind::GuideRequired => warnings.push(Warning::GuideRequired),
                AccessRuleKind::VoucherOnly => warnings.push(Warning::VoucherOnly),
                AccessRuleKind::BookingAhead => warnings.push(Warning::BookAhead(rule.hours_ahead)),
                AccessRuleKind::DailyCapacity | AccessRuleKind::SimultaneousCapacity => {
                    warnings.push(Warning::LimitedCapacity(rule.people));
                }
                AccessRuleKind::FourWheelDriveRequired if !self.request.four_wheel_drive => {
                    return Some(DropReason::FourWheelDriveRequired);
                }
                AccessRuleKind::FourWheelDriveRequired => warnings.push(Warning::FourWheelDriveRequired),
                AccessRuleKind::MinimumAge => {
                    if let Some(years) = rule.years.filter(|years| self.request.youngest_age.is_some_and(|age| age < *years)) {
                        return Some(DropReason::MinimumAge(years));
                    }
                }
            }
            let hours = rule.hours_ahead.filter(|_| rule.kind == AccessRuleKind::BookingAhead);
            if let (Some(hours), Some(booked_at), Some(last)) = (hours, self.request.booked_at, self.days.last())
                && booked_at + chrono::Duration::hours(i64::from(hours)) > last.end
            {
                return Some(DropReason::BookingTooLate(hours));
            }
        }
        for profile in &self.request.accessible_for {
            match self.snapshot.reference.profiles.verdict(*profile, &place.accessibility).0 {
                Verdict::NotAccessible => return Some(DropReason::NotAccessible),
                Verdict::Unknown if self.request.accessible_unknown == Unknown::Exclude => return Some(DropReason::AccessibilityUnknown),
                Verdict::Unknown if !warnings.contains(&Warning::AccessibilityUnknown) => warnings.push(Warning::AccessibilityUnknown),
                Verdict::Unknown | Verdict::Accessible | Verdict::Limited => {}
            }
        }
        None
    }

    /// The first instant for which the place can still be booked.
    fn earliest(&self, place: &PointOfInterest) -> Option<DateTime<Utc>> {
        let booked_at = self.request.booked_at?;
        let rules = place.particulars.as_deref().map_or(&[][..], |particulars| &particulars.access_rules);
        let ahead = rules.iter().filter(|rule| rule.kind == AccessRuleKind::BookingAhead).filter_map(|rule| rule.hours_ahead).max()?;
        Some(booked_at + chrono::Duration::hours(i64::from(ahead)))
    }

    /// What the entrance costs all of them; unknown prices count nothing and are told when there is a budget.
    fn cents(&self, prices: &[Price], free: Option<bool>, warnings: &mut Vec<Warning>) -> u64 {
        if self.request.budget_cents.is_none() || free == Some(true) {
            return 0;
        }
        let of = |audience| prices.iter().find(|price| price.audience == audience && &*price.currency == "BRL");
        let price = of(Audience::General).or_else(|| of(Audience::Adult));
        let each = price.and_then(|price| {
            let digits: String = price.amount.as_str().chars().filter(char::is_ascii_digit).collect();
            let cents = digits.parse::<u64>().ok()?;
            Some(if price.amount.as_str().contains('.') { cents } else { cents * 100 })
        });
        each.map_or_else(
            || {
                warnings.push(Warning::UnknownPrice);
                0
            },
            |each| each.saturating_mul(u64::from(self.request.people)).min(1 << 40),
        )
    }

    fn event(&self, event: &crate::domain::event::Event, found: &mut Candidates) {
        let must_see = self.request.must_see.contains(&event.id);
        let wish = self.wishes.wish(event.category);
        if self.is_unwanted(event.id) || (wish <= 0.0 && !must_see) {
            return;
        }
        let takes_place = matches!(event.status, EventStatus::Scheduled | EventStatus::Rescheduled);
        let mut any = false;
        for (number, day) in self.days.iter().enumerate().filter(|_| takes_place) {
            // A day holds few occurrences, whatever was stored.
            let occurrences = event.schedule.occurrences(day.begin, day.end, &WorkBudget::unlimited());
            for occurrence in occurrences.unwrap_or_default() {
                any = true;
                let subject = Subject::Event(event.id, occurrence.start);
                let Some(position) = crate::catalogue::happenings::position_of(event, self.snapshot) else {
                    found.dropped.push(Dropped { subject, must_see, reason: DropReason::UnknownPosition });
                    continue;
                };
                let rest = self.request.pace.rest_seconds();
                let usual =
                    chrono::Duration::minutes(i64::from(self.kinds.of(&self.snapshot.reference.categories, event.category).minutes));
                let end = occurrence.end.unwrap_or(occurrence.start + usual);
                let (from, to) = (occurrence.start.max(day.begin), end.min(day.end));
                let stay = usual.min(to - from);
                let mut windows = vec![Vec::new(); self.days.len()];
                windows[number] = vec![Window { open: day.seconds(from), close: day.seconds(to - stay) }];
                let known = f64::from(u8::from(event.texts.iter().any(|text| text.summary.is_some())));
                found.options.push(Choice {
                    subject,
                    position,
                    category: event.category,
                    seconds: stay.num_seconds() as u32 + rest,
                    rest,
                    score: score(if must_see { wish.max(0.5) } else { wish }, known, 0.5),
                    cents: 0,
                    must_see: must_see && !found.options.iter().any(|option| option.subject.record() == event.id),
                    is_lunch: false,
                    windows,
                    assumed_hours: vec![false; self.days.len()],
                    routes: 0,
                    warnings: Vec::new(),
                });
            }
        }
        if must_see && !any {
            let start = event.schedule.first_start().unwrap_or_default();
            found.dropped.push(Dropped { subject: Subject::Event(event.id, start), must_see, reason: DropReason::ClosedAllDays });
        }
    }
}

/// Cuts windows to a span.
fn clip(windows: &mut Vec<Window>, first: u32, last: u32) {
    for window in windows.iter_mut() {
        window.open = window.open.max(first);
        window.close = window.close.min(last);
    }
    windows.retain(|window| window.open <= window.close);
}
