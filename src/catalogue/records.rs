//! The records of one type in one city: a base that many shards share, what came since, and what is gone. The next shard copies
//! numbers and no record; a record keeps its number until the city is folded into a new base.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::Index;
use std::sync::Arc;

use super::collation::fold;
use super::number_set::NumberSet;
use crate::domain::category::CategoryKey;
use crate::domain::event::Event;
use crate::domain::ids::RecordId;
use crate::domain::media::Image;
use crate::domain::point_of_interest::PointOfInterest;
use crate::domain::route::Route;
use crate::domain::text::Text;

/// What places, events and routes have alike.
pub trait Record {
    /// Identity.
    fn id(&self) -> RecordId;
    /// Address in links; no two records of a type share one.
    fn slug(&self) -> &str;
    /// Texts by language, one at least.
    fn texts(&self) -> &[Text];
    /// Category; absent of routes.
    fn category(&self) -> Option<CategoryKey>;
    /// Images, in their order.
    fn images(&self) -> &[Image];

    /// What lists are sorted by: the Portuguese name, or the first there is.
    fn name(&self) -> &str {
        name_of(self.texts())
    }
}

/// The Portuguese name, or the first there is.
pub fn name_of(texts: &[Text]) -> &str {
    texts.iter().find(|text| text.language.is_default()).or_else(|| texts.first()).map_or("", |text| &text.name)
}

macro_rules! record {
    ($record:ty, $category:expr, $images:expr) => {
        impl Record for $record {
            fn id(&self) -> RecordId {
                self.id
            }
            fn slug(&self) -> &str {
                &self.slug
            }
            fn texts(&self) -> &[Text] {
                &self.texts
            }
            fn category(&self) -> Option<CategoryKey> {
                let category: fn(&Self) -> Option<CategoryKey> = $category;
                category(self)
            }
            fn images(&self) -> &[Image] {
                let images: fn(&Self) -> &[Image] = $images;
                images(self)
            }
        }
    };
}

record!(PointOfInterest, |place| Some(place.category), |place| place.particulars.as_ref().map_or(&[], |particulars| &particulars.images));
record!(Event, |event| Some(event.category), |event| &event.images);
record!(Route, |_| None, |route| &route.images);

/// Records by number, name, id and slug.
pub struct Records<T> {
    /// Numbered from 0, by name when they were laid down.
    base: Arc<[T]>,
    /// Numbers of the base by id and by slug.
    base_by_id: Arc<[u32]>,
    base_by_slug: Arc<[u32]>,
    /// What came since, numbered on from the base, some of it gone again.
    recent: Vec<Arc<T>>,
    /// Numbers of the recent ones that are there, by id and by slug.
    recent_by_id: Vec<u32>,
    recent_by_slug: Vec<u32>,
    /// Numbers of what is gone.
    gone: Arc<NumberSet>,
    /// Numbers of what is there, by name, then id.
    order: Vec<u32>,
}

/// What leaves and what comes.
pub struct Difference<T> {
    /// Ids of what leaves; an id that is not there changes nothing.
    pub leaves: HashSet<RecordId>,
    /// What comes; of each that was there, the id leaves.
    pub comes: Vec<Arc<T>>,
}

impl<T: Record> Difference<T> {
    /// The images of records that come.
    pub fn images(&self) -> impl Iterator<Item = &Image> {
        self.comes.iter().flat_map(|record| record.images())
    }
}

impl<T: Record> Records<T> {
    /// Lays down a base. O(n log n).
    pub fn build(mut records: Vec<T>) -> Self {
        records.sort_by_cached_key(|record| (fold(record.name()), record.id()));
        let order: Vec<u32> = (0..records.len() as u32).collect();
        let (mut by_id, mut by_slug) = (order.clone(), order.clone());
        by_id.sort_unstable_by_key(|number| records[*number as usize].id());
        by_slug.sort_unstable_by(|one, other| records[*one as usize].slug().cmp(records[*other as usize].slug()));
        Self {
            base: records.into(),
            base_by_id: by_id.into(),
            base_by_slug: by_slug.into(),
            recent: Vec::new(),
            recent_by_id: Vec::new(),
            recent_by_slug: Vec::new(),
            gone: Arc::default(),
            order,
        }
    }

