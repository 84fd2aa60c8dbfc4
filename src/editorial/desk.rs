//! The room's front: beginning a draft, and every step it takes, each in one transaction with its revision, its line in the audit log and
//! what it does to the public catalogue.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::completeness::completeness;
use super::content;
use super::error::{EditorialError, Problem};
use super::publication::{self, Surroundings};
use super::step::{Conflict, Request, Step, Taken};
use super::translation::Translations;
use super::validation::{self, Override};
use crate::catalogue::holder::Holder;
use crate::domain::audit::AuditAction;
use crate::domain::boundary::Boundaries;
use crate::domain::draft::{DraftAction, DraftFilter, DraftRecord, DraftState, RevisionRecord};
use crate::domain::ids::{AccountId, RecordId, RecordType};
use crate::domain::record::Record;
use crate::identity::rights::{Denied, Operation, Permit};
use crate::identity::secret;
use crate::ingest::written;
use crate::store::audit::AuditEntry;
use crate::store::wake::Announcer;
use crate::store::write::WriteTransaction;
use crate::store::{Store, StoreError, to_its_end};

/// Most characters of a comment.
pub const MAX_COMMENT: usize = 2_000;
/// Most bytes of a content; the longest of the demo has 3,000.
pub const MAX_CONTENT: usize = 200_000;

/// The room's front.
pub struct Desk {
    store: Store,
    holder: Arc<Holder>,
    announcer: Announcer,
    boundaries: OnceCell<Arc<Boundaries>>,
}

/// Who takes a step, in the audit log and the revision.
#[derive(Clone, Copy, Debug)]
enum Author {
    Account(Permit),
    /// Nobody: a moment has come.
    Scheduler,
}

impl Author {
    const fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(permit) => Some(permit.account()),
            Self::Scheduler => None,
        }
    }
}

impl Desk {
    /// Over a store and the snapshots made from it; tells the other processes of what is published by `announcer`.
    pub fn new(store: Store, holder: Arc<Holder>, announcer: Announcer) -> Self {
        Self { store, holder, announcer, boundaries: OnceCell::new() }
    }

    /// A draft; `None` when there is none of this id.
    pub async fn draft(&self, id: RecordId) -> Result<Option<DraftRecord>, EditorialError> {
        Ok(self.store.draft(id).await?)
    }

    /// Drafts, those changed last first; at most `limit`.
    pub async fn drafts(&self, filter: DraftFilter, limit: u64) -> Result<Vec<DraftRecord>, EditorialError> {
        Ok(self.store.drafts(filter, limit).await?)
    }

    /// One step of a draft.
    pub async fn revision(&self, draft: RecordId, version: i32) -> Result<Option<RevisionRecord>, EditorialError> {
        Ok(self.store.revision(draft, version).await?)
    }

    /// Steps of a draft, the latest first; those before `before`, at most `limit`.
    pub async fn revisions(&self, draft: RecordId, before: Option<i32>, limit: u64) -> Result<Vec<RevisionRecord>, EditorialError> {
        Ok(self.store.revisions(draft, before, limit).await?)
    }

    /// What stands in the way of publishing the draft as it is.
    pub async fn problems(&self, draft: &DraftRecord) -> Result<Vec<Problem>, EditorialError> {
        let surroundings = self.surroundings().await?;
        let places = validation::named_places(&draft.content).into_iter().filter_map(|slug| {
            let id = surroundings.snapshot.place_by_slug(&slug)?.record.id;
            Some((slug, id))
        });
        Ok(surroundings.check(draft.record_type, draft.city, &draft.content, &places.collect(), &[]).err().unwrap_or_default())
    }

