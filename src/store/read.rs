//! Reading what all records refer to, and the change log. The records themselves are read in [`super::records`].

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{category, category_text, change, city, city_text, municipality};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::connect::{Store, StoreError};
use super::decode::{self, BadColumn, Interner, Quarantined, group, text_state};
use super::write::ChangeKind;
use crate::domain::category::CategoryRecord;
use crate::domain::city::{City, Ibge, Municipality};
use crate::domain::geo::Position;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::language::LanguageTag;
use crate::domain::text::Text;

/// What all records refer to.
#[derive(Debug, Default)]
pub struct Reference {
    /// Cities in their order.
    pub cities: Vec<City>,
    /// Nodes of the category tree.
    pub categories: Vec<CategoryRecord>,
    /// Municipalities by code.
    pub municipalities: Vec<Municipality>,
    /// Rows that cannot be read.
    pub quarantined: Vec<Quarantined>,
}

/// A row of the change log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number.
    pub number: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The city that changed; absent when reference data did.
    pub city: Option<RecordId>,
    /// What changed; absent when it is of a type this program does not know.
    pub record_type: Option<RecordType>,
    /// The record; absent when many of the type changed together.
    pub record: Option<RecordId>,
    /// How.
    pub kind: ChangeKind,
}

impl Store {
    /// The number of the last change; 0 for an empty log.
    pub async fn last_change(&self) -> Result<i64, StoreError> {
        let last = change::Entity::find()
            .select_only()
            .column_as(Expr::col(change::Column::Number).max(), "last")
            .into_tuple::<Option<i64>>()
            .one(&self.connection)
            .await?;
        Ok(last.flatten().unwrap_or(0))
    }

