//! Which real files there must be, and where.

use std::path::PathBuf;

use crate::support::database::variable;

/// Every file that a test of this binary reads, below the folder of `--real-data`.
const FILES: &[&str] = &[
    "mato-grosso/attractions.csv",
    "opening-hours/osm_values.txt",
    "osm/porto-alegre.osm.pbf",
    "toptw/instances/c101.txt",
    "toptw/instances/pr01.txt",
    "toptw/instances/pr10.txt",
    "toptw/instances/r201.txt",
    "toptw/instances/rc104.txt",
];

/// Path of one of them; fails with its name where it is missing.
pub fn path(name: &str) -> PathBuf {
    assert!(FILES.contains(&name), "{name} does not stand in tests/real/files.rs");
    let path = folder().join(name);
    assert!(path.is_file(), "{} is missing", path.display());
    path
}

/// Text of one of them.
pub fn text(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn folder() -> PathBuf {
    PathBuf::from(variable("ROTEIRO_REAL_DATA"))
}

#[test]
fn every_file_is_there() {
    let missing: Vec<_> = FILES.iter().filter(|name| !folder().join(name).is_file()).collect();
    assert!(missing.is_empty(), "{} lacks {missing:?}", folder().display());
}