    /// What drafts are held against now.
    pub async fn surroundings(&self) -> Result<Surroundings, StoreError> {
        let read = async || Ok::<_, StoreError>(Arc::new(Boundaries::build(self.store.boundaries().await?).0));
        let boundaries = Arc::clone(self.boundaries.get_or_try_init(read).await?);
        Ok(Surroundings { snapshot: self.holder.current(), boundaries })
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
        check_size(&content)?;
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
            RecordType::Event => snapshot.find_event(|event| event.id == id)?.shard,
            RecordType::Route => snapshot.find_route(|route| route.id == id)?.shard,
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
            let translations = Translations::of_published(&content);
            let row = blank(id, record_type, city, (Some(permit.account()), now)).with(content, &translations);
            let row = DraftRecord { state: DraftState::Published, published_version: Some(1), ..row };
            save(&transaction, row.clone(), DraftAction::Create, None).await?;
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }

    /// Takes a step. What it publishes or withdraws is told to the other processes before this returns.
    pub async fn take(&self, permit: Permit, request: Request, now: DateTime<Utc>) -> Result<Taken, EditorialError> {
        if permit.operation() != request.step.operation() {
            return Err(Denied.into());
        }
        self.step(Author::Account(permit), request, now).await
    }

    /// Publishes what is due, once, whichever process comes first. Gives how many were.
    pub async fn publish_due(&self, now: DateTime<Utc>) -> Result<usize, EditorialError> {
        let mut published = 0;
        for draft in self.store.due_drafts(now, 100).await? {
            let Some(row) = self.store.draft(draft).await? else { continue };
            let step = Step::Publish { languages: None, overrides: Override::ALL.to_vec() };
            let request = Request { draft, expected_version: row.version, step, comment: None };
            match self.step(Author::Scheduler, request, now).await {
                Ok(Taken::Saved(_)) => published += 1,
                // Another process was faster, or somebody let it go meanwhile.
                Ok(Taken::Merged(_) | Taken::Conflict(_)) | Err(EditorialError::NotAllowed { .. } | EditorialError::NotFound) => {}
                Err(EditorialError::Problems(_) | EditorialError::SlugTaken) => self.let_go(&row, now).await?,
                Err(error) => return Err(error),
            }
        }
        Ok(published)
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

    async fn step(&self, author: Author, request: Request, now: DateTime<Utc>) -> Result<Taken, EditorialError> {
        let comment = checked_comment(&request)?;
        let surroundings = self.surroundings().await?;
        let (store, is_public) = (self.store.clone(), request.step.is_public());
        let work = async move {
            let transaction = store.begin(now).await?;
            let mut walk = Walk { transaction, surroundings, author, now };
            let taken = walk.take(request, comment).await?;
            if !matches!(taken, Taken::Conflict(_)) {
                walk.transaction.commit().await?;
            }
            Ok::<_, EditorialError>(taken)
        };
        let taken = to_its_end(work).await?;
        if is_public {
            self.announcer.announce().await;
        }
        Ok(taken)
    }
}

/// A step under way.
struct Walk {
    transaction: WriteTransaction,
    surroundings: Surroundings,
    author: Author,
    now: DateTime<Utc>,
}

impl Walk {
    async fn take(&mut self, request: Request, comment: Option<String>) -> Result<Taken, EditorialError> {
        let Request { draft, expected_version, step, .. } = request;
        let before = self.transaction.draft(draft).await?.ok_or(EditorialError::NotFound)?;
        if let Author::Account(permit) = self.author
            && permit.city() != Some(before.city)
        {
            return Err(Denied.into());
        }
        if expected_version > before.version || expected_version < 1 {
            return Err(EditorialError::FutureVersion { asked: expected_version, last: before.version });
        }
        let seen = if expected_version == before.version {
            None
        } else {
            Some(self.transaction.revision(draft, expected_version).await?.ok_or(EditorialError::NoRevision(expected_version))?)
        };
        let (content, translations) = match self.content(&before, seen.as_ref(), &step).await? {
            Ok(content) => content,
            Err(conflict) => return Ok(Taken::Conflict(Box::new(conflict))),
        };
        let state = before
            .state
            .after(step.action(), before.published_version.is_some())
            .ok_or(EditorialError::NotAllowed { action: step.action(), state: before.state })?;
        let row = DraftRecord {
            state,
            version: before.version + 1,
            updated_at: self.now,
            updated_by: self.author.account(),
            publish_at: None,
            ..before.clone()
        }
        .with(content, &translations);
        let row = self.perform(&before, row, &step, comment.as_ref()).await?;
        let revised = self.revised(&row, &step).await?;
        save_as(&self.transaction, row.clone(), revised, step.action(), comment).await?;
        let was_merged = seen.is_some() && matches!(step, Step::Update { .. });
        Ok(if was_merged { Taken::Merged(row) } else { Taken::Saved(row) })
    }

