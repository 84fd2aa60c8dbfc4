//! Why a problem was refused: each variant names the day, candidate or number that is wrong.

/// A problem that cannot be posed. Nothing here is about being hard to solve: a mandatory visit that cannot be kept, for
/// instance, is no error but part of the answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemError {
    /// The number of days is none or more than [`crate::MAX_DAYS`].
    #[error("{0} days, 1 to {max} allowed", max = crate::MAX_DAYS)]
    Days(usize),
    /// More candidates than [`crate::MAX_CANDIDATES`].
    #[error("{0} candidates, at most {max} allowed", max = crate::MAX_CANDIDATES)]
    TooManyCandidates(usize),
    /// No travel mode, or more than [`crate::MAX_MODES`].
    #[error("{0} travel modes, 1 to {max} allowed", max = crate::MAX_MODES)]
    Modes(usize),
    /// A table of a matrix has not `points * points` numbers.
    #[error("mode {mode}: the {table} table holds {found} numbers, {expected} expected")]
    MatrixSize {
        /// Index of the mode.
        mode: usize,
        /// `seconds` or `metres`.
        table: &'static str,
        /// Numbers found.
        found: usize,
        /// Numbers expected.
        expected: usize,
    },
    /// Two modes speak of different numbers of points.
    #[error("mode {mode} has {found} points, mode 0 has {expected}")]
    MatrixPoints {
        /// Index of the mode.
        mode: usize,
        /// Its points.
        found: usize,
        /// Points of mode 0.
        expected: usize,
    },
    /// A day starts or ends at a point no matrix knows.
    #[error("day {day}: point {point} does not exist")]
    DayPoint {
        /// Index of the day.
        day: usize,
        /// The point.
        point: usize,
    },
    /// A day names a mode that does not exist.
    #[error("day {day}: travel mode {mode} does not exist")]
    DayMode {
        /// Index of the day.
        day: usize,
        /// The mode.
        mode: usize,
    },
    /// A day ends before it starts, or later than [`crate::MAX_TIME`].
    #[error("day {day}: from {start} to {end} is no span of time")]
    DaySpan {
        /// Index of the day.
        day: usize,
        /// Its earliest start.
        start: u32,
        /// Its latest end.
        end: u32,
    },
    /// A candidate lies at a point no matrix knows.
    #[error("candidate {candidate}: point {point} does not exist")]
    CandidatePoint {
        /// Index of the candidate.
        candidate: usize,
        /// The point.
        point: usize,
    },
    /// A visit longer than [`crate::MAX_TIME`].
    #[error("candidate {candidate}: a visit of {duration} is too long")]
    Duration {
        /// Index of the candidate.
        candidate: usize,
        /// Its visit duration.
        duration: u32,
    },
    /// A score above [`crate::MAX_SCORE`].
    #[error("candidate {candidate}: score {score} is above {max}", max = crate::MAX_SCORE)]
    Score {
        /// Index of the candidate.
        candidate: usize,
        /// Its score.
        score: u32,
    },
    /// A candidate has not one list of windows for each day.
    #[error("candidate {candidate}: {found} lists of windows for {expected} days")]
    WindowDays {
        /// Index of the candidate.
        candidate: usize,
        /// Lists found.
        found: usize,
        /// Number of days.
        expected: usize,
    },
    /// Windows of a day close before they open, touch or overlap, are out of order, or later than [`crate::MAX_TIME`].
    #[error("candidate {candidate}, day {day}: windows must be ascending, apart from each other and open before they close")]
    Windows {
        /// Index of the candidate.
        candidate: usize,
        /// Index of the day.
        day: usize,
    },
    /// A candidate belongs to a group that does not exist, or twice to one.
    #[error("candidate {candidate}: group {group} does not exist or is named twice")]
    CandidateGroup {
        /// Index of the candidate.
        candidate: usize,
        /// The group.
        group: usize,
    },
    /// A group's least number is above its greatest.
    #[error("group {group}: at least {min}, at most {max}")]
    GroupBounds {
        /// Index of the group.
        group: usize,
        /// The least number.
        min: u32,
        /// The greatest.
        max: u32,
    },
    /// Scores, requirements and mandatory visits together exceed what the search can weigh.
    #[error("too many requirements and too high scores to weigh against each other")]
    TooLarge,
}
