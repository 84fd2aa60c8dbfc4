//! The contract as a file, and the laws of the house that no compiler checks.

use std::collections::BTreeSet;
use std::path::Path;

use roteiro::graphql::failure::Code;
use roteiro::graphql::schema::sdl;

#[test]
fn schema_graphql_is_what_the_program_prints() {
    let file = std::fs::read_to_string("schema.graphql").unwrap();
    assert!(file == sdl(), "schema.graphql is stale: run `cargo run -- schema > schema.graphql`");
}

#[test]
fn everything_in_the_contract_is_described() {
    let mut missing = Vec::new();
    let text = sdl();
    let lines: Vec<&str> = text.lines().collect();
    let mut depth = 0;
    for (index, line) in lines.iter().enumerate() {
        let word = line.trim_start();
        let defines = ["type ", "interface ", "union ", "enum ", "input ", "scalar "].iter().any(|kind| line.starts_with(kind));
        let is_member = depth > 0
            && line.starts_with('\t')
            && word.starts_with(|letter: char| letter.is_alphabetic())
            && !in_block_string(&lines, index);
        let root = ["query: Query", "mutation: Mutation", "subscription: Subscription"].contains(&line.trim());
        if (defines || is_member) && !root && !lines[index - 1].trim_end().ends_with("\"\"\"") {
            missing.push(format!("{}: {line}", index + 1));
        }
        if !in_block_string(&lines, index) {
            depth += line.matches('{').count();
            depth -= line.matches('}').count();
        }
    }
    assert!(missing.is_empty(), "without a description:\n{}", missing.join("\n"));
}

fn in_block_string(lines: &[&str], index: usize) -> bool {
    lines[..index].iter().map(|line| line.matches("\"\"\"").count()).sum::<usize>() % 2 == 1
}

#[test]
fn codes_are_unique_and_explained() {
    let words: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(words.len(), Code::ALL.len());
    for code in Code::ALL {
        assert!(code.meaning().len() > 15, "{} has no meaning", code.as_str());
    }
    let readme = std::fs::read_to_string("README.md").unwrap();
    for word in words {
        assert!(readme.contains(&format!("`{word}`")), "README.md does not list {word}");
    }
}

/// What the `use` lines of a room may not name: no arrow runs back.
const ARROWS: [(&str, &[&str]); 10] = [
    (
        "src/domain",
        &[
            "crate::catalogue",
            "crate::store",
            "crate::graphql",
            "crate::http",
            "crate::ingest",
            "crate::cli",
            "sea_orm",
            "actix_web",
            "async_graphql",
            "tokio",
        ],
    ),
    ("src/catalogue", &["crate::graphql", "crate::http", "crate::ingest", "crate::cli", "entity", "sea_orm", "actix_web", "async_graphql"]),
    ("src/store", &["crate::graphql", "crate::http", "crate::catalogue", "crate::ingest", "crate::cli", "actix_web", "async_graphql"]),
    ("planner/src", &["roteiro", "crate::graphql", "tokio", "std::time", "std::fs", "rand::rng"]),
    (
        "src/travel",
        &["crate::catalogue", "crate::graphql", "crate::http", "crate::ingest", "crate::store", "crate::cli", "actix_web", "async_graphql"],
    ),
    (
        "src/identity",
        &[
            "crate::graphql",
            "crate::http",
            "crate::catalogue",
            "crate::trips",
            "crate::ingest",
            "crate::cli",
            "entity",
            "sea_orm",
            "actix_web",
            "async_graphql",
        ],
    ),
    ("src/trips", &["crate::graphql", "crate::http", "crate::ingest", "crate::cli", "entity", "sea_orm", "actix_web", "async_graphql"]),
    (
        "src/media",
        &[
            "crate::graphql",
            "crate::http",
            "crate::catalogue",
            "crate::trips",
            "crate::ingest",
            "crate::cli",
            "entity",
            "sea_orm",
            "actix_web",
            "async_graphql",
        ],
    ),
    ("src/ingest", &["crate::graphql", "crate::http", "crate::cli", "actix_web", "async_graphql"]),
    ("src/graphql", &["crate::http", "crate::store", "crate::ingest", "crate::cli", "entity", "sea_orm", "actix_web"]),
];

#[test]
fn no_arrow_between_rooms_runs_back() {
    let mut wrong = Vec::new();
    for (room, forbidden) in ARROWS {
        for file in rust_files(Path::new(room)) {
            for line in std::fs::read_to_string(&file).unwrap().lines() {
                // Crates are named by `use`, and `identity::` is not `entity::`.
                let named = |name: &&&str| {
                    let used = line.trim_start().strip_prefix("use ").is_some_and(|used| used.starts_with(&format!("{name}::")));
                    used || name.starts_with("crate::") && line.contains(&format!("{name}::"))
                };
                if let Some(name) = forbidden.iter().find(named) {
                    wrong.push(format!("{} names {name}: {}", file.display(), line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
