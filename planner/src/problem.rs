//! The problem: days, candidates, groups, travel and a budget. Once made it is valid and does not change.
//!
//! It is the team orienteering problem with time windows (Vansteenwegen et al. 2009, doi:10.1016/j.cor.2009.03.008) with
//! what trips of people need: several windows a day that differ from day to day, days with their own ends, span and mode,
//! walking limits, numbers of stops, mandatory visits, groups with least and greatest numbers, and a budget. Each of these
//! may be left out and then costs nothing.

use crate::error::ProblemError;
use crate::matrix::TravelMatrix;

/// Most days (tours) of a problem.
pub const MAX_DAYS: usize = 31;
/// Most candidates of a problem.
pub const MAX_CANDIDATES: usize = 2_000;
/// Most travel modes of a problem.
pub const MAX_MODES: usize = 3;
/// Latest time and longest duration: over eight years in seconds, so that sums of a few stay within 31 bits.
pub const MAX_TIME: u32 = 1 << 28;
/// Highest score of a candidate.
pub const MAX_SCORE: u32 = 10_000_000;

/// A span in which a visit may start; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First time a visit may start; who arrives earlier waits.
    pub open: u32,
    /// Last time a visit may start. Where a visit must *end* by closing, this is closing less the duration.
    pub close: u32,
}

/// One day of the trip, or one tour of the benchmark. Times count from any origin the caller chooses, day by day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Point at which the day starts.
    pub start_point: usize,
    /// Point at which it ends; may differ from the start.
    pub end_point: usize,
    /// Time at which the start may be left.
    pub earliest_start: u32,
    /// Time by which the end must be reached.
    pub latest_end: u32,
    /// Index of the travel mode of this day.
    pub mode: usize,
    /// Most metres to walk, over the legs of a mode on foot.
    pub walking_limit: Option<u32>,
    /// Most visits (the pace of the visitor).
    pub max_stops: Option<u32>,
}

/// Something that may be visited, at most once in the trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is.
    pub point: usize,
    /// How long a visit takes. Time to settle or rest after it, if wanted, is folded in by the caller.
    pub duration: u32,
    /// Interest: what the search gathers.
    pub score: u32,
    /// Cost in minor units of currency, against the budget.
    pub cost: u64,
    /// Whether the visitor insists on it: kept before anything else is weighed.
    pub mandatory: bool,
    /// For each day the spans in which the visit may start, ascending and apart; an empty list: not on that day.
    pub windows: Vec<Vec<Window>>,
    /// Indices of the groups it belongs to.
    pub groups: Vec<usize>,
}

/// Least and greatest numbers of visits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Wanted at least; what cannot be met is listed in the plan and is no failure.
    pub min: u32,
    /// Allowed at most; `None`: any number.
    pub max: Option<u32>,
}

/// A set of candidates with bounds: one museum a day, at least one lunch a day, one of several variants of a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Bounds for every single day.
    pub per_day: Bounds,
    /// Bounds for the whole trip.
    pub per_trip: Bounds,
}

/// The parts of a problem as the caller has them, not yet validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The days in order.
    pub days: Vec<Day>,
    /// The candidates; elsewhere they are named by their index in this list.
    pub candidates: Vec<Candidate>,
    /// The groups; elsewhere named by index.
    pub groups: Vec<Group>,
    /// The travel modes; all over the same points.
    pub modes: Vec<TravelMatrix>,
    /// Most to spend over the trip, in minor units of currency.
    pub budget: Option<u64>,
}

/// A valid problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    parts: Parts,
}

impl Problem {
    /// Validates the parts.
    pub fn new(parts: Parts) -> Result<Self, ProblemError> {
        if parts.days.is_empty() || parts.days.len() > MAX_DAYS {
            return Err(ProblemError::Days(parts.days.len()));
        }
        if parts.candidates.len() > MAX_CANDIDATES {
            return Err(ProblemError::TooManyCandidates(parts.candidates.len()));
        }
        check_modes(&parts.modes)?;
        let points = parts.modes[0].points;
        for (index, day) in parts.days.iter().enumerate() {
            check_day(index, day, points, parts.modes.len())?;
        }
        for (index, candidate) in parts.candidates.iter().enumerate() {
            check_candidate(index, candidate, points, &parts)?;
        }
        for (group, bounds) in parts.groups.iter().enumerate().flat_map(|(index, group)| [(index, group.per_day), (index, group.per_trip)])
        {
            if let Some(max) = bounds.max.filter(|max| *max < bounds.min) {
                return Err(ProblemError::GroupBounds { group, min: bounds.min, max });
            }
        }
        let problem = Self { parts };
        problem.weights().ok_or(ProblemError::TooLarge)?;
        Ok(problem)
    }

