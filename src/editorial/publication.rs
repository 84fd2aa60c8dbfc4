//! What a step does to the public catalogue, inside the transaction of the step.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::error::{EditorialError, Problem, ProblemKind};
use super::images;
use super::translation::Translations;
use super::validation::{self, Override, Setting};
use crate::catalogue::snapshot::Snapshot;
use crate::domain::boundary::Boundaries;
use crate::domain::draft::DraftRecord;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::record::Record;
use crate::ingest::rows;
use crate::store::write::{ChangeKind, NewChange, WriteTransaction};

/// Dataset of records that editors began; what they took over from an import keeps its own.
const EDITORS: &str = "editors";

/// What drafts are held against, as it is while a step is taken.
#[derive(Clone)]
pub struct Surroundings {
    /// What all records refer to.
    pub snapshot: Arc<Snapshot>,
    /// Boundaries of the state's municipalities.
    pub boundaries: Arc<Boundaries>,
}

impl Surroundings {
    /// The record a content of this draft says, under the draft's identity; or what stands in the way.
    pub async fn record(
        &self,
        transaction: &WriteTransaction,
        draft: &DraftRecord,
        content: &Value,
        overrides: &[Override],
    ) -> Result<Record, EditorialError> {
        let places: HashMap<String, RecordId> = transaction.places_of_slugs(validation::named_places(content)).await?.into_iter().collect();
        let showable = transaction.showable_images(draft.city, shown_by(draft), &images::named(content)).await?;
        let mut problems = images::problems(content, &showable);
        let mut record = match self.check(draft.record_type, draft.city, content, &places, overrides) {
            Ok(record) if problems.is_empty() => record,
            Ok(_) => return Err(EditorialError::Problems(problems)),
            Err(mut others) => {
                others.append(&mut problems);
                return Err(EditorialError::Problems(others));
            }
        };
        Translations::read(&draft.translations).tell(content, record.texts_mut());
        let published = transaction.published(draft.record_type, draft.id).await?;
        let dataset = published.map_or_else(|| EDITORS.into(), |(record, _)| Arc::clone(&record.provenance().dataset));
        Ok(record.owned(draft.id, dataset))
    }

    /// Published places that a content names, by slug.
    pub fn places(&self, content: &Value) -> HashMap<String, RecordId> {
        let named = validation::named_places(content).into_iter();
        named.filter_map(|slug| Some((self.snapshot.place_by_slug(&slug)?.record.id, slug))).map(|(id, slug)| (slug, id)).collect()
    }

    /// The record a content says; or everything that stands in the way.
    pub fn check(
        &self,
        record_type: RecordType,
        city: RecordId,
        content: &Value,
        places: &HashMap<String, RecordId>,
        overrides: &[Override],
    ) -> Result<Record, Vec<Problem>> {
        let reference = &self.snapshot.reference;
        let Some(shard) = self.snapshot.shard_by_id(city).and_then(|shard| self.snapshot.shards.get(shard)) else {
            let message = "the city is not in the catalogue any more".to_owned();
            return Err(vec![Problem { field: "city".to_owned(), kind: ProblemKind::Invalid, message }]);
        };
        let categories: HashSet<String> = reference.categories.iter().map(|(_, node)| node.slug.to_string()).collect();
        let licences: HashSet<String> = reference.licences.ids().map(ToOwned::to_owned).collect();
        let setting = Setting {
            city: &shard.city,
            categories: &categories,
            licences: &licences,
            boundaries: &self.boundaries,
            holidays: &reference.holidays,
            places,
            overrides,
        };
        validation::check(record_type, content, &setting)
    }
}

/// The record whose images the public sees already; `None` while nothing of the draft is published.
pub fn shown_by(draft: &DraftRecord) -> Option<RecordId> {
    draft.published_version.map(|_| draft.id)
}

/// Makes the record the live version.
pub async fn publish(transaction: &mut WriteTransaction, record: &Record, city: RecordId) -> Result<(), EditorialError> {
    let id = match record {
        Record::Place(place) => {
            transaction.save_places(vec![rows::place(place, city)]).await?;
            place.id
        }
        Record::Event(event) => {
            transaction.save_events(vec![rows::event(event, city)]).await?;
            event.id
        }
        Record::Route(route) => {
            transaction.save_routes(vec![rows::route(route, city)]).await?;
            route.id
        }
    };
    transaction.note(NewChange { city: Some(city), record_type: record.record_type(), record: Some(id), kind: ChangeKind::Upsert });
    Ok(())
}

/// The content with the words of these languages only; of the others it has the words that are published.
pub fn in_languages(content: &Value, published: Option<&Value>, languages: &[String]) -> Value {
    let texts = |content: &Value| content.get("texts").and_then(Value::as_object).cloned().unwrap_or_default();
    let is_wanted = |language: &String| languages.contains(language);
    let wanted = texts(content).into_iter().filter(|(language, _)| is_wanted(language));
    let kept = published.map(texts).unwrap_or_default().into_iter().filter(|(language, _)| !is_wanted(language));
    let texts: Map<String, Value> = kept.chain(wanted).collect();
    let mut content = content.clone();
    if let Some(members) = content.as_object_mut() {
        members.insert("texts".to_owned(), json!(texts));
    }
    content
}
