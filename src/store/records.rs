//! Reading what is published: some records, one city, or the whole store in one walk. Withdrawn records never leave the database
//! here.

use std::collections::HashMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use entity::{event, event_text, media, point_of_interest, point_of_interest_text, route, route_stop, route_text};
use futures::Stream;
use sea_orm::sea_query::{SelectStatement, SimpleExpr};
use sea_orm::{
    AccessMode, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IsolationLevel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    TransactionOptions,
};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::connect::{Store, StoreError};
use super::decode::{self, ByRecord, Interner, Quarantined, Texts, Words};
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

impl CityRecords {
    /// Keeps what fits of a type and an id, as far as the id is known.
    pub fn keep(&mut self, fits: impl Fn((RecordType, RecordId)) -> bool) {
        self.places.retain(|place| fits((RecordType::PointOfInterest, place.id)));
        self.events.retain(|event| fits((RecordType::Event, event.id)));
        self.routes.retain(|route| fits((RecordType::Route, route.id)));
        self.quarantined.retain(|kept| kept.record.is_none_or(|record| fits((kept.record_type, record))));
    }
}

impl Store {
    /// What is published in the city.
    pub async fn city_records(&self, city: RecordId) -> Result<CityRecords, StoreError> {
        Ok(self.records(Which::City(city)).await?.remove(&city).unwrap_or_default())
    }

    /// Those of the named records that are published, by the city they are in now. No more than a few thousand: each is a
    /// parameter of a statement, of which SQLite takes 32,766.
    pub async fn named_records(
        &self,
        named: impl Iterator<Item = (RecordType, RecordId)>,
    ) -> Result<HashMap<RecordId, CityRecords>, StoreError> {
        let mut ids: HashMap<RecordType, Vec<Uuid>> = HashMap::new();
        named.for_each(|(record_type, id)| ids.entry(record_type).or_default().push(id.0));
        self.records(Which::Named(ids)).await
    }

    /// What is published in every city that has anything. Tables are read from end to end: a million places asked for a city at
    /// a time cost three times as long, for their texts lie all over the table.
    pub async fn all_records(&self) -> Result<HashMap<RecordId, CityRecords>, StoreError> {
        self.records(Which::All).await
    }

    async fn records(&self, which: Which) -> Result<HashMap<RecordId, CityRecords>, StoreError> {
        let moment = self.moment().await?;
        let has = |record_type| which.has(record_type);
        let (places, events, routes) = (has(RecordType::PointOfInterest), has(RecordType::Event), has(RecordType::Route));
        let mut reading = Reading { moment: &moment, which, records: HashMap::new(), interner: Interner::default() };
        if places {
            reading.places().await?;
        }
        if events {
            reading.events().await?;
        }
        if routes {
            reading.routes().await?;
        }
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
    pub(super) async fn moment(&self) -> Result<DatabaseTransaction, StoreError> {
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

/// Which records are read.
enum Which {
    /// All there are.
    All,
    /// Those of a city.
    City(RecordId),
    /// Some, by type.
    Named(HashMap<RecordType, Vec<Uuid>>),
}

impl Which {
    /// Whether any of the type can be among them.
    fn has(&self, record_type: RecordType) -> bool {
        !matches!(self, Self::Named(ids) if !ids.contains_key(&record_type))
    }

    /// What holds of the rows of a table of records; nothing when all are read.
    fn condition<C: ColumnTrait>(&self, record_type: RecordType, id: C, city: C) -> Option<SimpleExpr> {
        match self {
            Self::All => None,
            Self::City(wanted) => Some(city.eq(wanted.0)),
            Self::Named(ids) => Some(id.is_in(ids.get(&record_type).into_iter().flatten().copied())),
        }
    }
}

/// The live rows of a table that are read.
macro_rules! live {
    ($table:ident, $which:expr, $type:ident) => {
        $table::Entity::find()
            .filter($table::Column::WithdrawnAt.is_null())
            .apply_if($which.condition(RecordType::$type, $table::Column::Id, $table::Column::CityId), |rows, condition| {
                rows.filter(condition)
            })
    };
}

/// The ids of those rows, when not all are read. Rows that belong to a record are else read to the last one, and those of
/// withdrawn records left aside: faster than asking for each owner.
macro_rules! owners {
    ($table:ident, $which:expr, $type:ident) => {
        (!matches!($which, Which::All)).then(|| live!($table, $which, $type).select_only().column($table::Column::Id).into_query())
    };
}

/// Rows handed to another thread together.
const BATCH: usize = 512;
/// Batches that may wait.
const BATCHES: usize = 8;

/// Owner, language, name, summary, description, state.
type TextRow = (Uuid, String, String, Option<String>, Option<String>, Option<String>);

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
    which: Which,
    records: HashMap<RecordId, CityRecords>,
    interner: Interner,
}

impl Reading<'_> {
    /// Rows come from the database on one thread, are taken out of their columns on this one and become records on a third: a
    /// million places take half the time.
    async fn places(&mut self) -> Result<(), StoreError> {
        use point_of_interest_text::Column;
        let owners = owners!(point_of_interest, self.which, PointOfInterest);
        let mut media = self.media(owners.clone()).await?;
        let mut interner = std::mem::take(&mut self.interner);
        let (sender, mut batches) = mpsc::channel::<Vec<TextRow>>(BATCHES);
        let gathering = tokio::task::spawn_blocking(move || {
            let mut texts: HashMap<Uuid, Texts> = HashMap::new();
            while let Some(batch) = batches.blocking_recv() {
                for (owner, language, name, summary, description, state) in batch {
                    let words = Words { language, name, summary, description, state };
                    texts.entry(owner).or_default().add(&mut interner, words);
                }
            }
            (texts, interner)
        });
        let rows = point_of_interest_text::Entity::find()
            .apply_if(owners, |texts, owners| texts.filter(Column::PointOfInterestId.in_subquery(owners)))
            .select_only()
            .columns([Column::PointOfInterestId, Column::Language, Column::Name, Column::Summary, Column::Description, Column::State])
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
        hand_over(live!(point_of_interest, self.which, PointOfInterest).stream(self.moment).await?, sender).await?;
        (self.records, self.interner) = decoding.await.map_err(|_| StoreError::Thread)?;
        Ok(())
    }

    async fn events(&mut self) -> Result<(), StoreError> {
        let owners = owners!(event, self.which, Event);
        let mut media = self.media(owners.clone()).await?;
        let texts = event_text::Entity::find()
            .apply_if(owners, |texts, owners| texts.filter(event_text::Column::EventId.in_subquery(owners)))
            .order_by_asc(event_text::Column::Language)
            .all(self.moment)
            .await?;
        let mut texts = decode::group(texts, |text| text.event_id);
        for row in live!(event, self.which, Event).all(self.moment).await? {
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
        let owners = owners!(route, self.which, Route);
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
        for row in live!(route, self.which, Route).all(self.moment).await? {
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
