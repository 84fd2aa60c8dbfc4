//! How much a visitor gains from a place, as one number.
//!
//! `score = 1000 × wish × (0.5 + 0.2 × completeness + 0.3 × prominence)`, rounded, at least 1 when the wish is not 0, where
//!
//! - *wish* is the weight of the most special interest that holds the category, divided by 10 (a wish for waterfalls counts
//!   before one for nature); a category nobody named has 0.2 beside wishes, and 0.5 when there are none;
//! - *completeness* is the part known of: summary, description, readable hours, image, price or free entrance, accessibility;
//!   an editor's work pays, and a visitor is sent where something is known;
//! - *prominence* grows with the curated routes that stop there: none 0, one 0.5, two 0.75, three or more 1.
//!
//! The factor of the place lies between 0.5 and 1, so no detail of a record can outweigh twice the wish.

use super::request::Interest;
use crate::domain::category::{CategoryKey, CategoryTree};
use crate::domain::point_of_interest::{Hours, PointOfInterest};

/// Wish for what was not named beside what was.
const UNNAMED: f64 = 0.2;
/// Wish for everything when nothing was named.
const ANYTHING: f64 = 0.5;

/// The wishes, looked up in the tree once.
pub struct Wishes<'a> {
    tree: &'a CategoryTree,
    wishes: Vec<(CategoryKey, u8)>,
}

impl<'a> Wishes<'a> {
    /// The wishes; categories that do not exist are passed over, they were refused before.
    pub fn new(tree: &'a CategoryTree, interests: &[Interest]) -> Self {
        Self { tree, wishes: interests.iter().filter_map(|interest| Some((tree.find(&interest.category)?, interest.weight))).collect() }
    }

    /// The most special wish that holds the category.
    pub fn named(&self, category: CategoryKey) -> Option<(CategoryKey, u8)> {
        let holding = self.wishes.iter().filter(|(wish, _)| self.tree.is_within(category, *wish));
        holding.max_by_key(|(wish, _)| self.tree.lineage(*wish).len()).copied()
    }

    /// The wish for the category, from 0 to 1.
    pub fn wish(&self, category: CategoryKey) -> f64 {
        match self.named(category) {
            Some((_, weight)) => f64::from(weight) / 10.0,
            None if self.wishes.is_empty() => ANYTHING,
            None => UNNAMED,
        }
    }
}

/// Part of what could be known of the place that is known, from 0 to 1.
pub fn completeness(place: &PointOfInterest) -> f64 {
    let particulars = place.particulars.as_deref();
    let known = [
        place.texts.iter().any(|text| text.summary.is_some()),
        place.texts.iter().any(|text| text.description.is_some()),
        matches!(place.hours, Hours::Known(_)),
        particulars.is_some_and(|particulars| !particulars.images.is_empty()),
        place.is_accessible_for_free.is_some() || particulars.is_some_and(|particulars| !particulars.prices.is_empty()),
        !place.accessibility.is_empty(),
    ];
    known.iter().filter(|known| **known).count() as f64 / known.len() as f64
}

/// How prominent a place on so many curated routes is, from 0 to 1.
pub const fn prominence(routes: usize) -> f64 {
    match routes {
        0 => 0.0,
        1 => 0.5,
        2 => 0.75,
        _ => 1.0,
    }
}

/// The score of a place or event.
pub fn score(wish: f64, completeness: f64, prominence: f64) -> u32 {
    if wish <= 0.0 {
        return 0;
    }
    ((1_000.0 * wish * (0.5 + 0.2 * completeness + 0.3 * prominence)).round() as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wish_outweighs_the_record() {
        assert_eq!(score(0.0, 1.0, 1.0), 0);
        assert_eq!(score(1.0, 1.0, prominence(3)), 1_000);
        assert_eq!(score(1.0, 0.0, 0.0), 500);
        assert!(score(1.0, 0.0, 0.0) > score(0.4, 1.0, 1.0));
        assert_eq!(score(0.001, 0.0, 0.0), 1);
    }
}
