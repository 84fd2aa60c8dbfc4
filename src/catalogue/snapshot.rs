//! The immutable value every read is answered from: reference data and a shard a city, at one number of the change log.
//! Each part is shared with the snapshot before unless it changed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::changed::{CityChange, Reread};
use super::error::CatalogueError;
use super::feed::Feed;
use super::records::Records;
use super::redirects::Redirects;
use super::reference::{ReferenceData, Tables};
use super::shard::CityShard;
use super::text::{BuildError, Segment};
use crate::domain::category::CategoryTree;
use crate::domain::city::City;
use crate::domain::event::Event;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::media::{Digest, ImageAddress, ImageFormat};
use crate::domain::point_of_interest::PointOfInterest;
use crate::domain::route::Route;
use crate::domain::work_budget::WorkBudget;
use crate::store::read::Reference;
use crate::store::records::CityRecords;
use crate::store::{Quarantined, Store, StoreError};

/// Why a snapshot could not be built; the one before stays.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The text index could not be built.
    #[error(transparent)]
    Text(#[from] BuildError),
    /// The thread that built a city died.
    #[error("a city could not be built")]
    Thread(#[from] tokio::task::JoinError),
}

/// What a catalogue held at one moment.
pub struct Snapshot {
    /// Number of the last change it holds.
    pub version: i64,
    /// What all cities share.
    pub reference: Arc<ReferenceData>,
    /// The cities in their order.
    pub shards: Vec<Arc<CityShard>>,
    /// Reference rows that were kept out.
    pub quarantined: Vec<Quarantined>,
    /// What changed last, as followers are told.
    pub feed: Arc<Feed>,
    /// What merged records became.
    pub redirects: Arc<Redirects>,
    /// By city, the last change of it; under no city, that of reference data.
    versions: HashMap<Option<RecordId>, i64>,
}

/// A place with the city it was found in.
#[derive(Clone, Copy)]
pub struct Found<'a, T> {
    /// Which shard.
    pub shard: usize,
    /// Its number there.
    pub number: u32,
    /// The record.
    pub record: &'a T,
}

impl Snapshot {
    /// A catalogue with nothing in it.
    pub fn empty(tables: &Tables) -> Self {
        Self {
            version: 0,
            reference: Arc::new(reference_data(&mut Reference::default(), tables)),
            shards: Vec::new(),
            quarantined: Vec::new(),
            feed: Arc::default(),
            redirects: Arc::default(),
            versions: HashMap::new(),
        }
    }

    /// Number of the last change that can show in what the city offers: its own, or one of reference data. The same in every
    /// process that has seen that change.
    pub fn city_version(&self, city: RecordId) -> i64 {
        let last = |key| self.versions.get(&key).copied().unwrap_or(0);
        last(Some(city)).max(last(None))
    }

    /// Reads the whole store in one walk. Cities are then built in parallel, as many at a time as the machine has cores.
    pub async fn load(store: &Store, tables: &Tables) -> Result<Self, SnapshotError> {
        let version = store.last_change().await?;
        let versions = store.last_change_by_city(version).await?;
        let mut reference = store.reference().await?;
        let data = Arc::new(reference_data(&mut reference, tables));
        let cities = reference.cities;
        let shards = build_shards(cities, store.all_records().await?, &data).await?;
        let (feed, redirects) = Default::default();
        Self { version, reference: data, shards, quarantined: reference.quarantined, feed, redirects, versions }
            .with_feed_loaded(store)
            .await
    }

    /// The next snapshot. Of cities that changed, the records that did are read and stand on what the city had, or it is read
    /// whole; all others are shared with this one.
    pub async fn with_cities(&self, store: &Store, version: i64, changed: &HashMap<RecordId, CityChange>) -> Result<Self, SnapshotError> {
        let mut whole = Vec::new();
        let mut in_part = Vec::new();
        for shard in &self.shards {
            match changed.get(&shard.city.id).map(|change| &change.what) {
                None => {}
                Some(Reread::Whole) => whole.push(shard.city.clone()),
                Some(Reread::Records(records)) => in_part.push((Arc::clone(shard), records.clone())),
            }
        }
        let mut next = read_shards(store, whole, &self.reference).await?;
        next.extend(next_shards(store, in_part, &self.reference).await?);
        let mut next = self.with_shards(next);
        next.version = version;
        next.versions.extend(changed.iter().map(|(city, change)| (Some(*city), change.last)));
        Ok(next)
    }

