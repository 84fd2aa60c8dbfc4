//! Records into their tables, each with all that hangs on it, inside a write transaction. What is withdrawn keeps its row, so that no
//! id is ever used again.

use std::collections::HashMap;

use entity::{
    category, category_text, city, city_text, event, event_text, media, municipality, point_of_interest, point_of_interest_text, route,
    route_stop, route_text,
};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Iterable, PrimaryKeyToColumn, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::connect::StoreError;
use super::write::{ChangeKind, NewChange, ROWS_PER_STATEMENT, WriteTransaction};
use crate::domain::ids::{RecordId, RecordType};

/// Rows of one place with all that hangs on it.
pub struct PlaceRows {
    /// The place.
    pub place: point_of_interest::Model,
    /// Its texts.
    pub texts: Vec<point_of_interest_text::Model>,
    /// Its images.
    pub media: Vec<media::Model>,
}

/// Rows of one event with all that hangs on it.
pub struct EventRows {
    /// The event.
    pub event: event::Model,
    /// Its texts.
    pub texts: Vec<event_text::Model>,
    /// Its images.
    pub media: Vec<media::Model>,
}

/// Rows of one route with all that hangs on it.
pub struct RouteRows {
    /// The route.
    pub route: route::Model,
    /// Its texts.
    pub texts: Vec<route_text::Model>,
    /// Its stops.
    pub stops: Vec<route_stop::Model>,
    /// Its images.
    pub media: Vec<media::Model>,
}