    /// The content after the step; or both sides, when it was changed since it was seen.
    async fn content(
        &self,
        before: &DraftRecord,
        seen: Option<&RevisionRecord>,
        step: &Step,
    ) -> Result<Result<(Value, Translations), Conflict>, EditorialError> {
        let made = Translations::read(&before.translations);
        let conflict = |fields, mine| Conflict { fields, mine, theirs: before.clone() };
        let base = seen.map_or(&before.content, |seen| &seen.content);
        match step {
            Step::Update { patch, checked, by_machine } => {
                let mine = content::patched(base, patch);
                check_size(&mine)?;
                Ok(match content::merge(base, &mine, &before.content) {
                    Ok(merged) => {
                        let made = made.after(&before.content, &merged, checked, by_machine);
                        Ok((merged, made))
                    }
                    Err(fields) => Err(conflict(fields, mine)),
                })
            }
            Step::Revert { to } => {
                if seen.is_some() {
                    return Ok(Err(stale(before, base)));
                }
                let revision = self.transaction.revision(before.id, *to).await?.ok_or(EditorialError::NoRevision(*to))?;
                let made = Translations::read(&revision.translations);
                Ok(Ok((revision.content, made)))
            }
            // Whoever decides on a draft decides on what was seen.
            _ if seen.is_some() => Ok(Err(stale(before, base))),
            _ => Ok(Ok((before.content.clone(), made))),
        }
    }

    /// What the step does beside changing the draft.
    async fn perform(
        &mut self,
        before: &DraftRecord,
        row: DraftRecord,
        step: &Step,
        comment: Option<&String>,
    ) -> Result<DraftRecord, EditorialError> {
        match step {
            Step::Update { .. } | Step::Submit | Step::RequestChanges | Step::Approve => Ok(row),
            Step::Revert { .. } => {
                if self.transaction.redirect_of(row.id).await?.is_some() {
                    return Err(EditorialError::Merged);
                }
                Ok(row)
            }
            Step::Publish { overrides, .. } => {
                let content = self.revised(&row, step).await?;
                let record = self.surroundings.record(&self.transaction, &row, &content, overrides).await?;
                publication::publish(&mut self.transaction, &record, row.city).await?;
                self.audit(AuditAction::Published, &row, json!({ "overrides": words(overrides) })).await?;
                Ok(DraftRecord { published_version: Some(row.version), ..row })
            }
            Step::Schedule { at, overrides } => {
                if *at <= self.now {
                    return Err(EditorialError::NotInFuture);
                }
                self.surroundings.record(&self.transaction, &row, &row.content, overrides).await?;
                self.audit(AuditAction::Scheduled, &row, json!({ "at": at, "overrides": words(overrides) })).await?;
                Ok(DraftRecord { publish_at: Some(*at), ..row })
            }
            Step::Unschedule => {
                self.audit(AuditAction::Unscheduled, &row, json!({})).await?;
                Ok(row)
            }
            Step::Unpublish => {
                self.withdraw(before).await?;
                self.audit(AuditAction::Unpublished, &row, json!({ "reason": comment })).await?;
                Ok(DraftRecord { published_version: None, ..row })
            }
            Step::Archive => {
                self.withdraw(before).await?;
                self.audit(AuditAction::Archived, &row, json!({})).await?;
                Ok(DraftRecord { published_version: None, ..row })
            }
            Step::Merge { into, permit } => {
                self.merge(before, *into, *permit).await?;
                self.audit(AuditAction::Merged, &row, json!({ "into": into.0 })).await?;
                Ok(DraftRecord { published_version: None, ..row })
            }
        }
    }

