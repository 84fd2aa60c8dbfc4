//! Cities and municipalities. A city is a pilot destination, which is the editor's word; a municipality is a polygon,
//! which is the state's. The waterfall Véu de Noiva is sold in one and lies in the other.

use chrono_tz::Tz;

use super::geo::Position;
use super::ids::RecordId;
use super::text::Text;

/// A pilot destination.
#[derive(Clone, Debug, PartialEq)]
pub struct City {
    /// Identity.
    pub id: RecordId,
    /// Address in links.
    pub slug: Box<str>,
    /// Municipality of its seat, IBGE 7-digit code.
    pub municipality: Ibge,
    /// Its centre.
    pub position: Position,
    /// Zone of its places unless they name their own.
    pub time_zone: Tz,
    /// Order in lists.
    pub order: i32,
    /// Names and summaries; no description.
    pub texts: Vec<Text>,
    /// Where the facts come from.
    pub source: Box<str>,
}

/// IBGE code of a municipality, 7 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Ibge(pub u32);

/// A municipality without its boundary.
#[derive(Clone, Debug, PartialEq)]
pub struct Municipality {
    /// Its code.
    pub ibge: Ibge,
    /// Official name.
    pub name: Box<str>,
    /// Its seat.
    pub position: Position,
    /// Inhabitants; absent when unknown.
    pub population: Option<u32>,
}
