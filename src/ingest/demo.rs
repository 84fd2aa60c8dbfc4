//! The demo catalogue that comes with the binary: real Mato Grosso, from the files of `data/demo`.

use chrono::{DateTime, Utc};
use include_dir::{Dir, include_dir};

use super::apply::{Applied, Importer, IngestError};
use super::reference;
use crate::store::Store;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data/demo");

/// Name and text of each bundled file, in order of name.
pub fn files() -> Vec<(&'static str, &'static str)> {
    let mut files: Vec<_> = FILES.files().filter_map(|file| Some((file.path().file_name()?.to_str()?, file.contents_utf8()?))).collect();
    files.sort_unstable();
    files
}

/// Gives an empty store the reference data, and the demo catalogue when `with_demo`. `None` when the store already has
/// reference data: what is there belongs to its editors.
pub async fn load_first_time(store: &Store, with_demo: bool, at: DateTime<Utc>) -> Result<Option<Applied>, IngestError> {
    if store.last_change().await? > 0 {
        return Ok(None);
    }
    reference::load(store, at).await?;
    let mut total = Applied::default();
    if with_demo {
        let importer = Importer::new(store).await?;
        for (name, json) in files() {
            let applied = importer.apply(importer.check(name, json)?, at).await?;
            total.written += applied.written;
            total.unchanged += applied.unchanged;
            total.withdrawn += applied.withdrawn;
            total.kept += applied.kept;
        }
    }
    Ok(Some(total))
}
