//! What stands behind the face: the catalogue, a pinned snapshot a request.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use super::media::ServedImage;
use super::trips::SharedTrip;
use super::{Asker, Demand, Readiness, Requests, Standing};
use crate::catalogue::holder::Holder;
use crate::causes::Trouble;
use crate::clock::Clock;
use crate::domain::client::{Client, Network};
use crate::domain::media::{ImageAddress, MediaAsset};
use crate::domain::text::Preferences;
use crate::domain::work_budget::WorkBudget;
use crate::editorial::desk::Desk;
use crate::fair::admission::Admission;
use crate::fair::work;
use crate::graphql::context::RequestContext;
use crate::graphql::failure::{Code, Failure};
use crate::graphql::limits::{LIMITS, Limits};
use crate::graphql::loads::Loads;
use crate::graphql::pinned::Pinned;
use crate::graphql::schema::{ApiSchema, schema, sdl, validating_schema};
use crate::identity::accounts::Accounts;
use crate::identity::actor::Actor;
use crate::identity::session::{Asking, Credentials, SessionError, Sessions};
use crate::media::error::MediaError;
use crate::media::intake::Place;
use crate::media::service::{Media, Upload};
use crate::store::health::WriteHealth;
use crate::supervise::Tasks;
use crate::trips::export::{ExportError, Form};
use crate::trips::mine::{self, MyDataParts};
use crate::trips::saved::SavedTrips;
use crate::trips::service::Trips;
use crate::trips::share::Opened;

/// How long caches may answer for us, in seconds: a moment, so that a crowd asks once and a change is seen at once.
const MAX_AGE_SECONDS: u64 = 15;

/// How long the beginning of a connection that stays waits to learn whether its session goes on.
const SESSION_WAIT: Duration = Duration::from_secs(1);

/// The public API over the current snapshot.
pub struct CatalogueRequests {
    schema: ApiSchema,
    validating_schema: ApiSchema,
    holder: Arc<Holder>,
    clock: Clock,
    trips: Arc<Trips>,
    saved: Arc<SavedTrips>,
    sessions: Arc<Sessions>,
    accounts: Arc<Accounts>,
    desk: Arc<Desk>,
    media: Arc<Media>,
    limits: Limits,
    admission: Admission,
    tasks: Tasks,
    writes: WriteHealth,
}

/// The rooms that requests are answered from.
pub struct Rooms {
    /// Who makes plans.
    pub trips: Arc<Trips>,
    /// Who keeps trips.
    pub saved: Arc<SavedTrips>,
    /// Who gives tokens out.
    pub sessions: Arc<Sessions>,
    /// Who knows what accounts may do.
    pub accounts: Arc<Accounts>,
    /// Where editors work.
    pub desk: Arc<Desk>,
    /// Who keeps images.
    pub media: Arc<Media>,
}

impl CatalogueRequests {
    /// Over the holder, with "now" from the clock.
    pub fn new(holder: Arc<Holder>, clock: Clock, rooms: Rooms) -> Self {
        let Rooms { trips, saved, sessions, accounts, desk, media } = rooms;
        Self {
            schema: schema(),
            validating_schema: validating_schema(),
            holder,
            clock,
            trips,
            saved,
            sessions,
            accounts,
            desk,
            media,
            limits: LIMITS,
            admission: Admission::default(),
            tasks: Tasks::default(),
            writes: WriteHealth::default(),
        }
    }

    /// The same with other limits than [`LIMITS`].
    #[must_use]
    pub fn limited(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same with bounds on how often clients may ask.
    #[must_use]
    pub fn admitting(self, admission: Admission) -> Self {
        Self { admission, ..self }
    }

    /// The same; `/readyz` tells how these background tasks are doing, and whether writes fail.
    #[must_use]
    pub fn watching(self, tasks: Tasks, writes: WriteHealth) -> Self {
        Self { tasks, writes, ..self }
    }
}

impl Requests for CatalogueRequests {
    type Schema = ApiSchema;
    type Context = RequestContext;

