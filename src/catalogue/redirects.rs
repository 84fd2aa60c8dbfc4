//! Which record answers for one that was merged into it. Chains are followed to their end when the table is made, so that a
//! look-up is one step and a circle, which nobody should have made, leads nowhere.

use std::collections::{HashMap, HashSet};

use super::snapshot::{Found, Snapshot};
use crate::domain::event::Event;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::point_of_interest::PointOfInterest;
use crate::domain::route::Route;
use crate::store::feed::Redirect;

/// Merged records and what they became.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redirects {
    by_id: HashMap<RecordId, RecordId>,
    by_slug: HashMap<(RecordType, Box<str>), RecordId>,
}

impl Redirects {
    /// Follows each chain to its end.
    pub fn new(redirects: &[Redirect]) -> Self {
        let steps: HashMap<RecordId, RecordId> = redirects.iter().map(|redirect| (redirect.from, redirect.to)).collect();
        let ends = |redirect: &Redirect| {
            let (mut seen, mut end) = (HashSet::from([redirect.from]), redirect.to);
            while let Some(next) = steps.get(&end) {
                if !seen.insert(end) {
                    return None;
                }
                end = *next;
            }
            seen.insert(end).then_some(end)
        };
        let mut all = Self::default();
        for redirect in redirects {
            if let Some(end) = ends(redirect) {
                all.by_id.insert(redirect.from, end);
                all.by_slug.insert((redirect.record_type, redirect.slug.clone()), end);
            }
        }
        all
    }

    /// What the record was merged into, at last; none when it was not.
    pub fn target(&self, record: RecordId) -> Option<RecordId> {
        self.by_id.get(&record).copied()
    }

    /// What the record that had this slug was merged into.
    pub fn target_of_slug(&self, record_type: RecordType, slug: &str) -> Option<RecordId> {
        // A look-up by reference would need a key of borrowed parts; a slug that leads nowhere is rare.
        self.by_slug.get(&(record_type, slug.into())).copied()
    }
}

/// What is asked for by an old link or an old id is answered with what it became.
impl Snapshot {
    /// The place with this id, or the one it was merged into.
    pub fn place_or_successor(&self, id: RecordId) -> Option<Found<'_, PointOfInterest>> {
        self.place(id).or_else(|| self.place(self.redirects.target(id)?))
    }

    /// The place with this slug, or the one that the place of this slug was merged into.
    pub fn place_or_successor_by_slug(&self, slug: &str) -> Option<Found<'_, PointOfInterest>> {
        self.place_by_slug(slug).or_else(|| self.place(self.redirects.target_of_slug(RecordType::PointOfInterest, slug)?))
    }

    /// The event with this id, or the one it was merged into.
    pub fn event_or_successor(&self, id: RecordId) -> Option<Found<'_, Event>> {
        self.event(id).or_else(|| self.event(self.redirects.target(id)?))
    }

    /// The event with this slug, or the one that the event of this slug was merged into.
    pub fn event_or_successor_by_slug(&self, slug: &str) -> Option<Found<'_, Event>> {
        let found = self.event_by_slug(slug);
        found.or_else(|| self.event_or_successor(self.redirects.target_of_slug(RecordType::Event, slug)?))
    }

    /// The route with this id, or the one it was merged into.
    pub fn route_or_successor(&self, id: RecordId) -> Option<Found<'_, Route>> {
        self.route(id).or_else(|| self.route(self.redirects.target(id)?))
    }

    /// The route with this slug, or the one that the route of this slug was merged into.
    pub fn route_or_successor_by_slug(&self, slug: &str) -> Option<Found<'_, Route>> {
        let found = self.route_by_slug(slug);
        found.or_else(|| self.route_or_successor(self.redirects.target_of_slug(RecordType::Route, slug)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn redirects(steps: &[(u128, u128)]) -> Redirects {
        let redirect = |(from, to): &(u128, u128)| Redirect {
            record_type: RecordType::Event,
            from: RecordId(Uuid::from_u128(*from)),
            slug: format!("slug-{from}").into(),
            to: RecordId(Uuid::from_u128(*to)),
        };
        Redirects::new(&steps.iter().map(redirect).collect::<Vec<_>>())
    }

    #[test]
    fn chains_are_followed_and_circles_lead_nowhere() {
        let all = redirects(&[(1, 2), (2, 3), (3, 4), (10, 11), (11, 10), (12, 10), (13, 13)]);
        let target = |from| all.target(RecordId(Uuid::from_u128(from))).map(|to| to.0.as_u128());
        assert_eq!([1, 2, 3].map(target), [Some(4); 3]);
        assert_eq!([4, 10, 11, 12, 13].map(target), [None; 5]);
        assert_eq!(all.target_of_slug(RecordType::Event, "slug-1").map(|to| to.0.as_u128()), Some(4));
        assert_eq!(all.target_of_slug(RecordType::Route, "slug-1"), None);
        assert_eq!(all.target_of_slug(RecordType::Event, "slug-10"), None);
    }
}