    /// The same state with another base under one city: `folded`, which `earlier` was folded into. Nothing when the city no longer
    /// stands on what `earlier` did.
    pub fn with_base(&self, folded: &CityShard, earlier: &CityShard) -> Result<Option<Self>, BuildError> {
        let Some(shard) = self.shard_by_id(earlier.city.id) else { return Ok(None) };
        let on_new_base = self.shards[shard].onto(folded, earlier)?;
        Ok(on_new_base.map(|shard| self.with_shards(vec![Arc::new(shard)])))
    }

    /// The same state, but that some shards are replaced by others of their cities.
    fn with_shards(&self, others: Vec<Arc<CityShard>>) -> Self {
        let mut others: HashMap<RecordId, Arc<CityShard>> = others.into_iter().map(|shard| (shard.city.id, shard)).collect();
        Self {
            version: self.version,
            reference: Arc::clone(&self.reference),
            shards: self.shards.iter().map(|shard| others.remove(&shard.city.id).unwrap_or_else(|| Arc::clone(shard))).collect(),
            quarantined: self.quarantined.clone(),
            feed: Arc::clone(&self.feed),
            redirects: Arc::clone(&self.redirects),
            versions: self.versions.clone(),
        }
    }

    /// Everything that was kept out, with its reason.
    pub fn all_quarantined(&self) -> impl Iterator<Item = &Quarantined> {
        self.quarantined.iter().chain(self.shards.iter().flat_map(|shard| &shard.quarantined))
    }

    /// The indexes of all texts.
    pub fn text(&self) -> Vec<Segment<'_>> {
        self.shards.iter().enumerate().flat_map(|(index, shard)| shard.text(index)).collect()
    }

    /// The shard of the city with this slug.
    pub fn shard_by_slug(&self, slug: &str) -> Option<usize> {
        self.shards.iter().position(|shard| &*shard.city.slug == slug)
    }

    /// The shard of the city with this id.
    pub fn shard_by_id(&self, id: RecordId) -> Option<usize> {
        self.shards.iter().position(|shard| shard.city.id == id)
    }

    /// The place with this id. O(cities · log n).
    pub fn place(&self, id: RecordId) -> Option<Found<'_, PointOfInterest>> {
        find(self, |shard| &shard.places, |places| places.by_id(id))
    }

    /// The place with this slug. O(cities · log n).
    pub fn place_by_slug(&self, slug: &str) -> Option<Found<'_, PointOfInterest>> {
        find(self, |shard| &shard.places, |places| places.by_slug(slug))
    }

    /// The bytes that stand at an address, and their form, when a published record shows the image. O(cities).
    pub fn published_image(&self, address: ImageAddress) -> Option<(Digest, ImageFormat)> {
        self.shards.iter().find_map(|shard| shard.images.stored(address))
    }

    /// The event with this id. O(cities · log n).
    pub fn event(&self, id: RecordId) -> Option<Found<'_, Event>> {
        find(self, |shard| &shard.events, |events| events.by_id(id))
    }

    /// The event with this slug. O(cities · log n).
    pub fn event_by_slug(&self, slug: &str) -> Option<Found<'_, Event>> {
        find(self, |shard| &shard.events, |events| events.by_slug(slug))
    }

    /// The route with this id. O(cities · log n).
    pub fn route(&self, id: RecordId) -> Option<Found<'_, Route>> {
        find(self, |shard| &shard.routes, |routes| routes.by_id(id))
    }

    /// The route with this slug. O(cities · log n).
    pub fn route_by_slug(&self, slug: &str) -> Option<Found<'_, Route>> {
        find(self, |shard| &shard.routes, |routes| routes.by_slug(slug))
    }

    /// For each shard whether its city is among the slugs.
    pub fn city_mask(&self, slugs: &[String]) -> Result<Vec<bool>, CatalogueError> {
        let mut mask = vec![false; self.shards.len()];
        for slug in slugs {
            let shard = self.shard_by_slug(slug).ok_or_else(|| CatalogueError::UnknownCity(slug.chars().take(100).collect()))?;
            mask[shard] = true;
        }
        Ok(mask)
    }

    /// For each category whether it or an ancestor is among the slugs.
    pub fn category_mask(&self, slugs: &[String], budget: &WorkBudget) -> Result<Vec<bool>, CatalogueError> {
        let tree = &self.reference.categories;
        budget.draw(slugs.len() as u64 * tree.iter().count() as u64 / 4)?;
        let wanted = slugs
            .iter()
            .map(|slug| tree.find(slug).ok_or_else(|| CatalogueError::UnknownCategory(slug.chars().take(100).collect())))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(tree.iter().map(|(key, _)| wanted.iter().any(|ancestor| tree.is_within(key, *ancestor))).collect())
    }
}

