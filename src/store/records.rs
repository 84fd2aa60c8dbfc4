//! Reading what is published: one city, or the whole store in one walk. Withdrawn records never leave the database here.

use std::collections::HashMap;

use entity::{event, event_text, media, point_of_interest, point_of_interest_text, route, route_stop, route_text};
use futures::TryStreamExt;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    AccessMode, ColumnTrait, DatabaseTransaction, EntityTrait, IsolationLevel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    TransactionOptions, TransactionTrait,
};
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

/// One walk through the tables.
struct Reading<'a> {
    moment: &'a DatabaseTransaction,
    city: Option<RecordId>,
    records: HashMap<RecordId, CityRecords>,
    interner: Interner,
}

impl Reading<'_> {
    async fn places(&mut self) -> Result<(), StoreError> {
        use point_of_interest_text::Column;
        let owners = owners!(point_of_interest, self.city);
        let mut media = self.media(owners.clone()).await?;
        let mut texts: HashMap<Uuid, Texts> = HashMap::new();
        let mut rows = point_of_interest_text::Entity::find()
            .apply_if(owners, |texts, owners| texts.filter(Column::PointOfInterestId.in_subquery(owners)))
            .select_only()
            .columns([Column::PointOfInterestId, Column::Language, Column::Name, Column::Summary, Column::Description])
            .into_tuple::<(Uuid, String, String, Option<String>, Option<String>)>()
            .stream(self.moment)
            .await?;
        while let Some((owner, language, name, summary, description)) = rows.try_next().await? {
            texts.entry(owner).or_default().add(&mut self.interner, &language, name, summary, description);
        }
        drop(rows);
        let mut rows = live!(point_of_interest, self.city).stream(self.moment).await?;
        while let Some(row) = rows.try_next().await? {
            let (id, city) = (row.id, RecordId(row.city_id));
            let records = self.records.entry(city).or_default();
            let texts = texts.remove(&id).unwrap_or_default();
            match decode::place(row, texts, media.remove(&id), &mut self.interner) {
                Ok(place) => records.places.push(place),
                Err(bad) => records.quarantined.push(bad.of(RecordType::PointOfInterest)),
            }
        }
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
