//! Reading what is published: one city, or the whole store in one walk. Withdrawn records never leave the database here.

use std::collections::HashMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use entity::{event, event_text, media, point_of_interest, point_of_interest_text, route, route_stop, route_text};
use futures::Stream;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    AccessMode, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IsolationLevel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::connect::{Store, StoreError};
use super::decode::{self, ByRecord, Interner, Quarantined, Texts};
use crate::domain::event::EventRecord;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::point_of_interest::PointOfInterestRecord;
use crate::domain::route::Route;

/// Everything published in one city.
#[derive(Debug, Default)]
pub struct CityRecords {
    /// Places, in no particular order.
    pub places: Vec<PointOfInterestRecord>,
    /// Events.
    pub events: Vec<EventRecord>,
    /// Routes.
    pub routes: Vec<Route>,
    /// Rows that cannot be read.
    pub quarantined: Vec<Quarantined>,
}

impl Store {
    /// What is published in the city.
    pub async fn city_records(&self, city: RecordId) -> Result<CityRecords, StoreError> {
        Ok(self.records(Some(city)).await?.remove(&city).unwrap_or_default())
    }

    /// What is published in every city that has anything. Tables are read from end to end: a million places asked for a city at
    /// a time cost three times as long, for their texts lie all over the table.
    pub async fn all_records(&self) -> Result<HashMap<RecordId, CityRecords>, StoreError> {
        self.records(None).await
    }

    async fn records(&self, city: Option<RecordId>) -> Result<HashMap<RecordId, CityRecords>, StoreError> {
        let moment = self.moment().await?;
        let mut reading = Reading { moment: &moment, city, records: HashMap::new(), interner: Interner::default() };
        reading.places().await?;
        reading.events().await?;
        reading.routes().await?;
        let records = reading.records;
        moment.rollback().await?;
        Ok(records)
    }

    /// Ids of what a dataset has published in the city, whether it can be read or not.
    pub async fn published_ids(&self, record_type: RecordType, city: RecordId, dataset: &str) -> Result<Vec<RecordId>, StoreError> {
        macro_rules! ids {
            ($table:ident) => {
                $table::Entity::find()
                    .select_only()
                    .column($table::Column::Id)
                    .filter($table::Column::CityId.eq(city.0))
                    .filter($table::Column::Dataset.eq(dataset))
                    .filter($table::Column::WithdrawnAt.is_null())
                    .into_tuple::<Uuid>()
                    .all(&self.connection)
                    .await?
            };
        }
        let ids = match record_type {
            RecordType::PointOfInterest => ids!(point_of_interest),
            RecordType::Event => ids!(event),
            RecordType::Route => ids!(route),
            RecordType::City | RecordType::Category | RecordType::Municipality => Vec::new(),
        };
        Ok(ids.into_iter().map(RecordId).collect())
    }

    /// The database as it is at one moment, whatever is committed while it is read: rows and their texts belong together.
    async fn moment(&self) -> Result<DatabaseTransaction, StoreError> {
        // SQLite's transactions see one moment anyway, and know no levels.
        let is_postgres = !self.is_sqlite();
        let options = TransactionOptions {
            isolation_level: is_postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: is_postgres.then_some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        };
        Ok(self.connection.begin_with_options(options).await?)
    }
}

/// The live rows of a table in one city, or in all.
macro_rules! live {
    ($table:ident, $city:expr) => {
        $table::Entity::find()
            .filter($table::Column::WithdrawnAt.is_null())
            .apply_if($city, |rows, city: RecordId| rows.filter($table::Column::CityId.eq(city.0)))
    };
}

/// The ids of those rows, when only one city is read. Rows that belong to a record are else read to the last one, and those of
/// withdrawn records left aside: faster than asking for each owner.
macro_rules! owners {
    ($table:ident, $city:expr) => {
        $city.map(|city| live!($table, Some(city)).select_only().column($table::Column::Id).into_query())
    };
}

/// Rows handed to another thread together.
const BATCH: usize = 512;
/// Batches that may wait.
const BATCHES: usize = 8;

/// Owner, language, name, summary, description.
type TextRow = (Uuid, String, String, Option<String>, Option<String>);

/// How long rows are left to gather when none is there.
const PAUSE: Duration = Duration::from_millis(1);

/// Gives rows to another thread, many at a time. It is over when the rows are, or the thread is. Who waits for the next row is
/// woken for each, and two threads that wake each other a million times do little else: so nobody is woken here, the rows are
/// looked for again after a pause in which hundreds have come.
async fn hand_over<T>(rows: impl Stream<Item = Result<T, DbErr>>, sender: mpsc::Sender<Vec<T>>) -> Result<(), StoreError> {
    let mut rows = pin!(rows);
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let next = rows.as_mut().poll_next(&mut Context::from_waker(Waker::noop()));
        match next {
            Poll::Ready(Some(row)) => batch.push(row?),
            Poll::Ready(None) => break,
            Poll::Pending => tokio::time::sleep(PAUSE).await,
        }
        if batch.len() == BATCH {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            sender.send(full).await.map_err(|_| StoreError::Thread)?;
        }
    }
    sender.send(batch).await.map_err(|_| StoreError::Thread)
}

