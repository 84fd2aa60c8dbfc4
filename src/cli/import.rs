//! `roteiro import`: catalogue files into the store.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::Outcome;
use crate::config::{Settings, StoreOptions};
use crate::ingest::apply::{Importer, IngestError};
use crate::ingest::{catalogue_file, demo};
use crate::store::Access;
use crate::store::wake::Announcer;

/// Options of `import`.
#[derive(Args)]
pub(super) struct ImportOptions {
    #[command(flatten)]
    store: StoreOptions,

    /// Catalogue files, or folders of them.
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,

    /// Check the files and write nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Imports every file that is right; exits 1 when one was not.
pub(super) async fn run(options: ImportOptions) -> Outcome {
    let settings = Settings::of_store(&options.store)?;
    let store = if options.dry_run { super::open_existing(&settings, Access::Read).await? } else { super::open(&settings).await? };
    let clock = super::clock(&store).await?;
    if !options.dry_run {
        demo::load_first_time(&store, false, clock.now()).await?;
    }
    let importer = Importer::new(&store).await?;
    let mut code = ExitCode::SUCCESS;
    for path in files(&options.paths)? {
        let name = path.display().to_string();
        let json = catalogue_file::decode(&name, std::fs::read(&path)?);
        match json.map_err(|fault| IngestError::Faults(vec![fault])).and_then(|json| importer.check(&name, &json)) {
            Ok(file) if options.dry_run => {
                println!("{name}: {} places, {} events, {} routes: right", file.places.len(), file.events.len(), file.routes.len());
            }
            Ok(file) => {
                let applied = importer.apply(file, clock.now()).await?;
                println!("{name}: {} written, {} unchanged, {} withdrawn", applied.written, applied.unchanged, applied.withdrawn);
                if applied.kept > 0 {
                    println!("{name}: {} left as they are, because editors work on them", applied.kept);
                }
            }
            Err(IngestError::Faults(faults)) => {
                code = ExitCode::FAILURE;
                for fault in &faults {
                    eprintln!("{fault}");
                }
                eprintln!("{name}: {} fault(s), nothing of this file was loaded", faults.len());
            }
            Err(error) => return Err(error.into()),
        }
    }
    if !options.dry_run {
        Announcer::new(settings.redis_url.as_deref())?.announce().await;
    }
    store.close().await;
    Ok(code)
}

/// The files named, and those of the folders named, by name.
fn files(paths: &[PathBuf]) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut inside = std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
            inside.retain(|path| path.extension() == Some(Path::new("json").as_os_str()));
            inside.sort();
            files.append(&mut inside);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}