    fn schema(&self) -> &ApiSchema {
        &self.schema
    }

    fn validating_schema(&self) -> &ApiSchema {
        &self.validating_schema
    }

    fn sdl(&self) -> String {
        sdl()
    }

    fn context(&self, asker: &Asker<'_>) -> RequestContext {
        let now = self.clock.now();
        let shown = Credentials { authorization: asker.authorization, api_key: asker.api_key };
        let Asking { actor, session, token_ends } = self.sessions.asking(shown, now);
        RequestContext {
            snapshot: Pinned::new(Arc::clone(&self.holder)),
            freshness: self.holder.freshness(),
            now,
            budget: WorkBudget::new(self.limits.work),
            preferences: Preferences::from_accept_language(asker.accept_language.unwrap_or_default()),
            trips: Arc::clone(&self.trips),
            saved: Arc::clone(&self.saved),
            sessions: Arc::clone(&self.sessions),
            accounts: Arc::clone(&self.accounts),
            desk: Arc::clone(&self.desk),
            media: Arc::clone(&self.media),
            actor,
            session,
            token_ends,
            address: asker.address,
            loads: Loads::default(),
        }
    }

    fn client(&self, context: &RequestContext) -> Client {
        context.client()
    }

    async fn admit(&self, context: &RequestContext, demand: Demand) -> Result<(), Failure> {
        match demand {
            Demand::Read => self.admission.read(context.client()).await?,
            Demand::Writes(count) => self.admission.write(context.client(), count).await?,
        }
        Ok(())
    }

    fn client_kind(&self, context: &RequestContext) -> &'static str {
        match context.actor {
            Actor::Anyone => "anyone",
            Actor::Visitor(_) => "visitor",
            Actor::Account(_) => "account",
            Actor::Partner(_) => "partner",
            Actor::Refused(_) => "refused",
        }
    }

    async fn standing(&self, context: &RequestContext) -> Standing {
        match context.actor {
            Actor::Anyone => Standing::Anyone,
            Actor::Visitor(_) | Actor::Account(_) | Actor::Partner(_) => {
                let for_another = context.token_ends.map(|ends| (ends - context.now).to_std().unwrap_or_default());
                let Some(session) = context.session_key() else { return Standing::Known { for_another, ended: None } };
                // Watched first, so that an end in between is told of. Who only reads does not wait for a database that is away: whatever
                // is the session's own asks for it again.
                let ended = Some(self.sessions.watch(session));
                match tokio::time::timeout(SESSION_WAIT, self.sessions.is_live(session, context.now)).await {
                    Ok(Ok(false)) => Standing::Refused(SessionError::Ended.into()),
                    Ok(Ok(true) | Err(_)) | Err(_) => Standing::Known { for_another, ended },
                }
            }
            Actor::Refused(error) => Standing::Refused(Failure::new(Code::Unauthenticated, error.to_string())),
        }
    }

    fn jwks(&self) -> serde_json::Value {
        self.sessions.jwks()
    }

    async fn shared_trip(&self, token: &str, form: Form, asker: &Asker<'_>) -> Result<SharedTrip, Failure> {
        let context = self.context(asker);
        self.admission.read(context.client()).await?;
        let trip = match work::on_behalf_of(context.client(), self.saved.open(token)).await? {
            Opened::Trip(trip) => *trip,
            Opened::Revoked => return Err(Failure::new(Code::Gone, "the link was closed by its owner")),
            Opened::Unknown => return Err(Failure::new(Code::NotFound, "there is no such link")),
        };
        let text = self.saved.written(&trip, token, form, (&context.snapshot, &context.budget), &context.preferences);
        let text = text.map_err(|error| match error {
            ExportError::Spent(spent) => spent.into(),
            error => Failure::caused(Code::Internal, "the trip could not be written", &error),
        })?;
        Ok(SharedTrip { title: trip.content.title.into(), text })
    }

