//! The room's front: beginning a draft, and every step it takes, each in one transaction with its revision, its line in the audit log and
//! what it does to the public catalogue.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::OnceCell;

use super::clash::{self, Clash};
use super::content;
use super::error::{EditorialError, Problem};
use super::images;
use super::links;
use super::publication::{Surroundings, shown_by};
use super::queue::{self, Known, Task};
use super::step::{Done, Request, Step, Taken};
use super::suggestion::{Counts, counts};
use super::translation::Translations;
use super::validation::Override;
use super::walk::{Author, MAX_CONTENT, Walk, check_size, save};
use crate::catalogue::holder::Holder;
use crate::causes::{self, Trouble};
use crate::domain::audit::AuditAction;
use crate::domain::boundary::Boundaries;
use crate::domain::draft::{DraftAction, DraftFilter, DraftRecord, DraftState, RevisionRecord};
use crate::domain::ids::{AccountId, RecordId, RecordType};
use crate::domain::record::Record;
use crate::domain::work_budget::WorkBudget;
use crate::identity::rights::{Denied, Grants, Operation, Permit, Reading};
use crate::identity::secret;
use crate::ingest::written;
use crate::store::wake::Announcer;
use crate::store::{Store, StoreError, to_its_end};

/// Drafts of a city that its queue looks at, those changed last.
const MOST_DRAFTS: u64 = 5_000;
/// Pauses before each look at what became of a step whose transaction failed.
const LOOKS: [Duration; 3] = [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(2)];
/// How long an answer waits for the own snapshot to hold what was published.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most characters of a comment.
pub const MAX_COMMENT: usize = 2_000;

/// The room's front.
pub struct Desk {
    store: Store,
    holder: Arc<Holder>,
    announcer: Announcer,
    boundaries: OnceCell<Arc<Boundaries>>,
    counts: Counts,
}

impl Desk {
    /// Over a store and the snapshots made from it; tells the other processes of what is published by `announcer`.
    pub fn new(store: Store, holder: Arc<Holder>, announcer: Announcer) -> Self {
        Self { store, holder, announcer, boundaries: OnceCell::new(), counts: counts() }
    }

    /// Notes what keeps the database from being written to. That it is away says who follows it.
    pub(super) fn note(&self, error: &EditorialError, now: DateTime<Utc>) {
        if let Some(trouble) = causes::trouble(error).filter(|trouble| *trouble != Trouble::Unreachable) {
            self.store.writes().note(trouble, now);
        }
    }

    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    pub(super) const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// A draft, and the proof that its reader may know what goes with it; `None` when there is none of this id.
    pub async fn draft(&self, grants: &Grants, id: RecordId) -> Result<Option<(DraftRecord, Reading)>, EditorialError> {
        let Some(draft) = self.store.draft(id).await? else { return Ok(None) };
        let reading = grants.reading(draft.city)?;
        Ok(Some((draft, reading)))
    }

    /// Drafts of the cities of the permits, those changed last first; at most `limit`. The filter's own cities do not count.
    pub async fn drafts(&self, permits: &[Permit], filter: DraftFilter, limit: u64) -> Result<Vec<DraftRecord>, EditorialError> {
        let cities = permits.iter().map(|permit| city_of(*permit, Operation::Drafts)).collect::<Result<_, _>>()?;
        Ok(self.store.drafts(DraftFilter { cities, ..filter }, limit).await?)
    }

    /// One step of a draft.
    pub async fn revision(&self, reading: Reading, draft: &DraftRecord, version: i32) -> Result<Option<RevisionRecord>, EditorialError> {
        reading.is_of(draft.city)?;
        Ok(self.store.revision(draft.id, version).await?)
    }

    /// Steps of a draft, the latest first; those before `before`, at most `limit`.
    pub async fn revisions(
        &self,
        reading: Reading,
        draft: &DraftRecord,
        before: Option<i32>,
        limit: u64,
    ) -> Result<Vec<RevisionRecord>, EditorialError> {
        reading.is_of(draft.city)?;
        Ok(self.store.revisions(draft.id, before, limit).await?)
    }

