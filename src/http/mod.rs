//! The HTTP face: GraphQL over HTTP to the letter of its specification, the pages for people, health for machines.
//!
//! The room knows no catalogue. Whoever serves implements [`Requests`], wraps it in a [`Face`], binds it with
//! [`server::bind`] and awaits [`server::Bound::run_until`].

mod address;
pub mod answer;
mod asked;
pub mod body;
pub mod catalogue;
pub mod documents;
pub mod graphql;
pub mod health;
pub mod log;
pub mod media;
mod multipart;
mod my_data;
pub mod negotiate;
mod operation;
mod operations;
pub mod pages;
mod report;
mod seats;
pub mod server;
mod sse;
mod text;
pub mod trips;
pub mod turns;
pub mod ws;

use std::any::Any;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::Executor;
use tokio::sync::watch;

use self::media::ServedImage;
use self::seats::{SEATS, Seats};
use self::trips::SharedTrip;
use crate::causes::Trouble;
use crate::domain::client::Client;
use crate::domain::media::{ImageAddress, MediaAsset};
use crate::fair::pool::Pool;
use crate::fair::shares::Room;
use crate::graphql::failure::Failure;
use crate::graphql::limits::Limits;
use crate::graphql::nulls::FieldTypes;
use crate::graphql::prices::Prices;
use crate::graphql::variables::InputTypes;
use crate::media::intake::Place;
use crate::media::service::Upload;
use crate::trips::export::Form;
use crate::trips::mine::MyDataParts;