    /// The days.
    pub fn days(&self) -> &[Day] {
        &self.parts.days
    }

    /// The candidates.
    pub fn candidates(&self) -> &[Candidate] {
        &self.parts.candidates
    }

    /// The groups.
    pub fn groups(&self) -> &[Group] {
        &self.parts.groups
    }

    /// The travel modes.
    pub fn modes(&self) -> &[TravelMatrix] {
        &self.parts.modes
    }

    /// The budget, in minor units of currency.
    pub fn budget(&self) -> Option<u64> {
        self.parts.budget
    }

    /// The matrix by which the day is travelled.
    pub fn matrix(&self, day: usize) -> &TravelMatrix {
        &self.parts.modes[self.parts.days[day].mode]
    }

    /// The parts back, to change something and pose another problem.
    pub fn into_parts(self) -> Parts {
        self.parts
    }

    /// What one required visit and one mandatory visit weigh so that the order mandatory, required, interest is kept by
    /// plain addition; `None` where that does not fit.
    pub(crate) fn weights(&self) -> Option<Weights> {
        let all: i64 = self.parts.candidates.iter().map(|candidate| i64::from(candidate.score)).sum();
        let days = self.parts.days.len() as u64;
        let wanted: u64 = self.parts.groups.iter().map(|group| u64::from(group.per_day.min) * days + u64::from(group.per_trip.min)).sum();
        let required = all.checked_add(1)?;
        let mandatory = required.checked_mul(i64::try_from(wanted).ok()?.checked_add(1)?)?;
        mandatory.checked_mul(self.parts.candidates.len() as i64 + 2)?;
        Some(Weights { required, mandatory })
    }
}

/// See [`Problem::weights`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    pub(crate) required: i64,
    pub(crate) mandatory: i64,
}

fn check_modes(modes: &[TravelMatrix]) -> Result<(), ProblemError> {
    if modes.is_empty() || modes.len() > MAX_MODES {
        return Err(ProblemError::Modes(modes.len()));
    }
    let points = modes[0].points;
    for (mode, matrix) in modes.iter().enumerate() {
        if matrix.points != points {
            return Err(ProblemError::MatrixPoints { mode, found: matrix.points, expected: points });
        }
        let expected = points * points;
        if matrix.seconds.len() != expected {
            return Err(ProblemError::MatrixSize { mode, table: "seconds", found: matrix.seconds.len(), expected });
        }
        if !matrix.metres.is_empty() && matrix.metres.len() != expected {
            return Err(ProblemError::MatrixSize { mode, table: "metres", found: matrix.metres.len(), expected });
        }
    }
    Ok(())
}

fn check_day(index: usize, day: &Day, points: usize, modes: usize) -> Result<(), ProblemError> {
    if let Some(point) = [day.start_point, day.end_point].into_iter().find(|point| *point >= points) {
        return Err(ProblemError::DayPoint { day: index, point });
    }
    if day.mode >= modes {
        return Err(ProblemError::DayMode { day: index, mode: day.mode });
    }
    if day.earliest_start > day.latest_end || day.latest_end > MAX_TIME {
        return Err(ProblemError::DaySpan { day: index, start: day.earliest_start, end: day.latest_end });
    }
    Ok(())
}

fn check_candidate(index: usize, candidate: &Candidate, points: usize, parts: &Parts) -> Result<(), ProblemError> {
    if candidate.point >= points {
        return Err(ProblemError::CandidatePoint { candidate: index, point: candidate.point });
    }
    if candidate.duration > MAX_TIME {
        return Err(ProblemError::Duration { candidate: index, duration: candidate.duration });
    }
    if candidate.score > MAX_SCORE {
        return Err(ProblemError::Score { candidate: index, score: candidate.score });
    }
    if candidate.windows.len() != parts.days.len() {
        return Err(ProblemError::WindowDays { candidate: index, found: candidate.windows.len(), expected: parts.days.len() });
    }
    for (day, windows) in candidate.windows.iter().enumerate() {
        let each = windows.iter().all(|window| window.open <= window.close && window.close <= MAX_TIME);
        if !each || windows.windows(2).any(|pair| pair[1].open <= pair[0].close) {
            return Err(ProblemError::Windows { candidate: index, day });
        }
    }
    for (position, group) in candidate.groups.iter().enumerate() {
        if *group >= parts.groups.len() || candidate.groups[..position].contains(group) {
            return Err(ProblemError::CandidateGroup { candidate: index, group: *group });
        }
    }
    Ok(())
}