    /// What stands in the way of publishing the draft as it is.
    pub async fn problems(&self, reading: Reading, draft: &DraftRecord) -> Result<Vec<Problem>, EditorialError> {
        reading.is_of(draft.city)?;
        let surroundings = self.surroundings().await?;
        let places = surroundings.places(&draft.content);
        let mut problems = surroundings.check(draft.record_type, draft.city, &draft.content, &places, &[]).err().unwrap_or_default();
        let showable = self.store.showable_images(draft.city, shown_by(draft), &images::named(&draft.content)).await?;
        problems.extend(images::problems(&draft.content, &showable));
        Ok(problems)
    }

    /// Reads what every draft is held against and what never changes: the outlines of municipalities.
    pub async fn prepare(&self) -> Result<(), EditorialError> {
        Ok(self.surroundings().await.map(drop)?)
    }

    /// What drafts are held against now.
    pub(super) async fn surroundings(&self) -> Result<Surroundings, StoreError> {
        let read = async || {
            // Mending the outlines of 141 municipalities takes a good part of a second: not on a thread that answers others.
            let geometries = self.store.boundaries().await?;
            let built = tokio::task::spawn_blocking(move || Boundaries::build(geometries).0);
            built.await.map(Arc::new).map_err(|_| StoreError::Thread)
        };
        let boundaries = Arc::clone(self.boundaries.get_or_try_init(read).await?);
        Ok(Surroundings { snapshot: self.holder.current(), boundaries })
    }

    /// Festivals that other cities have published for the weekends of this draft; none when it is no festival, or not readable yet.
    pub async fn clashes(
        &self,
        reading: Reading,
        draft: &DraftRecord,
        now: DateTime<Utc>,
        budget: &WorkBudget,
    ) -> Result<Vec<Clash>, EditorialError> {
        reading.is_of(draft.city)?;
        if draft.record_type != RecordType::Event || !clash::has_dates(&draft.content) {
            return Ok(Vec::new());
        }
        let surroundings = self.surroundings().await?;
        let places = surroundings.places(&draft.content);
        let record = surroundings.check(draft.record_type, draft.city, &draft.content, &places, &Override::ALL);
        let Ok(record) = record else { return Ok(Vec::new()) };
        Ok(clash::clashes(&record, draft.city, (&surroundings.snapshot, now), budget)?)
    }

    /// What there is to do in the permit's city, the most pressing first.
    pub async fn queue(&self, permit: Permit, now: DateTime<Utc>, budget: &WorkBudget) -> Result<Vec<Task>, EditorialError> {
        let city = city_of(permit, Operation::EditorialQueue)?;
        let filter = DraftFilter { cities: vec![city], ..DraftFilter::default() };
        let drafts = self.store.drafts(filter, MOST_DRAFTS).await?;
        let (suggested, broken) = (self.store.suggested(city).await?, self.store.broken_links().await?);
        let snapshot = self.holder.current();
        let Some(shard) = snapshot.shard_by_id(city).and_then(|shard| snapshot.shards.get(shard)) else { return Ok(Vec::new()) };
        let broken = links::of_city(shard).into_iter().filter(|(url, _)| broken.contains(*url)).map(|(_, record)| record).collect();
        Ok(queue::tasks(shard, &Known { drafts: &drafts, suggested: &suggested, broken: &broken, now }, budget)?)
    }

