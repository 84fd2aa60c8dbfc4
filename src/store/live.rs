//! One published record, read inside a write.

use entity::{event, event_text, media, point_of_interest, point_of_interest_text, route, route_stop, route_text};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::connect::StoreError;
use super::decode::{self, Interner, Texts, Words};
use super::write::WriteTransaction;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::record::Record;

impl WriteTransaction {
    /// What is published under this id, and the city it belongs to; `None` when nothing is, or when it cannot be read.
    pub async fn published(&self, record_type: RecordType, id: RecordId) -> Result<Option<(Record, RecordId)>, StoreError> {
        match record_type {
            RecordType::PointOfInterest => self.published_place(id).await,
            RecordType::Event => self.published_event(id).await,
            RecordType::Route => self.published_route(id).await,
            RecordType::City | RecordType::Category | RecordType::Municipality => Ok(None),
        }
    }

    async fn published_place(&self, id: RecordId) -> Result<Option<(Record, RecordId)>, StoreError> {
        use point_of_interest::Column;
        use point_of_interest_text as text;
        let found = point_of_interest::Entity::find_by_id(id.0).filter(Column::WithdrawnAt.is_null()).one(self.connection()).await?;
        let Some(row) = found else { return Ok(None) };
        let city = RecordId(row.city_id);
        let (mut interner, mut texts) = (Interner::default(), Texts::default());
        for row in text::Entity::find().filter(text::Column::PointOfInterestId.eq(id.0)).all(self.connection()).await? {
            let text::Model { language, name, summary, description, state, .. } = row;
            texts.add(&mut interner, Words { language, name, summary, description, state });
        }
        let images = self.images(id).await?;
        Ok(decode::place(row, texts, Some(images), &mut interner).ok().map(|place| (Record::Place(Box::new(place)), city)))
    }

    async fn published_event(&self, id: RecordId) -> Result<Option<(Record, RecordId)>, StoreError> {
        let found = event::Entity::find_by_id(id.0).filter(event::Column::WithdrawnAt.is_null()).one(self.connection()).await?;
        let Some(row) = found else { return Ok(None) };
        let city = RecordId(row.city_id);
        let texts = event_text::Entity::find()
            .filter(event_text::Column::EventId.eq(id.0))
            .order_by_asc(event_text::Column::Language)
            .all(self.connection())
            .await?;
        let images = self.images(id).await?;
        Ok(decode::event(row, texts, Some(images), &mut Interner::default()).ok().map(|event| (Record::Event(Box::new(event)), city)))
    }

    async fn published_route(&self, id: RecordId) -> Result<Option<(Record, RecordId)>, StoreError> {
        let found = route::Entity::find_by_id(id.0).filter(route::Column::WithdrawnAt.is_null()).one(self.connection()).await?;
        let Some(row) = found else { return Ok(None) };
        let city = RecordId(row.city_id);
        let texts = route_text::Entity::find()
            .filter(route_text::Column::RouteId.eq(id.0))
            .order_by_asc(route_text::Column::Language)
            .all(self.connection())
            .await?;
        let stops = route_stop::Entity::find()
            .filter(route_stop::Column::RouteId.eq(id.0))
            .order_by_asc(route_stop::Column::Position)
            .all(self.connection())
            .await?;
        let images = self.images(id).await?;
        Ok(decode::route(row, texts, stops, Some(images), &mut Interner::default())
            .ok()
            .map(|route| (Record::Route(Box::new(route)), city)))
    }

    async fn images(&self, subject: RecordId) -> Result<Vec<media::Model>, StoreError> {
        let images = media::Entity::find().filter(media::Column::SubjectId.eq(subject.0)).order_by_asc(media::Column::Position);
        Ok(images.all(self.connection()).await?)
    }
}
