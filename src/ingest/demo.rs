//! The demo catalogue that comes with the binary: real Mato Grosso, from the files of `data/demo`.

use chrono::{DateTime, TimeDelta, Utc};
use include_dir::{Dir, include_dir};

use super::apply::{Applied, Importer, IngestError};
use super::reference;
use crate::store::Store;
use crate::store::jobs::Job;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data/demo");

/// Name and text of each bundled file, in order of name.
pub fn files() -> Vec<(&'static str, &'static str)> {
    let mut files: Vec<_> = FILES.files().filter_map(|file| Some((file.path().file_name()?.to_str()?, file.contents_utf8()?))).collect();
    files.sort_unstable();
    files
}

/// The first fill: noted when it begins and when it is done, so that one which was cut off is finished by the next start.
const FIRST_FILL: Job = Job { name: "first fill", every: TimeDelta::days(36_500), patience: TimeDelta::zero() };

/// Gives an empty store the reference data, and the demo catalogue when `with_demo`. `None` when the store already has
/// reference data: what is there belongs to its editors. Of processes that start together one fills it, and the others wait.
pub async fn load_first_time(store: &Store, with_demo: bool, at: DateTime<Utc>) -> Result<Option<Applied>, IngestError> {
    let lock = store.hold_for_preparation().await?;
    let filled = fill(store, with_demo, at).await;
    lock.release().await;
    filled
}

async fn fill(store: &Store, with_demo: bool, at: DateTime<Utc>) -> Result<Option<Applied>, IngestError> {
    if store.last_change().await? > 0 && !store.is_job_unfinished(FIRST_FILL).await? {
        return Ok(None);
    }
    store.note_job_begun(FIRST_FILL, at).await?;
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
    store.end_job(FIRST_FILL, at, at).await?;
    Ok(Some(total))
}