    /// Begins a record that is not published yet.
    pub async fn begin(
        &self,
        permit: Permit,
        record_type: RecordType,
        content: Value,
        by_machine: Vec<String>,
        now: DateTime<Utc>,
    ) -> Result<DraftRecord, EditorialError> {
        let city = city_of(permit, Operation::CreateDraft)?;
        check_size(&content, MAX_CONTENT)?;
        let content = content::patched(&Value::Null, &content);
        let translations = Translations::default().after(&Value::Null, &content, &[], &by_machine);
        let id = RecordId(secret::id()?);
        let row = blank(id, record_type, city, (Some(permit.account()), now)).with(content, &translations);
        let store = self.store.clone();
        to_its_end(async move {
            let transaction = store.begin(now).await?;
            save(&transaction, row.clone(), DraftAction::Create, None).await?;
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }

    /// The city and type of what is published under this id: what a permit to work on it is asked for.
    pub fn published_city(&self, record_type: RecordType, id: RecordId) -> Option<RecordId> {
        let snapshot = self.holder.current();
        let shard = match record_type {
            RecordType::PointOfInterest => snapshot.place(id)?.shard,
            RecordType::Event => snapshot.event(id)?.shard,
            RecordType::Route => snapshot.route(id)?.shard,
            RecordType::City | RecordType::Category | RecordType::Municipality => return None,
        };
        Some(snapshot.shards.get(shard)?.city.id)
    }

    /// Begins to work on a published record: the draft holds what is published, and imports leave the record alone from now on.
    pub async fn begin_from(
        &self,
        permit: Permit,
        record_type: RecordType,
        id: RecordId,
        now: DateTime<Utc>,
    ) -> Result<DraftRecord, EditorialError> {
        let city = city_of(permit, Operation::CreateDraft)?;
        let (store, snapshot) = (self.store.clone(), self.holder.current());
        to_its_end(async move {
            let transaction = store.begin(now).await?;
            // An import of the city, which leaves alone what editors work on, is over or has not begun.
            let slug = snapshot.shard_by_id(city).and_then(|shard| snapshot.shards.get(shard)).map(|shard| shard.city.slug.to_string());
            transaction.hold(&slug.unwrap_or_default()).await?;
            if transaction.draft(id).await?.is_some() {
                return Err(EditorialError::DraftExists(id));
            }
            let (record, home) = transaction.published(record_type, id).await?.ok_or(EditorialError::NotPublished)?;
            if home != city {
                return Err(Denied.into());
            }
            let slug_of = |id| snapshot.place(id).map(|found| found.record.slug.to_string());
            let content = match &record {
                Record::Place(place) => written::place(place),
                Record::Event(event) => written::event(event, &slug_of),
                Record::Route(route) => written::route(route, &slug_of),
            };
            let (content, translations) = Translations::of_published(content);
            let row = blank(id, record_type, city, (Some(permit.account()), now)).with(content, &translations);
            let row = DraftRecord { state: DraftState::Published, published_version: Some(1), ..row };
            save(&transaction, row.clone(), DraftAction::Create, None).await?;
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }

    /// Takes a step. What it publishes or withdraws is told to the other processes before this returns, and is in the snapshot of this
    /// one, unless that takes too long.
    pub async fn take(&self, permit: Permit, request: Request, now: DateTime<Utc>) -> Result<Done, EditorialError> {
        if permit.operation() != request.step.operation() {
            return Err(Denied.into());
        }
        let (taken, number) = self.step(Author::Account(permit), request, now).await?;
        let is_visible = match number {
            Some(number) => Some(self.holder.reach(number, PATIENCE).await),
            None => None,
        };
        Ok(Done { taken, is_visible })
    }

    /// Whether anything is due at `now`.
    pub(super) async fn has_due(&self, now: DateTime<Utc>) -> Result<bool, EditorialError> {
        Ok(!self.store.due_drafts(now, 1).await?.is_empty())
    }

    /// Publishes what is due, once, whichever process comes first. Gives how many were. What fails keeps nothing else from being
    /// published; the first failure is given at the end.
    pub async fn publish_due(&self, now: DateTime<Utc>) -> Result<usize, EditorialError> {
        let (mut published, mut failure) = (0, None);
        for draft in self.store.due_drafts(now, 100).await? {
            match self.publish_one(draft, now).await {
                Ok(is_published) => published += usize::from(is_published),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or(Ok(published), Err)
    }

    /// Publishes a draft that is due; false when somebody else did, or when it cannot be any more.
    async fn publish_one(&self, draft: RecordId, now: DateTime<Utc>) -> Result<bool, EditorialError> {
        let Some(row) = self.store.draft(draft).await? else { return Ok(false) };
        let step = Step::Publish { languages: None, overrides: self.scheduled_overrides(draft).await? };
        let request = Request { draft, expected_version: row.version, step, comment: None };
        match self.step(Author::Scheduler, request, now).await {
            Ok((Taken::Saved(_), _)) => Ok(true),
            // Another process was faster, or somebody let it go meanwhile.
            Ok((Taken::Merged(_) | Taken::Conflict(_), _)) | Err(EditorialError::NotAllowed { .. } | EditorialError::NotFound) => Ok(false),
            Err(EditorialError::Problems(_) | EditorialError::SlugTaken) => self.let_go(&row, now).await.map(|()| false),
            Err(error) => Err(error),
        }
    }

    /// The overrides that were given with the schedule: they hold for the publication, and no others do.
    async fn scheduled_overrides(&self, draft: RecordId) -> Result<Vec<Override>, EditorialError> {
        let detail = self.store.last_audit_detail(AuditAction::Scheduled, draft).await?.unwrap_or_default();
        let words = detail["overrides"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(words.iter().filter_map(|word| Override::parse(word.as_str()?)).collect())
    }

    /// What was scheduled and cannot be published any more goes back to those approved, and says why: a category was taken away, another
    /// record took the slug.
    async fn let_go(&self, row: &DraftRecord, now: DateTime<Utc>) -> Result<(), EditorialError> {
        let comment = Some("could not be published when it was due: its content does not hold any more".to_owned());
        let request = Request { draft: row.id, expected_version: row.version, step: Step::Unschedule, comment };
        tracing::warn!(draft = %row.id.0, "a scheduled draft cannot be published any more");
        match self.step(Author::Scheduler, request, now).await {
            Ok(_) | Err(EditorialError::NotAllowed { .. } | EditorialError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether a step whose transaction failed was taken all the same: the answer to its commit may have been lost on the way. The draft
    /// is held while it is looked at, so that a commit which is still under way is waited for.
    async fn what_became(
        &self,
        draft: RecordId,
        (action, author, now): (DraftAction, Author, DateTime<Utc>),
        error: StoreError,
    ) -> Result<(Taken, i64), EditorialError> {
        let is_ours = |step: &RevisionRecord| {
            step.action == action && step.author == author.account() && step.at.timestamp_micros() == now.timestamp_micros()
        };
        for pause in LOOKS {
            tokio::time::sleep(pause).await;
            let store = self.store.clone();
            let look = async move {
                let transaction = store.begin(now).await?;
                let row = transaction.draft(draft).await?;
                let number = transaction.commit().await?;
                Ok::<_, StoreError>((row, number, store.revisions(draft, None, 20).await?))
            };
            match to_its_end(look).await {
                Ok((Some(row), number, steps)) if steps.iter().any(is_ours) => return Ok((Taken::Saved(row), number)),
                Ok(_) => return Err(EditorialError::NothingWritten(error)),
                Err(_) => {}
            }
        }
        Err(EditorialError::OutcomeUnknown(error))
    }

    /// Takes a step, and gives with it the number in the change log that holds what it changed for the public.
    async fn step(&self, author: Author, request: Request, now: DateTime<Utc>) -> Result<(Taken, Option<i64>), EditorialError> {
        let comment = checked_comment(&request)?;
        let surroundings = self.surroundings().await?;
        let (store, is_public) = (self.store.clone(), request.step.is_public());
        let (draft, action) = (request.draft, request.step.action());
        let work = async move {
            let transaction = store.begin(now).await?;
            let mut walk = Walk { transaction, surroundings, author, now };
            let taken = walk.take(request, comment).await?;
            let number = match taken {
                Taken::Conflict(_) => None,
                Taken::Saved(_) | Taken::Merged(_) => Some(walk.transaction.commit().await?),
            };
            Ok::<_, EditorialError>((taken, number))
        };
        let (taken, number) = match to_its_end(work).await {
            Err(EditorialError::Store(error)) => {
                let (taken, number) = self.what_became(draft, (action, author, now), error).await?;
                (taken, Some(number))
            }
            done => done?,
        };
        if is_public {
            self.announcer.announce().await;
        }
        Ok((taken, number.filter(|_| is_public)))
    }
}

pub(super) fn city_of(permit: Permit, operation: Operation) -> Result<RecordId, Denied> {
    permit.city().filter(|_| permit.operation() == operation).ok_or(Denied)
}

fn checked_comment(request: &Request) -> Result<Option<String>, EditorialError> {
    let comment = request.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
    let is_long = comment.is_some_and(|comment| comment.chars().count() > MAX_COMMENT);
    if is_long || comment.is_none() && request.step.needs_comment() {
        return Err(EditorialError::Comment { max: MAX_COMMENT });
    }
    Ok(comment.map(ToOwned::to_owned))
}

fn blank(id: RecordId, record_type: RecordType, city: RecordId, (by, now): (Option<AccountId>, DateTime<Utc>)) -> DraftRecord {
    DraftRecord {
        id,
        record_type,
        city,
        slug: String::new(),
        name: None,
        state: DraftState::Draft,
        version: 1,
        content: Value::Null,
        translations: Value::Null,
        published_version: None,
        completeness: 0,
        publish_at: None,
        created_at: now,
        created_by: by,
        updated_at: now,
        updated_by: by,
    }
}