impl WriteTransaction {
    /// Inserts rows, or overwrites those with the same primary key.
    async fn upsert<E, M>(&self, rows: Vec<M>) -> Result<(), StoreError>
    where
        E: EntityTrait,
        M: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
    {
        let keys: Vec<E::Column> = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
        let is_key = |column: &E::Column| keys.iter().any(|key| key.as_column_ref().1 == column.as_column_ref().1);
        let values: Vec<E::Column> = E::Column::iter().filter(|column| !is_key(column)).collect();
        let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model).peekable();
        while rows.peek().is_some() {
            let chunk: Vec<E::ActiveModel> = rows.by_ref().take(ROWS_PER_STATEMENT).collect();
            let conflict = OnConflict::columns(keys.iter().copied()).update_columns(values.iter().copied()).to_owned();
            E::insert_many(chunk).on_conflict(conflict).exec_without_returning(self.connection()).await?;
        }
        Ok(())
    }

    /// Deletes the rows that hang on `owners`.
    async fn clear<E: EntityTrait>(&self, owner: E::Column, owners: &[Uuid]) -> Result<(), StoreError> {
        for chunk in owners.chunks(ROWS_PER_STATEMENT) {
            E::delete_many().filter(owner.is_in(chunk.iter().copied())).exec(self.connection()).await?;
        }
        Ok(())
    }

    /// Writes the category tree whole: nodes that are gone are removed.
    pub async fn replace_categories(&self, nodes: Vec<category::Model>, texts: Vec<category_text::Model>) -> Result<(), StoreError> {
        category_text::Entity::delete_many().exec(self.connection()).await?;
        category::Entity::delete_many().exec(self.connection()).await?;
        self.insert::<category::Entity, _>(nodes).await?;
        self.insert::<category_text::Entity, _>(texts).await
    }

    /// Writes municipalities.
    pub async fn save_municipalities(&self, rows: Vec<municipality::Model>) -> Result<(), StoreError> {
        self.upsert::<municipality::Entity, _>(rows).await
    }

    /// Writes a city and its texts.
    pub async fn save_city(&self, row: city::Model, texts: Vec<city_text::Model>) -> Result<(), StoreError> {
        self.clear::<city_text::Entity>(city_text::Column::CityId, &[row.id]).await?;
        self.upsert::<city::Entity, _>(vec![row]).await?;
        self.insert::<city_text::Entity, _>(texts).await
    }

    /// Writes places with their texts and images.
    pub async fn save_places(&mut self, places: Vec<PlaceRows>) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = places.iter().map(|rows| rows.place.id).collect();
        self.clear::<point_of_interest_text::Entity>(point_of_interest_text::Column::PointOfInterestId, &ids).await?;
        self.clear::<media::Entity>(media::Column::SubjectId, &ids).await?;
        let (mut rows, mut texts, mut images) = (Vec::new(), Vec::new(), Vec::new());
        for place in places {
            images.extend(place.media.into_iter().map(|image| (RecordId(place.place.city_id), image)));
            rows.push(place.place);
            texts.extend(place.texts);
        }
        self.refuse_taken_slugs::<point_of_interest::Entity>(
            (point_of_interest::Column::Id, point_of_interest::Column::Slug),
            rows.iter().map(|row| (row.id, row.slug.as_str())).collect(),
        )
        .await?;
        self.note_moves::<point_of_interest::Entity>(
            RecordType::PointOfInterest,
            (point_of_interest::Column::Id, point_of_interest::Column::CityId),
            rows.iter().map(|row| (row.id, row.city_id)).collect(),
        )
        .await?;
        self.upsert::<point_of_interest::Entity, _>(rows).await?;
        self.insert::<point_of_interest_text::Entity, _>(texts).await?;
        self.save_images(images).await
    }

    /// Writes events with their texts and images.
    pub async fn save_events(&mut self, events: Vec<EventRows>) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = events.iter().map(|rows| rows.event.id).collect();
        self.clear::<event_text::Entity>(event_text::Column::EventId, &ids).await?;
        self.clear::<media::Entity>(media::Column::SubjectId, &ids).await?;
        let (mut rows, mut texts, mut images) = (Vec::new(), Vec::new(), Vec::new());
        for event in events {
            images.extend(event.media.into_iter().map(|image| (RecordId(event.event.city_id), image)));
            rows.push(event.event);
            texts.extend(event.texts);
        }
        self.refuse_taken_slugs::<event::Entity>(
            (event::Column::Id, event::Column::Slug),
            rows.iter().map(|row| (row.id, row.slug.as_str())).collect(),
        )
        .await?;
        self.note_moves::<event::Entity>(
            RecordType::Event,
            (event::Column::Id, event::Column::CityId),
            rows.iter().map(|row| (row.id, row.city_id)).collect(),
        )
        .await?;
        self.upsert::<event::Entity, _>(rows).await?;
        self.insert::<event_text::Entity, _>(texts).await?;
        self.save_images(images).await
    }

    /// Writes routes with their texts, stops and images.
    pub async fn save_routes(&mut self, routes: Vec<RouteRows>) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = routes.iter().map(|rows| rows.route.id).collect();
        self.clear::<route_text::Entity>(route_text::Column::RouteId, &ids).await?;
        self.clear::<route_stop::Entity>(route_stop::Column::RouteId, &ids).await?;
        self.clear::<media::Entity>(media::Column::SubjectId, &ids).await?;
        let (mut rows, mut texts, mut stops, mut images) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for route in routes {
            images.extend(route.media.into_iter().map(|image| (RecordId(route.route.city_id), image)));
            rows.push(route.route);
            texts.extend(route.texts);
            stops.extend(route.stops);
        }
        self.refuse_taken_slugs::<route::Entity>(
            (route::Column::Id, route::Column::Slug),
            rows.iter().map(|row| (row.id, row.slug.as_str())).collect(),
        )
        .await?;
        self.note_moves::<route::Entity>(
            RecordType::Route,
            (route::Column::Id, route::Column::CityId),
            rows.iter().map(|row| (row.id, row.city_id)).collect(),
        )
        .await?;
        self.upsert::<route::Entity, _>(rows).await?;
        self.insert::<route_text::Entity, _>(texts).await?;
        self.insert::<route_stop::Entity, _>(stops).await?;
        self.save_images(images).await
    }

    /// Takes records out of the public catalogue; their rows stay, so that no id is ever used again.
    pub async fn withdraw(&mut self, record_type: RecordType, city: RecordId, records: &[RecordId]) -> Result<(), StoreError> {
        for chunk in records.chunks(ROWS_PER_STATEMENT) {
            let ids: Vec<Uuid> = chunk.iter().map(|record| record.0).collect();
            match record_type {
                RecordType::PointOfInterest => {
                    self.mark_withdrawn::<point_of_interest::Entity>(
                        point_of_interest::Column::WithdrawnAt,
                        point_of_interest::Column::Id,
                        ids,
                    )
                    .await?;
                }
                RecordType::Event => self.mark_withdrawn::<event::Entity>(event::Column::WithdrawnAt, event::Column::Id, ids).await?,
                RecordType::Route => self.mark_withdrawn::<route::Entity>(route::Column::WithdrawnAt, route::Column::Id, ids).await?,
                RecordType::City | RecordType::Category | RecordType::Municipality => {}
            }
        }
        for record in records {
            self.note(NewChange { city: Some(city), record_type, record: Some(*record), kind: ChangeKind::Withdraw });
        }
        Ok(())
    }

    async fn mark_withdrawn<E: EntityTrait>(&self, column: E::Column, id: E::Column, ids: Vec<Uuid>) -> Result<(), StoreError> {
        E::update_many().col_expr(column, Expr::value(self.at())).filter(id.is_in(ids)).exec(self.connection()).await?;
        Ok(())
    }

    /// A record that comes from another city changes that city too: it is no longer there.
    async fn note_moves<E: EntityTrait>(
        &mut self,
        record_type: RecordType,
        (id, city): (E::Column, E::Column),
        records: Vec<(Uuid, Uuid)>,
    ) -> Result<(), StoreError> {
        for chunk in records.chunks(ROWS_PER_STATEMENT) {
            let homes: Vec<(Uuid, Uuid)> = E::find()
                .select_only()
                .columns([id, city])
                .filter(id.is_in(chunk.iter().map(|(id, _)| *id)))
                .into_tuple()
                .all(self.connection())
                .await?;
            let wanted: HashMap<Uuid, Uuid> = chunk.iter().copied().collect();
            for (record, home) in homes {
                if wanted.get(&record) != Some(&home) {
                    let (city, record) = (Some(RecordId(home)), Some(RecordId(record)));
                    self.note(NewChange { city, record_type, record, kind: ChangeKind::Withdraw });
                }
            }
        }
        Ok(())
    }

    /// A slug names one record for ever; told before the database would answer with a broken constraint.
    async fn refuse_taken_slugs<E: EntityTrait>(
        &self,
        (id, slug): (E::Column, E::Column),
        records: Vec<(Uuid, &str)>,
    ) -> Result<(), StoreError> {
        for chunk in records.chunks(ROWS_PER_STATEMENT) {
            let owners: Vec<(Uuid, String)> = E::find()
                .select_only()
                .columns([id, slug])
                .filter(slug.is_in(chunk.iter().map(|(_, slug)| *slug)))
                .into_tuple()
                .all(self.connection())
                .await?;
            let taken = owners.into_iter().find(|(owner, slug)| chunk.iter().any(|(id, wanted)| wanted == slug && id != owner));
            if let Some((owner, slug)) = taken {
                return Err(StoreError::SlugTaken { slug: slug.into(), owner: RecordId(owner) });
            }
        }
        Ok(())
    }
}
