//! A small schema behind the real HTTP face, for what does not need a catalogue.

use std::time::Duration;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_graphql::{Context, Object, Schema, SimpleObject, Subscription as Subscribed};
use futures::{Stream, StreamExt, stream};
use roteiro::causes::Trouble;
use roteiro::domain::client::{Client, Network};
use roteiro::domain::media::{ImageAddress, MediaAsset};
use roteiro::graphql::failure::{Code, Failure};
use roteiro::graphql::limits::{LIMITS, Limits};
use roteiro::graphql::memory::Memory;
use roteiro::graphql::personal::Personal;
use roteiro::graphql::schema::ValidatesOnly;
use roteiro::http::media::ServedImage;
use roteiro::http::trips::SharedTrip;
use roteiro::http::{Asker, Demand, Readiness, Requests, Standing};
use roteiro::media::intake::Place;
use roteiro::media::service::Upload;
use roteiro::trips::export::Form;
use roteiro::trips::mine::MyDataParts;
use tokio::sync::watch;

#[derive(SimpleObject)]
struct City {
    slug: String,
    name: String,
}

pub struct Query;

/// The languages of the request, and who asks.
pub struct Languages {
    accepted: String,
    authorization: Option<String>,
    version: i64,
    alive: Arc<AtomicI64>,
}

impl Drop for Languages {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

#[Object]
impl Query {
    async fn languages<'a>(&self, context: &Context<'a>) -> &'a str {
        &context.data_unchecked::<Languages>().accepted
    }

    /// What the asker showed: nobody else's business.
    async fn mine<'a>(&self, context: &Context<'a>) -> Option<&'a str> {
        Personal::mark(context);
        context.data_unchecked::<Languages>().authorization.as_deref()
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

pub struct Subscription;

#[Subscribed]
impl Subscription {
    /// The number, when it is another one than was told before; `times` over.
    async fn number(&self, context: &Context<'_>, #[graphql(default = 1)] times: usize) -> impl Stream<Item = i64> + use<> {
        let number = context.data_unchecked::<Languages>().version;
        let is_news = context.data_unchecked::<Memory>().is_news("number", number as u64);
        stream::iter(vec![number; if is_news { times } else { 0 }])
    }

    /// Fails.
    async fn closed(&self, context: &Context<'_>) -> Result<impl Stream<Item = i64> + use<>, Failure> {
        match context.data_unchecked::<Languages>().authorization {
            Some(_) => Ok(stream::iter([1])),
            None => Err(Failure::new(Code::Unauthenticated, "not for you")),
        }
    }

    /// A long text for each of so many events.
    async fn flood(&self, events: usize) -> impl Stream<Item = String> + use<> {
        stream::iter((0..events).map(|number| format!("{number} {}", "x".repeat(10_000))))
    }

    /// Panics.
    async fn broken(&self) -> impl Stream<Item = i64> + use<> {
        stream::iter([0]).map(|none| 1 / std::hint::black_box(none))
    }
}

type ToySchema = Schema<Query, Mutation, Subscription>;

/// The toy behind the face.
pub struct Toy {
    schema: ToySchema,
    validating_schema: ToySchema,
    version: &'static str,
    /// The number subscribers are told; watched for changes.
    pub number: watch::Sender<i64>,
    /// Contexts that are alive.
    pub alive: Arc<AtomicI64>,
    /// How long tokens hold.
    token_life: Option<Duration>,
}

impl Toy {
    pub fn new() -> Self {
        Self::of_version("1")
    }

    /// One whose tokens hold for this long.
    pub fn with_tokens_for(life: Duration) -> Self {
        Self { token_life: Some(life), ..Self::new() }
    }

    pub fn of_version(version: &'static str) -> Self {
        Self {
            schema: Schema::new(Query, Mutation, Subscription),
            validating_schema: Schema::build(Query, Mutation, Subscription).extension(ValidatesOnly).finish(),
            version,
            number: watch::Sender::new(1),
            alive: Arc::default(),
            token_life: None,
        }
    }
}

impl Requests for Toy {
    type Schema = ToySchema;
    type Context = Languages;

    fn schema(&self) -> &Self::Schema {
        &self.schema
    }

    fn validating_schema(&self) -> &Self::Schema {
        &self.validating_schema
    }

    fn sdl(&self) -> String {
        self.schema.sdl()
    }

    fn context(&self, asker: &Asker<'_>) -> Languages {
        self.alive.fetch_add(1, Ordering::SeqCst);
        Languages {
            accepted: asker.accept_language.unwrap_or("pt-BR").to_owned(),
            authorization: asker.authorization.map(str::to_owned),
            version: *self.number.borrow(),
            alive: Arc::clone(&self.alive),
        }
    }

    fn client(&self, _: &Languages) -> Client {
        Client::Anyone(Network::Unknown)
    }

    async fn admit(&self, _: &Languages, _: Demand) -> Result<(), Failure> {
        Ok(())
    }

    async fn standing(&self, context: &Languages) -> Standing {
        match context.authorization.as_deref() {
            None => Standing::Anyone,
            Some("Bearer good") => Standing::Known { for_another: self.token_life, ended: None },
            Some(_) => Standing::Refused(Failure::new(Code::Unauthenticated, "this is no token")),
        }
    }

    fn jwks(&self) -> serde_json::Value {
        serde_json::json!({ "keys": [] })
    }

    async fn shared_trip(&self, token: &str, _: Form, _: &Asker<'_>) -> Result<SharedTrip, Failure> {
        Err(Failure::new(Code::NotFound, format!("there is no {token}")))
    }

    async fn my_data(&self, _: &str, _: &Asker<'_>) -> Result<MyDataParts, Failure> {
        Err(Failure::new(Code::NotFound, "there are no visitors"))
    }

    async fn image(&self, _: ImageAddress, _: &Asker<'_>) -> Result<ServedImage, Failure> {
        Err(Failure::new(Code::NotFound, "there are no images"))
    }

    async fn may_send_files(&self, _: &Languages) -> Result<(), Failure> {
        Err(Failure::new(Code::UnsupportedMediaType, "there are no images"))
    }

    fn upload_place(&self, _: Client) -> Result<Place, Failure> {
        Err(Failure::new(Code::Busy, "there are no images"))
    }

    fn upload(&self, _: &str) -> Result<Upload, Failure> {
        Err(Failure::new(Code::NotFound, "there are no images"))
    }

    async fn receive(&self, _: &Upload, _: Place, _: Vec<u8>) -> Result<MediaAsset, Failure> {
        Err(Failure::new(Code::NotFound, "there are no images"))
    }

    fn changes(&self) -> watch::Receiver<i64> {
        self.number.subscribe()
    }

    fn version(&self, context: &Languages) -> String {
        format!("{} {}", self.version, context.accepted)
    }

    fn max_age(&self, _: &Languages) -> Duration {
        Duration::from_secs(15)
    }

    fn limits(&self) -> &Limits {
        &LIMITS
    }

    fn client_kind(&self, _: &Self::Context) -> &'static str {
        "toy"
    }

    fn note_trouble(&self, _: Trouble) {}

    fn readiness(&self) -> Readiness {
        let details = serde_json::Map::from_iter([("version".to_owned(), self.version.into())]);
        Readiness { ready: self.version != "0", is_degraded: false, details }
    }
}