/// The record whose number `look_up` finds in one of the cities.
fn find<T>(
    snapshot: &Snapshot,
    records: impl Fn(&CityShard) -> &Records<T>,
    look_up: impl Fn(&Records<T>) -> Option<u32>,
) -> Option<Found<'_, T>> {
    snapshot.shards.iter().enumerate().find_map(|(shard, city)| {
        let records = records(city);
        let number = look_up(records)?;
        Some(Found { shard, number, record: records.get(number as usize)? })
    })
}

fn reference_data(reference: &mut Reference, tables: &Tables) -> ReferenceData {
    let (tree, orphans) = CategoryTree::build(std::mem::take(&mut reference.categories));
    reference.quarantined.extend(orphans.into_iter().map(|slug| Quarantined {
        record_type: RecordType::Category,
        record: None,
        slug: slug.into(),
        field: "parent_slug",
        reason: "its parent does not exist".to_owned(),
    }));
    ReferenceData {
        categories: Arc::new(tree),
        municipalities: std::mem::take(&mut reference.municipalities),
        holidays: Arc::clone(&tables.holidays),
        licences: Arc::clone(&tables.licences),
        profiles: Arc::clone(&tables.profiles),
    }
}

/// Reads and builds cities one by one: while one is built on its own thread the next is read.
async fn read_shards(store: &Store, cities: Vec<City>, reference: &Arc<ReferenceData>) -> Result<Vec<Arc<CityShard>>, SnapshotError> {
    let read_and_build = async |city: City| {
        let records = store.city_records(city.id).await?;
        build_shard(city, records, Arc::clone(reference)).await
    };
    in_parallel(cities.into_iter().map(read_and_build)).await
}

/// A city, and which of its records changed.
type InPart = (Arc<CityShard>, HashSet<(RecordType, RecordId)>);

/// Reads the records that changed in several cities at once, and has each city follow from what it was.
async fn next_shards(store: &Store, changed: Vec<InPart>, reference: &Arc<ReferenceData>) -> Result<Vec<Arc<CityShard>>, SnapshotError> {
    let all: HashSet<(RecordType, RecordId)> = changed.iter().flat_map(|(_, records)| records).copied().collect();
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let mut read = store.named_records(all.into_iter()).await?;
    let nexts = changed.into_iter().map(|(shard, changed)| {
        let mut records = read.remove(&shard.city.id).unwrap_or_default();
        // A record that moved again since belongs to a change of its new city that is still to come.
        records.keep(|named| changed.contains(&named));
        let reference = Arc::clone(reference);
        async move {
            let next = tokio::task::spawn_blocking(move || shard.next(&changed, records, &reference)).await??;
            Ok(Arc::new(next))
        }
    });
    in_parallel(nexts).await
}

/// Builds cities whose records are at hand.
async fn build_shards(
    cities: Vec<City>,
    mut records: HashMap<RecordId, CityRecords>,
    reference: &Arc<ReferenceData>,
) -> Result<Vec<Arc<CityShard>>, SnapshotError> {
    let builds = cities.into_iter().map(|city| {
        let records = records.remove(&city.id).unwrap_or_default();
        build_shard(city, records, Arc::clone(reference))
    });
    in_parallel(builds).await
}

async fn build_shard(city: City, records: CityRecords, reference: Arc<ReferenceData>) -> Result<Arc<CityShard>, SnapshotError> {
    let shard = tokio::task::spawn_blocking(move || CityShard::build(city, records, &reference)).await??;
    Ok(Arc::new(shard))
}

/// As many at a time as the machine has cores, in their order.
async fn in_parallel(
    builds: impl Iterator<Item = impl Future<Output = Result<Arc<CityShard>, SnapshotError>>>,
) -> Result<Vec<Arc<CityShard>>, SnapshotError> {
    use futures::{StreamExt, TryStreamExt};
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    futures::stream::iter(builds).buffered(cores).try_collect().await
}
