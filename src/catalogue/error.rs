//! What a question to the catalogue can be refused for. Each variant says what the asker can do about it.

use crate::domain::boundary::PolygonError;
use crate::domain::geo::PositionError;
use crate::domain::work_budget::Spent;

/// Why a question was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// No city has this slug.
    #[error("there is no city `{0}`")]
    UnknownCity(String),
    /// No category has this slug.
    #[error("there is no category `{0}`")]
    UnknownCategory(String),
    /// No municipality of the catalogue has this code.
    #[error("there is no municipality {0} in the catalogue")]
    UnknownMunicipality(String),
    /// A municipality whose boundary no source has.
    #[error("the boundary of municipality {0} is not known")]
    NoBoundary(u32),
    /// Not a position.
    #[error(transparent)]
    Position(#[from] PositionError),
    /// Not a usable polygon.
    #[error(transparent)]
    Polygon(#[from] PolygonError),
    /// A radius that is not a positive number of at most 2,500 km.
    #[error("a radius is more than 0 and at most 2500000 metres")]
    Radius,
    /// Corners that do not span a box.
    #[error("a bounding box has south below north and west below east")]
    BoundingBox,
    /// A line that cannot be followed.
    #[error("{0}")]
    Corridor(&'static str),
    /// `first`, `last`, `after`, `before` in a combination or size that is not allowed.
    #[error("{0}")]
    Page(&'static str),
    /// A cursor that is not one of this list.
    #[error("the cursor does not belong to this list with these arguments")]
    Cursor,
    /// An order without what it orders by.
    #[error("{0}")]
    Order(&'static str),
    /// Text that cannot be searched for.
    #[error("{0}")]
    Text(String),
    /// An instant outside the years opening hours and calendars are known for.
    #[error("an instant must lie between the years 1990 and 2100")]
    TimeOutOfRange,
    /// A window that ends before it begins or is too long.
    #[error("{0}")]
    Window(&'static str),
    /// More clusters than one answer holds.
    #[error("more than {0} clusters: ask for a smaller area or a lower zoom")]
    TooManyClusters(usize),
    /// The work of the request is used up.
    #[error(transparent)]
    Spent(#[from] Spent),
    /// Zoom outside 0 to 22.
    #[error("zoom is from 0 to 22")]
    Zoom,
}