/// One walk through the tables.
struct Reading<'a> {
    moment: &'a DatabaseTransaction,
    city: Option<RecordId>,
    records: HashMap<RecordId, CityRecords>,
    interner: Interner,
}

impl Reading<'_> {
    /// Rows come from the database on one thread, are taken out of their columns on this one and become records on a third: a
    /// million places take half the time.
    async fn places(&mut self) -> Result<(), StoreError> {
        use point_of_interest_text::Column;
        let owners = owners!(point_of_interest, self.city);
        let mut media = self.media(owners.clone()).await?;
        let mut interner = std::mem::take(&mut self.interner);
        let (sender, mut batches) = mpsc::channel::<Vec<TextRow>>(BATCHES);
        let gathering = tokio::task::spawn_blocking(move || {
            let mut texts: HashMap<Uuid, Texts> = HashMap::new();
            while let Some(batch) = batches.blocking_recv() {
                for (owner, language, name, summary, description) in batch {
                    texts.entry(owner).or_default().add(&mut interner, &language, name, summary, description);
                }
            }
            (texts, interner)
        });
        let rows = point_of_interest_text::Entity::find()
            .apply_if(owners, |texts, owners| texts.filter(Column::PointOfInterestId.in_subquery(owners)))
            .select_only()
            .columns([Column::PointOfInterestId, Column::Language, Column::Name, Column::Summary, Column::Description])
            .into_tuple::<TextRow>()
            .stream(self.moment)
            .await?;
        hand_over(rows, sender).await?;
        let (mut texts, mut interner) = gathering.await.map_err(|_| StoreError::Thread)?;

        let mut found = std::mem::take(&mut self.records);
        let (sender, mut batches) = mpsc::channel::<Vec<point_of_interest::Model>>(BATCHES);
        let decoding = tokio::task::spawn_blocking(move || {
            while let Some(batch) = batches.blocking_recv() {
                for row in batch {
                    let (id, city) = (row.id, RecordId(row.city_id));
                    let records: &mut CityRecords = found.entry(city).or_default();
                    let texts = texts.remove(&id).unwrap_or_default();
                    match decode::place(row, texts, media.remove(&id), &mut interner) {
                        Ok(place) => records.places.push(place),
                        Err(bad) => records.quarantined.push(bad.of(RecordType::PointOfInterest)),
                    }
                }
            }
            (found, interner)
        });
        hand_over(live!(point_of_interest, self.city).stream(self.moment).await?, sender).await?;
        (self.records, self.interner) = decoding.await.map_err(|_| StoreError::Thread)?;
        Ok(())
    }

    async fn events(&mut self) -> Result<(), StoreError> {
        let owners = owners!(event, self.city);
        let mut media = self.media(owners.clone()).await?;
        let texts = event_text::Entity::find()
            .apply_if(owners, |texts, owners| texts.filter(event_text::Column::EventId.in_subquery(owners)))
            .order_by_asc(event_text::Column::Language)
            .all(self.moment)
            .await?;
        let mut texts = decode::group(texts, |text| text.event_id);
        for row in live!(event, self.city).all(self.moment).await? {
            let (id, city) = (row.id, RecordId(row.city_id));
            let records = self.records.entry(city).or_default();
            match decode::event(row, texts.remove(&id).unwrap_or_default(), media.remove(&id), &mut self.interner) {
                Ok(event) => records.events.push(event),
                Err(bad) => records.quarantined.push(bad.of(RecordType::Event)),
            }
        }
        Ok(())
    }

    async fn routes(&mut self) -> Result<(), StoreError> {
        let owners = owners!(route, self.city);
        let mut media = self.media(owners.clone()).await?;
        let texts = route_text::Entity::find()
            .apply_if(owners.clone(), |texts, owners| texts.filter(route_text::Column::RouteId.in_subquery(owners)))
            .order_by_asc(route_text::Column::Language)
            .all(self.moment)
            .await?;
        let stops = route_stop::Entity::find()
            .apply_if(owners, |stops, owners| stops.filter(route_stop::Column::RouteId.in_subquery(owners)))
            .order_by_asc(route_stop::Column::Position)
            .all(self.moment)
            .await?;
        let mut texts = decode::group(texts, |text| text.route_id);
        let mut stops = decode::group(stops, |stop| stop.route_id);
        for row in live!(route, self.city).all(self.moment).await? {
            let (id, city) = (row.id, RecordId(row.city_id));
            let records = self.records.entry(city).or_default();
            let (texts, stops) = (texts.remove(&id).unwrap_or_default(), stops.remove(&id).unwrap_or_default());
            match decode::route(row, texts, stops, media.remove(&id), &mut self.interner) {
                Ok(route) => records.routes.push(route),
                Err(bad) => records.quarantined.push(bad.of(RecordType::Route)),
            }
        }
        Ok(())
    }

    /// Images by the record they show, in their order; of these owners, or of all records.
    async fn media(&self, owners: Option<SelectStatement>) -> Result<ByRecord<media::Model>, StoreError> {
        let rows = media::Entity::find()
            .apply_if(owners, |media, owners| media.filter(media::Column::SubjectId.in_subquery(owners)))
            .order_by_asc(media::Column::Position)
            .all(self.moment)
            .await?;
        Ok(decode::group(rows, |image| image.subject_id))
    }
}