    async fn my_data(&self, token: &str, asker: &Asker<'_>) -> Result<MyDataParts, Failure> {
        let context = self.context(asker);
        self.admission.read(context.client()).await?;
        let network = Network::from(asker.address);
        let data = work::on_behalf_of(context.client(), mine::resolve(&self.sessions, token, context.now)).await?;
        Ok(work::on_behalf_of(data.client(network), self.saved.hand_over(data, network, context.now)).await?)
    }

    async fn image(&self, address: ImageAddress, asker: &Asker<'_>) -> Result<ServedImage, Failure> {
        let context = self.context(asker);
        let published = context.snapshot.published_image(address);
        let (digest, format) = match (published, context.actor) {
            (Some(published), _) => published,
            (None, Actor::Account(_)) => {
                let unpublished = async { Ok::<_, Failure>(self.media.unpublished(address, &context.grants().await?).await?) };
                work::on_behalf_of(context.client(), unpublished).await?
            }
            (None, Actor::Anyone | Actor::Visitor(_) | Actor::Partner(_)) => return Err(MediaError::NotFound.into()),
            (None, Actor::Refused(error)) => return Err(Failure::new(Code::Unauthenticated, error.to_string())),
        };
        let (length, bytes) = self.media.open(digest).await?;
        Ok(ServedImage { digest, format, is_public: published.is_some(), length, bytes })
    }

    async fn may_send_files(&self, context: &RequestContext) -> Result<(), Failure> {
        context.grants().await.map(drop)
    }

    fn upload_place(&self, client: Client) -> Result<Place, Failure> {
        Ok(self.media.place(client)?)
    }

    fn upload(&self, token: &str) -> Result<Upload, Failure> {
        Ok(self.media.upload(token, self.clock.now())?)
    }

    async fn receive(&self, upload: &Upload, place: Place, bytes: Vec<u8>) -> Result<MediaAsset, Failure> {
        let received = self.media.receive(upload, place, bytes, self.clock.now());
        Ok(work::on_behalf_of(Client::Account(upload.account()), received).await?)
    }

    fn changes(&self) -> watch::Receiver<i64> {
        self.holder.changes()
    }

    fn version(&self, context: &RequestContext) -> String {
        // Answers tell what is open now, so the moment is part of them.
        let moment = context.now.timestamp() / MAX_AGE_SECONDS as i64;
        let version = context.snapshot.version;
        // After a backup was restored the same number is given to another change.
        let written = context.snapshot.feed.moments.of(version);
        format!("{version} {written} {moment} {:?}", context.preferences)
    }

    fn max_age(&self, _context: &RequestContext) -> Duration {
        Duration::from_secs(MAX_AGE_SECONDS)
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn readiness(&self) -> Readiness {
        // Reads go on while the database is away, so that is no reason not to be ready.
        let freshness = self.holder.freshness();
        let ahead = self.clock.ahead();
        let tasks = self.tasks.health();
        let failing = self.writes.failing();
        let is_degraded = failing.is_some() || tasks.iter().any(|task| !task.is_running);
        let told: Vec<_> =
            tasks.iter().map(|task| json!({ "name": task.name, "running": task.is_running, "restarts": task.restarts })).collect();
        let details = [
            ("clock", json!(if self.clock.is_off() { "off" } else { "ok" })),
            ("clockAheadSeconds", json!(ahead.num_milliseconds() as f64 / 1_000.0)),
            ("version", json!(self.holder.current().version.to_string())),
            ("asOf", json!(freshness.as_of)),
            ("following", json!(freshness.failure.is_none())),
            ("generations", json!(self.holder.generations())),
            ("writing", json!(failing.is_none())),
            ("writeTrouble", json!(failing.map(|failing| failing.trouble.as_str()))),
            ("writeTroubleSince", json!(failing.map(|failing| failing.since))),
            ("tasks", json!(told)),
        ];
        let details = details.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Readiness { ready: true, is_degraded, details }
    }

    fn note_trouble(&self, trouble: Trouble) {
        self.writes.note(trouble, self.clock.now());
    }
}
