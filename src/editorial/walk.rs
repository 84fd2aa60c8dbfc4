//! One step of a draft inside its transaction: what was seen against what is, what the step changes in the draft, and what it does to
//! the public catalogue.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::completeness::completeness;
use super::content;
use super::error::EditorialError;
use super::publication::{self, Surroundings};
use super::step::{Conflict, Request, Step, Taken};
use super::translation::Translations;
use super::validation::Override;
use crate::domain::audit::AuditAction;
use crate::domain::draft::{DraftAction, DraftRecord, RevisionRecord};
use crate::domain::ids::{AccountId, RecordId};
use crate::identity::rights::{Denied, Operation, Permit};
use crate::store::StoreError;
use crate::store::audit::AuditEntry;
use crate::store::write::WriteTransaction;

/// Most bytes of a content; the longest of the demo has 3,000.
pub const MAX_CONTENT: usize = 200_000;

/// Who takes a step, in the audit log and the revision.
#[derive(Clone, Copy, Debug)]
pub(super) enum Author {
    Account(Permit),
    /// Nobody: a moment has come.
    Scheduler,
}

impl Author {
    pub(super) const fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(permit) => Some(permit.account()),
            Self::Scheduler => None,
        }
    }
}

/// A step under way.
pub(super) struct Walk {
    pub transaction: WriteTransaction,
    pub surroundings: Surroundings,
    pub author: Author,
    pub now: DateTime<Utc>,
}

impl Walk {
    /// Takes the step; a conflict has written nothing.
    pub async fn take(&mut self, request: Request, comment: Option<String>) -> Result<Taken, EditorialError> {
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
                check_size(&mine, MAX_CONTENT)?;
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
                // The scheduler says why it lets something go.
                let detail = comment.map_or_else(|| json!({}), |reason| json!({ "reason": reason }));
                self.audit(AuditAction::Unscheduled, &row, detail).await?;
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

fn words(overrides: &[Override]) -> Vec<&'static str> {
    overrides.iter().map(|known| known.as_str()).collect()
}

/// The conflict of deciding on a draft that was changed since it was seen.
fn stale(before: &DraftRecord, seen: &Value) -> Conflict {
    let fields = content::differences(seen, &before.content).into_iter().map(|change| change.field).collect();
    Conflict { fields, mine: seen.clone(), theirs: before.clone() }
}

/// Refuses a content that is too large to be kept.
pub(super) fn check_size(content: &Value, max: usize) -> Result<(), EditorialError> {
    if content.to_string().len() > max { Err(EditorialError::TooLarge { max }) } else { Ok(()) }
}

impl DraftRecord {
    /// The same draft with this content, and what is derived from it.
    pub(super) fn with(self, content: Value, translations: &Translations) -> Self {
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

/// Keeps a draft with its step.
pub(super) async fn save(
    transaction: &WriteTransaction,
    row: DraftRecord,
    action: DraftAction,
    comment: Option<String>,
) -> Result<(), StoreError> {
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
