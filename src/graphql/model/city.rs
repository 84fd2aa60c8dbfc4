//! Cities and municipalities.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};

use super::facts::Location;
use super::text::{self, LocalizedText};
use crate::catalogue::shard::CityShard;
use crate::domain::city;
use crate::graphql::context;
use crate::graphql::node::GlobalId;
use crate::graphql::scalars::{IbgeCode, Language};

/// A pilot destination. Destination is not municipality: what a city offers may lie in the one next to it.
#[derive(Clone)]
pub struct City(pub Arc<CityShard>);

/// A pilot destination. Destination is not municipality: what a city offers may lie in the one next to it.
#[Object]
impl City {
    /// Opaque global id.
    pub async fn id(&self) -> ID {
        GlobalId::City(self.0.city.id).encode()
    }

    /// Slug, the key used in filters.
    async fn slug(&self) -> &str {
        &self.0.city.slug
    }

    /// Name.
    async fn name(&self, context: &Context<'_>, language: Option<Language>) -> LocalizedText {
        text::name(&self.0.city.texts, &context::languages(context, language))
    }

    /// One or two sentences.
    async fn summary(&self, context: &Context<'_>, language: Option<Language>) -> Option<LocalizedText> {
        text::summary(&self.0.city.texts, &context::languages(context, language))
    }

    /// Its centre.
    async fn location(&self) -> Location {
        self.0.city.position.into()
    }

    /// The municipality of its seat.
    async fn municipality(&self, context: &Context<'_>) -> Option<Municipality> {
        context::of(context).snapshot.reference.municipality(self.0.city.municipality).map(Into::into)
    }

    /// IANA zone of its places unless they name their own.
    async fn time_zone(&self) -> &str {
        self.0.city.time_zone.name()
    }

    /// How many places it has.
    async fn point_of_interest_count(&self) -> usize {
        self.0.places.len()
    }

    /// How many events it has, past editions included.
    async fn event_count(&self) -> usize {
        self.0.events.len()
    }

    /// How many curated routes it has.
    async fn route_count(&self) -> usize {
        self.0.routes.len()
    }
}

/// A Brazilian municipality.
#[derive(SimpleObject)]
pub struct Municipality {
    /// IBGE code, 7 digits.
    ibge: IbgeCode,
    /// Official name.
    name: String,
    /// Its seat.
    location: Location,
    /// Inhabitants; null when unknown.
    population: Option<u32>,
}

impl From<&city::Municipality> for Municipality {
    fn from(municipality: &city::Municipality) -> Self {
        Self {
            ibge: IbgeCode(municipality.ibge),
            name: municipality.name.to_string(),
            location: municipality.position.into(),
            population: municipality.population,
        }
    }
}