    async fn merge(&mut self, before: &DraftRecord, into: RecordId, permit: Permit) -> Result<(), EditorialError> {
        let target = self.transaction.published(before.record_type, into).await?;
        let Some((_, city)) = target.filter(|_| into != before.id) else { return Err(EditorialError::MergeTarget) };
        if permit.city() != Some(city) || permit.operation() != Operation::MergeInto {
            return Err(Denied.into());
        }
        self.withdraw(before).await?;
        self.transaction.redirect((before.record_type, before.id, before.slug.clone()), into).await?;
        Ok(())
    }

    async fn withdraw(&mut self, before: &DraftRecord) -> Result<(), EditorialError> {
        if before.published_version.is_some() {
            self.transaction.withdraw(before.record_type, before.city, &[before.id]).await?;
        }
        Ok(())
    }

    /// What the revision keeps as its content: of a publish what the public sees, else the draft.
    async fn revised(&self, row: &DraftRecord, step: &Step) -> Result<Value, EditorialError> {
        let Step::Publish { languages: Some(languages), .. } = step else { return Ok(row.content.clone()) };
        let published = match row.published_version {
            Some(version) if version < row.version => self.transaction.revision(row.id, version).await?.map(|revision| revision.content),
            _ => None,
        };
        Ok(publication::in_languages(&row.content, published.as_ref(), languages))
    }

    async fn audit(&self, action: AuditAction, row: &DraftRecord, detail: Value) -> Result<(), EditorialError> {
        let entry = AuditEntry::new(self.author.account(), action, Some(row.id.0)).in_city(Some(row.city));
        Ok(self.transaction.note_audit(entry.with(detail)).await?)
    }
}

fn words(overrides: &[Override]) -> Vec<String> {
    overrides.iter().map(|known| format!("{known:?}")).collect()
}

/// The conflict of deciding on a draft that was changed since it was seen.
fn stale(before: &DraftRecord, seen: &Value) -> Conflict {
    let fields = content::differences(seen, &before.content).into_iter().map(|change| change.field).collect();
    Conflict { fields, mine: seen.clone(), theirs: before.clone() }
}

fn city_of(permit: Permit, operation: Operation) -> Result<RecordId, Denied> {
    permit.city().filter(|_| permit.operation() == operation).ok_or(Denied)
}

fn check_size(content: &Value) -> Result<(), EditorialError> {
    if content.to_string().len() > MAX_CONTENT { Err(EditorialError::TooLarge { max: MAX_CONTENT }) } else { Ok(()) }
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

impl DraftRecord {
    /// The same draft with this content, and what is derived from it.
    fn with(self, content: Value, translations: &Translations) -> Self {
        Self {
            slug: content::slug(&content).to_owned(),
            name: content::name(&content).map(ToOwned::to_owned),
            completeness: completeness(self.record_type, &content, translations),
            translations: translations.kept(),
            content,
            ..self
        }
    }
}

async fn save(transaction: &WriteTransaction, row: DraftRecord, action: DraftAction, comment: Option<String>) -> Result<(), StoreError> {
    let content = row.content.clone();
    save_as(transaction, row, content, action, comment).await
}

async fn save_as(
    transaction: &WriteTransaction,
    row: DraftRecord,
    content: Value,
    action: DraftAction,
    comment: Option<String>,
) -> Result<(), StoreError> {
    let step = RevisionRecord {
        draft: row.id,
        version: row.version,
        at: row.updated_at,
        author: row.updated_by,
        action,
        state: row.state,
        content,
        translations: row.translations.clone(),
        comment,
    };
    transaction.save_draft(row, step).await
}
