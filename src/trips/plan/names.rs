//! Names of records and categories as a reader reads them.

use super::words::Names;
use crate::catalogue::snapshot::Snapshot;
use crate::domain::ids::RecordId;
use crate::domain::text::{Preferences, localize};

/// Names out of a snapshot, in the reader's language.
#[derive(Clone, Copy)]
pub struct SnapshotNames<'a> {
    /// Where they are.
    pub snapshot: &'a Snapshot,
    /// The reader's languages.
    pub preferences: &'a Preferences,
}

impl Names for SnapshotNames<'_> {
    fn record(&self, id: RecordId) -> String {
        let place = self.snapshot.place(id).map(|found| &found.record.texts);
        let texts = place.or_else(|| self.snapshot.event(id).map(|found| &found.record.texts));
        let name = texts.and_then(|texts| localize(texts, self.preferences, |text| Some(&*text.name)));
        name.map_or_else(|| "?".to_owned(), |name| name.value.to_owned())
    }

    fn category(&self, slug: &str) -> String {
        let tree = &self.snapshot.reference.categories;
        let names = tree.find(slug).and_then(|key| tree.get(key)).map(|category| &category.names);
        let name = names.and_then(|names| self.preferences.choose(&names.iter().map(|(tag, name)| (tag, name))));
        name.map_or_else(|| slug.to_owned(), |(_, _, name)| name.to_string())
    }
}
