//! A small schema behind the real HTTP face, for what does not need a catalogue.

use std::time::Duration;

use async_graphql::{Context, EmptySubscription, Object, Schema, SimpleObject};
use roteiro::graphql::failure::{Code, Failure};
use roteiro::graphql::limits::{LIMITS, Limits};
use roteiro::http::{Asker, Readiness, Requests};

#[derive(SimpleObject)]
struct City {
    slug: String,
    name: String,
}

pub struct Query;

/// The languages of the request.
pub struct Languages(String);

#[Object]
impl Query {
    async fn languages<'a>(&self, context: &Context<'a>) -> &'a str {
        &context.data_unchecked::<Languages>().0
    }

    async fn cities(&self, first: Option<i32>) -> Vec<City> {
        let city = |number| City { slug: format!("cidade-{number}"), name: format!("Cidade {number}") };
        (0..first.unwrap_or(3)).map(city).collect()
    }

    #[expect(clippy::unused_async, reason = "what `Object` asks for")]
    async fn refused(&self) -> Result<Option<i32>, Failure> {
        Err(Failure::new(Code::BadRadius, "the radius must be positive"))
    }

    async fn broken(&self) -> usize {
        let none: [usize; 0] = [];
        std::hint::black_box(&none[..])[0]
    }

    async fn slow(&self, milliseconds: u64) -> u64 {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        milliseconds
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    async fn rename(&self, name: String) -> String {
        name
    }
}

/// The toy behind the face.
pub struct Toy {
    schema: Schema<Query, Mutation, EmptySubscription>,
    version: &'static str,
}

impl Toy {
    pub fn new() -> Self {
        Self::of_version("1")
    }

    pub fn of_version(version: &'static str) -> Self {
        Self { schema: Schema::new(Query, Mutation, EmptySubscription), version }
    }
}

impl Requests for Toy {
    type Schema = Schema<Query, Mutation, EmptySubscription>;
    type Context = Languages;

    fn schema(&self) -> &Self::Schema {
        &self.schema
    }

    fn schema_for_validated(&self) -> &Self::Schema {
        &self.schema
    }

    fn sdl(&self) -> String {
        self.schema.sdl()
    }

    fn context(&self, asker: &Asker<'_>) -> Languages {
        Languages(asker.accept_language.unwrap_or("pt-BR").to_owned())
    }

    fn version(&self, context: &Languages) -> String {
        format!("{} {}", self.version, context.0)
    }

    fn max_age(&self, _: &Languages) -> Duration {
        Duration::from_secs(15)
    }

    fn limits(&self) -> &Limits {
        &LIMITS
    }

    fn readiness(&self) -> Readiness {
        Readiness { ready: self.version != "0", details: serde_json::Map::from_iter([("version".to_owned(), self.version.into())]) }
    }
}
