//! A catalogue file into the store: what differs is written, what the dataset no longer holds in that city is withdrawn,
//! what other datasets own is not touched.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::catalogue_file::{self, CatalogueFile, Fault};
use super::record_reader::Known;
use super::rows;
use crate::domain::boundary::Boundaries;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::rights::LicenceTable;
use crate::store::write::{ChangeKind, NewChange, WriteTransaction};
use crate::store::{Store, StoreError};

/// Why nothing was loaded.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The store failed; nothing of the file was written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Records of the file are wrong; nothing of it was written.
    #[error("{} record(s) are wrong, nothing of the file was loaded", .0.len())]
    Faults(Vec<Fault>),
    /// A bundled file is broken, which a test excludes.
    #[error("the bundled file {file} is broken: {reason}")]
    Bundled {
        /// Which.
        file: &'static str,
        /// Why.
        reason: String,
    },
}

impl IngestError {
    pub(super) fn bundled(file: &'static str, error: &dyn std::fmt::Display) -> Self {
        Self::Bundled { file, reason: error.to_string() }
    }
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Records added or changed.
    pub written: usize,
    /// Records already as the file says.
    pub unchanged: usize,
    /// Records withdrawn because the file no longer holds them.
    pub withdrawn: usize,
    /// Records left as they are, because editors work on them.
    pub kept: usize,
}

/// Checks files against what the store knows and writes them.
pub struct Importer<'a> {
    store: &'a Store,
    categories: HashSet<String>,
    licences: HashSet<String>,
    boundaries: Boundaries,
}

impl<'a> Importer<'a> {
    /// Reads the reference data of the store once.
    pub async fn new(store: &'a Store) -> Result<Self, IngestError> {
        let reference = store.reference().await?;
        let (boundaries, _) = Boundaries::build(store.boundaries().await?);
        let licences = LicenceTable::bundled().map_err(|error| IngestError::bundled("rights.json", &error))?;
        Ok(Self {
            store,
            categories: reference.categories.into_iter().map(|node| node.slug.into()).collect(),
            licences: licences.ids().map(ToOwned::to_owned).collect(),
            boundaries,
        })
    }

    /// Reads a file and checks every record, writing nothing.
    pub fn check(&self, name: &str, json: &str) -> Result<CatalogueFile, IngestError> {
        let municipality_of = |position| self.boundaries.locate(position);
        let known = Known { categories: &self.categories, licences: &self.licences, municipality_of: &municipality_of };
        catalogue_file::read(name, json, &known).map_err(IngestError::Faults)
    }

    /// Writes a checked file in one transaction.
    pub async fn apply(&self, file: CatalogueFile, at: DateTime<Utc>) -> Result<Applied, IngestError> {
        let mut transaction = self.store.begin(at).await?;
        // Two imports of one city at the same moment would each miss what the other brings.
        transaction.hold(&file.city.slug).await?;
        let known = self.store.reference().await?.cities.into_iter().find(|known| known.slug == file.city.slug);
        // The dataset that brought the city owns it; the others only add to it.
        let city = known.as_ref().map_or(file.city.id, |known| known.id);
        let is_owner = city == file.city.id;
        let current = self.store.city_records(city).await?;
        let mut applied = Applied::default();
        if is_owner && known.as_ref() != Some(&file.city) {
            let (row, texts) = rows::city(&file.city, &file.dataset);
            transaction.save_city(row, texts).await?;
            transaction.note(NewChange { city: None, record_type: RecordType::City, record: Some(city), kind: ChangeKind::Upsert });
        }
        // What editors have taken over is theirs: no import changes or withdraws it.
        let edited: HashSet<RecordId> = self.store.drafted(city).await?.into_iter().collect();
        let owned = |dataset: &str| dataset == file.dataset;
        let places = Difference::of(
            file.places,
            &current.places.into_iter().filter(|record| owned(&record.provenance.dataset)).map(|record| (record.id, record)).collect(),
            self.store.published_ids(RecordType::PointOfInterest, city, &file.dataset).await?,
            (&edited, |record| record.id),
        );
        transaction.save_places(places.changed.iter().map(|record| rows::place(record, city)).collect()).await?;
        places.note(&mut transaction, &mut applied, RecordType::PointOfInterest, city, |record| record.id).await?;
        let events = Difference::of(
            file.events,
            &current.events.into_iter().filter(|record| owned(&record.provenance.dataset)).map(|record| (record.id, record)).collect(),
            self.store.published_ids(RecordType::Event, city, &file.dataset).await?,
            (&edited, |record| record.id),
        );
        transaction.save_events(events.changed.iter().map(|record| rows::event(record, city)).collect()).await?;
        events.note(&mut transaction, &mut applied, RecordType::Event, city, |record| record.id).await?;
        let routes = Difference::of(
            file.routes,
            &current.routes.into_iter().filter(|record| owned(&record.provenance.dataset)).map(|record| (record.id, record)).collect(),
            self.store.published_ids(RecordType::Route, city, &file.dataset).await?,
            (&edited, |record| record.id),
        );
        transaction.save_routes(routes.changed.iter().map(|record| rows::route(record, city)).collect()).await?;
        routes.note(&mut transaction, &mut applied, RecordType::Route, city, |record| record.id).await?;
        transaction.commit().await?;
        Ok(applied)
    }
}

/// What the file and the store do not agree on.
struct Difference<T> {
    changed: Vec<T>,
    unchanged: usize,
    kept: usize,
    gone: Vec<RecordId>,
}

impl<T: PartialEq> Difference<T> {
    /// `current` is what can be read of the `published`; what cannot is written anew, or withdrawn, like any other.
    fn of(
        mut wanted: Vec<T>,
        current: &HashMap<RecordId, T>,
        mut published: Vec<RecordId>,
        (edited, id): (&HashSet<RecordId>, impl Fn(&T) -> RecordId),
    ) -> Self {
        let before = wanted.len();
        wanted.retain(|record| !edited.contains(&id(record)));
        published.retain(|record| !edited.contains(record));
        let total = wanted.len();
        let kept: HashSet<RecordId> = wanted.iter().map(&id).collect();
        let mut gone: Vec<RecordId> = published.into_iter().filter(|record| !kept.contains(record)).collect();
        gone.sort_unstable();
        let changed: Vec<T> = wanted.into_iter().filter(|record| current.get(&id(record)) != Some(record)).collect();
        Self { unchanged: total - changed.len(), kept: before - total, changed, gone }
    }

    async fn note(
        &self,
        transaction: &mut WriteTransaction,
        applied: &mut Applied,
        record_type: RecordType,
        city: RecordId,
        id: impl Fn(&T) -> RecordId,
    ) -> Result<(), StoreError> {
        for record in &self.changed {
            transaction.note(NewChange { city: Some(city), record_type, record: Some(id(record)), kind: ChangeKind::Upsert });
        }
        transaction.withdraw(record_type, city, &self.gone).await?;
        applied.written += self.changed.len();
        applied.unchanged += self.unchanged;
        applied.withdrawn += self.gone.len();
        applied.kept += self.kept;
        Ok(())
    }
}