    /// The records after a change, over the same base. O(n) in numbers and O(changed · log n) in records.
    #[must_use]
    pub fn next(&self, difference: &Difference<T>) -> Self {
        let mut gone = NumberSet::clone(&self.gone);
        difference.leaves.iter().filter_map(|id| self.by_id(*id)).for_each(|number| gone.insert(number));
        let mut next = Self {
            base: Arc::clone(&self.base),
            base_by_id: Arc::clone(&self.base_by_id),
            base_by_slug: Arc::clone(&self.base_by_slug),
            recent: self.recent.clone(),
            recent_by_id: Vec::new(),
            recent_by_slug: Vec::new(),
            order: self.order.iter().copied().filter(|number| !gone.contains(*number)).collect(),
            gone: Arc::new(gone),
        };
        for record in &difference.comes {
            let (number, key) = (next.end(), (fold(record.name()), record.id()));
            next.recent.push(Arc::clone(record));
            let place = next.order.partition_point(|other| {
                let other = &next[*other as usize];
                (fold(other.name()), other.id()) < key
            });
            next.order.insert(place, number);
        }
        let mut recent: Vec<u32> = next.recent_numbers().collect();
        recent.sort_unstable_by_key(|number| next[*number as usize].id());
        next.recent_by_id.clone_from(&recent);
        recent.sort_unstable_by(|one, other| next[*one as usize].slug().cmp(next[*other as usize].slug()));
        next.recent_by_slug = recent;
        next
    }

    /// Number of the record with this id. O(log n).
    pub fn by_id(&self, id: RecordId) -> Option<u32> {
        let find = |numbers: &[u32]| self.find(numbers, |record| record.id().cmp(&id));
        find(&self.recent_by_id).or_else(|| find(&self.base_by_id))
    }

    /// Number of the record with this slug. O(log n).
    pub fn by_slug(&self, slug: &str) -> Option<u32> {
        let find = |numbers: &[u32]| self.find(numbers, |record| record.slug().cmp(slug));
        find(&self.recent_by_slug).or_else(|| find(&self.base_by_slug))
    }

    fn find(&self, sorted: &[u32], order: impl Fn(&T) -> Ordering) -> Option<u32> {
        let found = sorted.binary_search_by(|number| order(&self[*number as usize])).ok()?;
        Some(sorted[found]).filter(|number| !self.gone.contains(*number))
    }
}

impl<T> Records<T> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The record of that number, if there ever was one.
    #[inline]
    pub fn get(&self, number: usize) -> Option<&T> {
        match self.base.get(number) {
            Some(record) => Some(record),
            None => self.recent.get(number - self.base.len()).map(|record| &**record),
        }
    }

    /// Numbers by name, then id.
    pub fn by_name(&self) -> &[u32] {
        &self.order
    }

    /// The records by name, then id.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.order.iter().map(|number| &self[*number as usize])
    }

    /// Each with its number, by name, then id.
    pub fn numbered(&self) -> impl Iterator<Item = (u32, &T)> {
        self.order.iter().map(|number| (*number, &self[*number as usize]))
    }

    /// How many records the base has, gone or not: the first number of a recent one.
    pub fn base_len(&self) -> u32 {
        self.base.len() as u32
    }

    /// The number the next record to come gets.
    pub fn end(&self) -> u32 {
        (self.base.len() + self.recent.len()) as u32
    }

    /// Numbers of what came since the base and is there.
    pub fn recent_numbers(&self) -> impl Iterator<Item = u32> {
        (self.base_len()..self.end()).filter(|number| !self.gone.contains(*number))
    }

    /// Numbers of what is gone.
    pub fn gone(&self) -> &Arc<NumberSet> {
        &self.gone
    }

    /// How many records came or went since the base.
    pub fn changed(&self) -> usize {
        self.recent.len() + self.gone.below(self.base_len()).count()
    }
}

impl<T: Record> Records<T> {
    /// The images of records that leave these.
    pub fn images_that_leave(&self, difference: &Difference<T>) -> impl Iterator<Item = &Image> {
        difference.leaves.iter().filter_map(|id| self.by_id(*id)).flat_map(|number| self[number as usize].images())
    }

    /// What happened between `earlier`, over the same base, and these.
    pub fn since(&self, earlier: &Self) -> Difference<T> {
        let left = earlier.order.iter().filter(|number| self.gone.contains(**number));
        let come = self.recent_numbers().filter(|number| *number >= earlier.end());
        Difference {
            leaves: left.map(|number| earlier[*number as usize].id()).collect(),
            comes: come.map(|number| Arc::clone(&self.recent[(number - self.base_len()) as usize])).collect(),
        }
    }
}

impl<T> Index<usize> for Records<T> {
    type Output = T;

    fn index(&self, number: usize) -> &T {
        if number < self.base.len() { &self.base[number] } else { &self.recent[number - self.base.len()] }
    }
}
