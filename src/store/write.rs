//! The only way to a write transaction. Whatever is published in it is numbered in the change log by the same commit:
//! the numbers come from one locked row, taken last, so that they have no gaps and none arrives late.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    category, category_text, change, change_counter, city, city_text, event, event_text, media, municipality, point_of_interest,
    point_of_interest_text, route, route_stop, route_text,
};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, ExprTrait, IntoActiveModel, Iterable,
    PrimaryKeyToColumn, QueryFilter, QuerySelect, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use uuid::Uuid;

use super::connect::{Store, StoreError};
use crate::domain::ids::{RecordId, RecordType};

/// Rows a statement: SQLite allows 32,766 parameters, PostgreSQL 65,535, and the widest table has 27 columns.
const ROWS_PER_STATEMENT: usize = 500;

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Added or changed.
    Upsert,
    /// Taken out of the public catalogue, or of one city into another.
    Withdraw,
}

impl ChangeKind {
    /// The word in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upsert => "UPSERT",
            Self::Withdraw => "WITHDRAW",
        }
    }

    /// What the word means; whatever is not taken out may be there.
    pub fn parse(word: &str) -> Self {
        if word == Self::Withdraw.as_str() { Self::Withdraw } else { Self::Upsert }
    }
}

/// A change to be numbered at commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// The city that changes; absent when reference data does.
    pub city: Option<RecordId>,
    /// What changed.
    pub record_type: RecordType,
    /// The record; absent when many of the type changed together.
    pub record: Option<RecordId>,
    /// How.
    pub kind: ChangeKind,
}

/// An open write transaction. Dropped without [`WriteTransaction::commit`], nothing has happened.
pub struct WriteTransaction {
    transaction: DatabaseTransaction,
    at: DateTime<Utc>,
    changes: Vec<NewChange>,
}

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

impl Store {
    /// Begins to write; `at` is the time the changes carry.
    pub async fn begin(&self, at: DateTime<Utc>) -> Result<WriteTransaction, StoreError> {
        // SQLite takes the write lock at BEGIN: a transaction that reads first and writes later is refused at once
        // when another wrote in between, whatever the busy timeout.
        let sqlite_transaction_mode = self.is_sqlite().then_some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() };
        let transaction = self.connection.begin_with_options(options).await?;
        Ok(WriteTransaction { transaction, at, changes: Vec::new() })
    }
}

/// Does a write to its end, whether or not somebody still waits for it: a future dropped during BEGIN leaves a pooled connection of
/// PostgreSQL inside a transaction (sea-orm #4385).
pub(crate) async fn to_its_end<T, E>(work: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    #[expect(clippy::disallowed_methods, reason = "its handle is awaited here; dropped, the write still ends within the pool's time-outs")]
    tokio::spawn(work).await.map_err(|_| StoreError::Thread)?
}

impl WriteTransaction {
    /// Waits until no other open transaction holds the same name, and holds it to the end of this one: what is read from now on
    /// stays true of all that is written under that name. SQLite has one writer at a time anyway.
    pub async fn hold(&self, name: &str) -> Result<(), StoreError> {
        if self.transaction.get_database_backend() == DbBackend::Postgres {
            let lock =
                Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [name.into()]);
            self.transaction.query_one_raw(lock).await?;
        }
        Ok(())
    }

    /// Notes a change; it is numbered at commit.
    pub fn note(&mut self, change: NewChange) {
        self.changes.push(change);
    }

    /// The time its changes carry.
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// What rooms beside this one write through.
    pub(super) const fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Commits what is no part of the catalogue, and so no part of its log.
    pub(super) async fn commit_unlogged(self) -> Result<(), StoreError> {
        debug_assert!(self.changes.is_empty(), "what changes the catalogue is numbered");
        Ok(self.transaction.commit().await?)
    }

    /// Numbers the changes and commits. Gives the last number of the log; the number before when nothing changed.
    pub async fn commit(self) -> Result<i64, StoreError> {
        let count = self.changes.len() as i64;
        let last = if count == 0 {
            self.last_number().await?
        } else {
            change_counter::Entity::update_many()
                .col_expr(change_counter::Column::Last, Expr::col(change_counter::Column::Last).add(count))
                .filter(change_counter::Column::Id.eq(1))
                .exec(&self.transaction)
                .await?;
            let last = self.last_number().await?;
            let rows = self.changes.iter().zip(last - count + 1..).map(|(new, number)| change::Model {
                number,
                at: self.at,
                city_id: new.city.map(|city| city.0),
                record_type: new.record_type.as_str().to_owned(),
                record_id: new.record.map(|record| record.0),
                kind: new.kind.as_str().to_owned(),
            });
            self.insert::<change::Entity, _>(rows.collect()).await?;
            last
        };
        self.transaction.commit().await?;
        Ok(last)
    }

    async fn last_number(&self) -> Result<i64, StoreError> {
        let row = change_counter::Entity::find_by_id(1).one(&self.transaction).await?;
        Ok(row.map_or(0, |row| row.last))
    }

    pub(super) async fn insert<E, M>(&self, rows: Vec<M>) -> Result<(), StoreError>
    where
        E: EntityTrait,
        M: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
    {
        let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model).peekable();
        while rows.peek().is_some() {
            let chunk: Vec<E::ActiveModel> = rows.by_ref().take(ROWS_PER_STATEMENT).collect();
            E::insert_many(chunk).exec_without_returning(&self.transaction).await?;
        }
        Ok(())
    }

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
            E::insert_many(chunk).on_conflict(conflict).exec_without_returning(&self.transaction).await?;
        }
        Ok(())
    }

    /// Deletes the rows that hang on `owners`.
    async fn clear<E: EntityTrait>(&self, owner: E::Column, owners: &[Uuid]) -> Result<(), StoreError> {
        for chunk in owners.chunks(ROWS_PER_STATEMENT) {
            E::delete_many().filter(owner.is_in(chunk.iter().copied())).exec(&self.transaction).await?;
        }
        Ok(())
    }

    /// Writes the category tree whole: nodes that are gone are removed.
    pub async fn replace_categories(&self, nodes: Vec<category::Model>, texts: Vec<category_text::Model>) -> Result<(), StoreError> {
        category_text::Entity::delete_many().exec(&self.transaction).await?;
        category::Entity::delete_many().exec(&self.transaction).await?;
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
        E::update_many().col_expr(column, Expr::value(self.at)).filter(id.is_in(ids)).exec(&self.transaction).await?;
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
                .all(&self.transaction)
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
                .all(&self.transaction)
                .await?;
            let taken = owners.into_iter().find(|(owner, slug)| chunk.iter().any(|(id, wanted)| wanted == slug && id != owner));
            if let Some((owner, slug)) = taken {
                return Err(StoreError::SlugTaken { slug: slug.into(), owner: RecordId(owner) });
            }
        }
        Ok(())
    }
}
