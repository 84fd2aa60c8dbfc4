//! How long, and how far, from one point to another by one travel mode. Row = from, column = to, so that one-way streets
//! and climbs can be told; nothing need be symmetric, and the triangle inequality is not assumed.

/// The time of a leg that cannot be travelled.
pub const NO_WAY: u32 = u32::MAX;

/// Travel between all points by one mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TravelMatrix {
    /// Number of points.
    pub points: usize,
    /// Time of each leg, `from * points + to`, in the problem's unit of time (seconds in the product); [`NO_WAY`] where
    /// there is none.
    pub seconds: Vec<u32>,
    /// Length of each leg in metres, in the same order. Empty where no length is known or wanted: all are then 0.
    pub metres: Vec<u32>,
    /// Whether the legs of this mode are walked, and so count towards a day's walking limit.
    pub on_foot: bool,
}

impl TravelMatrix {
    /// A matrix of times alone, of a mode that is not walked.
    pub fn of_times(points: usize, seconds: Vec<u32>) -> Self {
        Self { points, seconds, metres: Vec::new(), on_foot: false }
    }

    /// Time of the leg, [`NO_WAY`] where there is none.
    pub fn time(&self, from: usize, to: usize) -> u32 {
        self.seconds[from * self.points + to]
    }

    /// Length of the leg in metres.
    pub fn length(&self, from: usize, to: usize) -> u32 {
        if self.metres.is_empty() { 0 } else { self.metres[from * self.points + to] }
    }

    /// Metres of the leg that are walked: 0 for a mode that is not on foot.
    pub fn walked(&self, from: usize, to: usize) -> u32 {
        if self.on_foot { self.length(from, to) } else { 0 }
    }
}