    /// The last change of each city up to `number`; under no city, that of reference data.
    pub async fn last_change_by_city(&self, number: i64) -> Result<HashMap<Option<RecordId>, i64>, StoreError> {
        let rows = change::Entity::find()
            .select_only()
            .column(change::Column::CityId)
            .column_as(Expr::col(change::Column::Number).max(), "last")
            .filter(change::Column::Number.lte(number))
            .group_by(change::Column::CityId)
            .into_tuple::<(Option<Uuid>, i64)>()
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(|(city, last)| (city.map(RecordId), last)).collect())
    }

    /// Changes after `number`, ascending, at most `limit`.
    pub async fn changes_after(&self, number: i64, limit: u64) -> Result<Vec<Change>, StoreError> {
        let rows = change::Entity::find()
            .filter(change::Column::Number.gt(number))
            .order_by_asc(change::Column::Number)
            .limit(limit)
            .all(&self.connection)
            .await?;
        let change = |row: change::Model| Change {
            number: row.number,
            at: row.at,
            city: row.city_id.map(RecordId),
            record_type: RecordType::parse(&row.record_type),
            record: row.record_id.map(RecordId),
            kind: ChangeKind::parse(&row.kind),
        };
        Ok(rows.into_iter().map(change).collect())
    }

    /// Cities, categories and municipalities.
    pub async fn reference(&self) -> Result<Reference, StoreError> {
        let mut reference = Reference::default();
        let mut interner = Interner::default();
        let mut names =
            group(city_text::Entity::find().order_by_asc(city_text::Column::Language).all(&self.connection).await?, |row| row.city_id);
        for row in city::Entity::find().order_by_asc(city::Column::Position).order_by_asc(city::Column::Slug).all(&self.connection).await? {
            let (id, slug) = (RecordId(row.id), row.slug.clone());
            let texts = names.remove(&row.id).unwrap_or_default();
            match decode_city(row, texts, &mut interner) {
                Ok(city) => reference.cities.push(city),
                Err(bad) => reference.quarantined.push(bad.quarantine(RecordType::City, Some(id), &slug)),
            }
        }
        reference.municipalities = self.municipalities().await?;
        self.read_categories(&mut reference, &mut interner).await?;
        Ok(reference)
    }

    async fn read_categories(&self, reference: &mut Reference, interner: &mut Interner) -> Result<(), StoreError> {
        let mut names: HashMap<String, Vec<(LanguageTag, Box<str>)>> = HashMap::new();
        for row in category_text::Entity::find().order_by_asc(category_text::Column::Language).all(&self.connection).await? {
            match interner.tag(&row.language) {
                Ok(tag) => names.entry(row.category_slug).or_default().push((tag, row.name.into())),
                Err(bad) => reference.quarantined.push(bad.quarantine(RecordType::Category, None, &row.category_slug)),
            }
        }
        for row in category::Entity::find().all(&self.connection).await? {
            let names = names.remove(&row.slug).unwrap_or_default();
            match decode::json("osm_tags", row.osm_tags) {
                Ok(osm_tags) => reference.categories.push(CategoryRecord {
                    slug: row.slug.into(),
                    parent_slug: row.parent_slug.map(Into::into),
                    position: row.position,
                    schema_org_type: row.schema_org_type.into(),
                    osm_tags,
                    invtur_code: row.invtur_code.map(Into::into),
                    names,
                }),
                Err(bad) => reference.quarantined.push(bad.quarantine(RecordType::Category, None, &row.slug)),
            }
        }
        Ok(())
    }

    async fn municipalities(&self) -> Result<Vec<Municipality>, StoreError> {
        let rows = municipality::Entity::find()
            .select_only()
            .columns([
                municipality::Column::Ibge,
                municipality::Column::Name,
                municipality::Column::Latitude,
                municipality::Column::Longitude,
                municipality::Column::Population,
            ])
            .order_by_asc(municipality::Column::Ibge)
            .into_tuple::<(i32, String, f64, f64, Option<i32>)>()
            .all(&self.connection)
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(ibge, name, latitude, longitude, population)| {
                Some(Municipality {
                    ibge: Ibge(ibge.try_into().ok()?),
                    name: name.into(),
                    position: Position::new(latitude, longitude).ok()?,
                    population: population.and_then(|people| people.try_into().ok()),
                })
            })
            .collect())
    }

    /// Boundaries of the municipalities as GeoJSON geometries (longitude, latitude).
    pub async fn boundaries(&self) -> Result<Vec<(Ibge, Value)>, StoreError> {
        let rows = municipality::Entity::find()
            .select_only()
            .columns([municipality::Column::Ibge, municipality::Column::Boundary])
            .filter(municipality::Column::Boundary.is_not_null())
            .order_by_asc(municipality::Column::Ibge)
            .into_tuple::<(i32, Value)>()
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().filter_map(|(ibge, boundary)| Some((Ibge(ibge.try_into().ok()?), boundary))).collect())
    }
}

fn decode_city(row: city::Model, texts: Vec<city_text::Model>, interner: &mut Interner) -> Result<City, BadColumn> {
    let texts = texts
        .into_iter()
        .map(|text| {
            Ok(Text {
                language: interner.tag(&text.language)?,
                state: text_state(text.state.as_deref())?,
                name: text.name.into(),
                summary: text.summary.map(Into::into),
                description: None,
            })
        })
        .collect::<Result<Vec<_>, BadColumn>>()?;
    if texts.is_empty() {
        return Err(BadColumn("texts", "there is no text in any language".to_owned()));
    }
    Ok(City {
        id: RecordId(row.id),
        slug: row.slug.into(),
        municipality: Ibge(row.municipality_ibge.try_into().map_err(|_| BadColumn("municipality_ibge", "negative".to_owned()))?),
        position: Position::new(row.latitude, row.longitude).map_err(|error| BadColumn("position", error.to_string()))?,
        time_zone: row.time_zone.parse().map_err(|error: chrono_tz::ParseError| BadColumn("time_zone", error.to_string()))?,
        order: row.position,
        texts,
        source: row.source.into(),
    })
}