/// What the face asks of those it stands before.
pub trait Requests: Send + Sync + 'static {
    /// The schema, cheap to clone: usually `async_graphql::Schema<…>`.
    type Schema: Executor;
    /// What one request is answered from (a pinned snapshot, an instant, languages); resolvers find it as request data.
    type Context: Any + Send + Sync;

    /// The schema, which executes documents that [`Self::validating_schema`] found valid.
    fn schema(&self) -> &Self::Schema;

    /// The schema that validates documents, and executes nothing.
    fn validating_schema(&self) -> &Self::Schema;

    /// The schema as text (`schema.sdl()`), asked for once.
    fn sdl(&self) -> String;

    /// A context for one request of this asker, made once, so that all its fields see one state.
    fn context(&self, asker: &Asker<'_>) -> Self::Context;

    /// By whose share a request is answered.
    fn client(&self, context: &Self::Context) -> Client;

    /// Counts a request that is about to be answered; fails with `RATE_LIMITED` when its client has asked too often.
    fn admit(&self, context: &Self::Context, demand: Demand) -> impl Future<Output = Result<(), Failure>>;

    /// What kind of client asks, in a word for the log; who it is, is not for the log.
    fn client_kind(&self, context: &Self::Context) -> &'static str;

    /// What the token of the asker is worth, for a connection that stays. Waits a moment at most for what keeps sessions.
    fn standing(&self, context: &Self::Context) -> impl Future<Output = Standing>;

    /// The public keys of access tokens, a JWK Set (RFC 7517).
    fn jwks(&self) -> serde_json::Value;

    /// The trip that a link opens, written in a form. Fails with `NOT_FOUND` when the link was never made, with `GONE` when it was
    /// closed.
    fn shared_trip(&self, token: &str, form: Form, asker: &Asker<'_>) -> impl Future<Output = Result<SharedTrip, Failure>>;

    /// All that is kept of a visitor, from the address with this token, in parts as they are read. Fails with `NOT_FOUND` when the address
    /// was never given out, with `GONE` when it has ended, with `BUSY` when the visitor is handed the file already.
    fn my_data(&self, token: &str, asker: &Asker<'_>) -> impl Future<Output = Result<MyDataParts, Failure>>;

    /// The image at an address, when the asker may see it. Fails with `NOT_FOUND` else: whether there is one is nobody's business.
    fn image(&self, address: ImageAddress, asker: &Asker<'_>) -> impl Future<Output = Result<ServedImage, Failure>>;

    /// Fails for those who have no file to send: it would be read for nothing.
    fn may_send_files(&self, context: &Self::Context) -> impl Future<Output = Result<(), Failure>>;

    /// A place for one image to be sent now; fails with `BUSY` when all, or the client's share of them, are taken.
    fn upload_place(&self, client: Client) -> Result<Place, Failure>;

    /// Who may send what to the address with this token.
    fn upload(&self, token: &str) -> Result<Upload, Failure>;

    /// Takes in what was sent to an address.
    fn receive(&self, upload: &Upload, place: Place, bytes: Vec<u8>) -> impl Future<Output = Result<MediaAsset, Failure>>;

    /// Told whenever what answers are made from has changed.
    fn changes(&self) -> watch::Receiver<i64>;

    /// Everything beside the request's text that decides the answer: version of the content, languages, and the instant as
    /// finely as answers depend on it. Part of `ETag`.
    fn version(&self, context: &Self::Context) -> String;

    /// How long caches may answer a `GET` for us; zero makes them ask each time.
    fn max_age(&self, context: &Self::Context) -> Duration;

    /// What a document may ask for.
    fn limits(&self) -> &Limits;

    /// Whether requests can be answered.
    fn readiness(&self) -> Readiness;

    /// Told what keeps the database from working whenever a request fails of it.
    fn note_trouble(&self, trouble: Trouble);
}

/// Who asks, as the request says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asker<'a> {
    /// The header `Accept-Language`.
    pub accept_language: Option<&'a str>,
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The header `X-Api-Key`.
    pub api_key: Option<&'a str>,
    /// The client's address, for counting what is tried from there; it is kept and logged nowhere.
    pub address: Option<IpAddr>,
}

/// What a request asks of those that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// To read.
    Read,
    /// So many writes, one for each field of a mutation.
    Writes(u32),
}

/// What the token of an asker is worth.
#[derive(Clone, Debug)]
pub enum Standing {
    /// None was shown.
    Anyone,
    /// It holds, for this long.
    Known {
        /// How long; absent when for ever.
        for_another: Option<Duration>,
        /// Turns true when its session has ended; absent when it has none.
        ended: Option<watch::Receiver<bool>>,
    },
    /// It does not hold.
    Refused(Failure),
}

impl Standing {
    /// Resolves when it holds no longer, with the reason; never, while it does.
    async fn over(self) -> &'static str {
        let Self::Known { for_another, ended } = self else { return std::future::pending().await };
        let expired = async {
            match for_another {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
        };
        let signed_out = async {
            let has_ended = match ended {
                Some(mut ended) => ended.wait_for(|has_ended| *has_ended).await.is_ok(),
                None => false,
            };
            if !has_ended {
                // Without its sender nobody is left to tell.
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = expired => "the token has expired",
            () = signed_out => "the session has ended",
        }
    }
}

/// The answer of `/readyz`.
#[derive(Clone, Debug)]
pub struct Readiness {
    /// Whether load balancers may send requests.
    pub ready: bool,
    /// Whether something does not work that requests can be answered without: writes, or a background task.
    pub is_degraded: bool,
    /// What else is worth telling: members of the answer's JSON object. Must name no internals.
    pub details: serde_json::Map<String, serde_json::Value>,
}

/// Where and how wide to serve.
#[derive(Clone, Copy, Debug)]
pub struct HttpOptions {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Threads that answer, at least 1.
    pub workers: usize,
}

/// What every handler needs.
pub struct Face<R> {
    requests: R,
    field_types: FieldTypes,
    input_types: InputTypes,
    prices: Prices,
    documents: documents::Documents,
    proxies: usize,
    seats: Seats,
    heavy: Arc<Pool>,
    log_one_in: NonZeroU32,
}

/// Why there is no face.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    /// The schema's text does not parse.
    #[error("the schema cannot be read")]
    Schema(#[from] async_graphql::parser::Error),
    /// The machine has no threads to give.
    #[error("no threads could be started")]
    Threads(#[from] std::io::Error),
}

impl<R: Requests> Face<R> {
    /// A face before `requests`. Fails when the schema's text does not parse, or when no threads can be started.
    pub fn new(requests: R) -> Result<Self, FaceError> {
        let sdl = requests.sdl();
        let (field_types, input_types) = (FieldTypes::of_sdl(&sdl)?, InputTypes::of_sdl(&sdl)?);
        let prices = Prices::of_sdl(&sdl)?;
        let (documents, heavy) = (documents::Documents::default(), Arc::new(Pool::new()?));
        let (seats, log_one_in) = (Seats::new(SEATS), NonZeroU32::MIN);
        Ok(Self { requests, field_types, input_types, prices, documents, proxies: 0, seats, heavy, log_one_in })
    }

    /// The same behind so many proxies of ours, each of which adds to `X-Forwarded-For`.
    #[must_use]
    pub fn behind(self, proxies: usize) -> Self {
        Self { proxies, ..self }
    }

    /// The same with another number of seats for connections that stay.
    #[must_use]
    pub fn seating(self, room: Room) -> Self {
        Self { seats: Seats::new(room), ..self }
    }

    /// The same, which logs one in so many requests that went well; those that did not are all logged.
    #[must_use]
    pub fn logging_one_in(self, log_one_in: NonZeroU32) -> Self {
        Self { log_one_in, ..self }
    }
}
