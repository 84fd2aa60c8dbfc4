//! Places along a line: how far off it each lies and how far along. The line is cut into pieces of at most 10 km, whose
//! chord stays within 2 m of the earth's surface, and each piece asks the spatial index.

use std::collections::HashMap;

use geo::{Geodesic, InterpolatePoint};

use super::error::CatalogueError;
use super::snapshot::Snapshot;
use crate::domain::geo::Position;

/// Longest piece in metres; its chord lies at most `L² / 8R` = 2 m below the surface.
const PIECE_METRES: f64 = 10_000.0;
/// Most points a line may have.
const MAX_POINTS: usize = 2_000;
/// Longest line in metres: across the state and back.
const MAX_LENGTH_METRES: f64 = 3_000_000.0;
/// Widest corridor in metres to either side.
const MAX_DISTANCE_METRES: f64 = 100_000.0;

/// A line and how far off it a place may lie, comparable by its bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CorridorLine {
    points: Vec<(u64, u64)>,
    max_distance: u64,
}

impl CorridorLine {
    /// A line through these points, geodesic between them, and the greatest distance from it in metres.
    pub fn new(points: &[Position], max_distance_metres: f64) -> Result<Self, CatalogueError> {
        if !(2..=MAX_POINTS).contains(&points.len()) {
            return Err(CatalogueError::Corridor("a corridor has from 2 to 2000 points"));
        }
        if !(max_distance_metres > 0.0 && max_distance_metres <= MAX_DISTANCE_METRES) {
            return Err(CatalogueError::Corridor("maxDistanceMeters is more than 0 and at most 100000"));
        }
        let length: f64 = points.windows(2).map(|pair| pair[0].distance_metres(pair[1])).sum();
        if length > MAX_LENGTH_METRES {
            return Err(CatalogueError::Corridor("a corridor is at most 3000 km long"));
        }
        let points = points.iter().map(|point| (point.latitude().to_bits(), point.longitude().to_bits())).collect();
        Ok(Self { points, max_distance: max_distance_metres.to_bits() })
    }

    /// Decodes an encoded polyline (Google's algorithm, five decimals) into positions.
    pub fn decode(encoded: &str) -> Result<Vec<Position>, CatalogueError> {
        const BROKEN: CatalogueError = CatalogueError::Corridor("the polyline is not encoded with five decimals");
        if encoded.len() > MAX_POINTS * 12 {
            return Err(CatalogueError::Corridor("a corridor has from 2 to 2000 points"));
        }
        let line = polyline::decode_polyline(encoded, 5).map_err(|_| BROKEN)?;
        line.0.iter().map(|point| Position::new(point.y, point.x).map_err(|_| BROKEN)).collect()
    }

    fn positions(&self) -> impl Iterator<Item = Result<Position, CatalogueError>> {
        self.points.iter().map(|(latitude, longitude)| Ok(Position::new(f64::from_bits(*latitude), f64::from_bits(*longitude))?))
    }
}

/// Where a place lies by the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Along {
    /// Metres from the line at its nearest point.
    pub distance: f64,
    /// Metres along the line to that point.
    pub progress: f64,
}

/// The places along a line.
pub struct Corridor {
    found: HashMap<(usize, u32), Along>,
}

struct Piece {
    start: [f64; 3],
    end: [f64; 3],
    /// Metres along the line at `start`.
    offset: f64,
    /// Geodesic length in metres.
    length: f64,
}

impl Corridor {
    /// Finds the places of the snapshot within the corridor.
    pub fn build(line: &CorridorLine, snapshot: &Snapshot) -> Result<Self, CatalogueError> {
        let max_distance = f64::from_bits(line.max_distance);
        let positions = line.positions().collect::<Result<Vec<_>, _>>()?;
        let mut found: HashMap<(usize, u32), Along> = HashMap::new();
        for piece in pieces(&positions) {
            let middle: [f64; 3] = std::array::from_fn(|axis| f64::midpoint(piece.start[axis], piece.end[axis]));
            let reach = piece.length / 2.0 + max_distance + 5.0;
            for (index, shard) in snapshot.shards.iter().enumerate() {
                for number in shard.spatial.within_chord(middle, reach) {
                    let along = piece.nearest(shard.places[number as usize].position.earth_centred());
                    if along.distance > max_distance {
                        continue;
                    }
                    let best = found.entry((index, number)).or_insert(along);
                    if along.distance < best.distance {
                        *best = along;
                    }
                }
            }
        }
        Ok(Self { found })
    }

    /// Where the place lies; `None` when it is outside the corridor.
    pub fn along(&self, shard: usize, number: u32) -> Option<Along> {
        self.found.get(&(shard, number)).copied()
    }

    /// Shard and number of every place inside, in no particular order.
    pub fn places(&self) -> impl Iterator<Item = (usize, u32)> {
        self.found.keys().copied()
    }
}

fn pieces(line: &[Position]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut offset = 0.0;
    for pair in line.windows(2) {
        let length = pair[0].distance_metres(pair[1]);
        let count = (length / PIECE_METRES).ceil().max(1.0);
        let mut start = pair[0].earth_centred();
        for step in 1..=count as u32 {
            let ratio = f64::from(step) / count;
            let point = Geodesic.point_at_ratio_between(pair[0].point(), pair[1].point(), ratio);
            let end = Position::new(point.y(), point.x()).unwrap_or(pair[1]).earth_centred();
            let length = length / count;
            pieces.push(Piece { start, end, offset, length });
            offset += length;
            start = end;
        }
    }
    pieces
}

impl Piece {
    /// The nearest point of the chord to a point, both earth-centred in metres.
    fn nearest(&self, point: [f64; 3]) -> Along {
        let side: [f64; 3] = std::array::from_fn(|axis| self.end[axis] - self.start[axis]);
        let from_start: [f64; 3] = std::array::from_fn(|axis| point[axis] - self.start[axis]);
        let dot = |one: [f64; 3], other: [f64; 3]| one.iter().zip(other).map(|(one, other)| one * other).sum::<f64>();
        let square = dot(side, side);
        let ratio = if square > 0.0 { (dot(from_start, side) / square).clamp(0.0, 1.0) } else { 0.0 };
        let distance_2: f64 = from_start.iter().zip(side).map(|(offset, side)| (offset - ratio * side).powi(2)).sum();
        Along { distance: distance_2.sqrt(), progress: self.offset + ratio * self.length }
    }
}
