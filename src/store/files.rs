//! Files that hold what nobody else may read: keys, password hashes, visitors' trips. They are made for their owner alone, and what an
//! older version left readable is mended when it is opened.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::connect::StoreError;

/// What the group and others may do.
const OF_OTHERS: u32 = 0o077;

/// Makes a folder, and those above it, for its owner alone; takes the rights of others away from one that is there.
pub fn private_folder(path: &Path) -> Result<(), StoreError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| StoreError::File { path: path.to_owned(), source })?;
    close_to_others(path)
}

/// Opens a file for writing that its owner alone may read; with `is_new`, one that is there already is an error.
pub(super) fn private_file(path: &Path, is_new: bool) -> Result<File, StoreError> {
    let opened = OpenOptions::new().write(true).create(true).create_new(is_new).truncate(false).mode(0o600).open(path);
    opened.map_err(|source| StoreError::File { path: path.to_owned(), source })
}

/// The file of this name with something behind it: `roteiro.sqlite-wal`.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Makes the file of a database when it is missing, and closes it and what SQLite keeps beside it to others. What SQLite makes later
/// takes its rights from the database.
pub(super) fn private_database(path: &Path) -> Result<(), StoreError> {
    let log = beside(path, "-wal");
    // SQLite would throw such a log away, and with it all that was written last.
    if !path.exists() && fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Err(StoreError::Orphan { database: path.to_owned(), log });
    }
    private_file(path, false)?;
    for file in [path.to_owned(), log, beside(path, "-shm")] {
        if file.exists() {
            close_to_others(&file)?;
        }
    }
    Ok(())
}

fn close_to_others(path: &Path) -> Result<(), StoreError> {
    let failed = |source: io::Error| StoreError::Exposed { path: path.to_owned(), source };
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & OF_OTHERS != 0 {
        fs::set_permissions(path, Permissions::from_mode(mode & !OF_OTHERS)).map_err(failed)?;
        tracing::warn!(path = %path.display(), "other users of this machine could read this; they cannot any more");
    }
    Ok(())
}
