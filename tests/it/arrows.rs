//! What each room may use is the table in ARCHITECTURE.md; whatever else a source names fails. And the few calls that give rights out
//! are made where they belong.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What every room may use.
const FREE: [&str; 8] = ["base64", "chrono", "chrono_tz", "futures", "serde", "serde_json", "thiserror", "uuid"];

/// What a row of the table allows.
struct Row {
    source: PathBuf,
    rooms: BTreeSet<String>,
    libraries: BTreeSet<String>,
}

/// The words between backticks.
fn words(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn table() -> Vec<Row> {
    let text = std::fs::read_to_string("ARCHITECTURE.md").unwrap();
    let mut lines =
        text.lines().skip_while(|line| !line.starts_with("| room | what lives there | rooms it uses | libraries it uses |")).skip(2);
    let mut rows = Vec::new();
    for line in lines.by_ref().take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        let [source, _, rooms, libraries] = cells[..] else { panic!("a row has four cells: {line}") };
        let source = words(source).pop_first().unwrap_or_else(|| panic!("a row names its source: {line}"));
        rows.push(Row { source: source.into(), rooms: words(rooms), libraries: words(libraries) });
    }
    let sentence = lines.find(|line| line.starts_with("Each may also use itself and ")).unwrap();
    assert_eq!(words(sentence.split(". ").next().unwrap()), FREE.iter().map(ToString::to_string).collect(), "the table and the test agree");
    rows
}

/// A room's name as its sources are named by others.
fn name(source: &Path) -> String {
    source.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// Everything that a manifest depends on, as sources write it.
fn libraries() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for manifest in ["Cargo.toml", "entity/Cargo.toml", "migration/Cargo.toml", "planner/Cargo.toml"] {
        let mut is_dependencies = false;
        for line in std::fs::read_to_string(manifest).unwrap().lines() {
            if line.starts_with('[') {
                is_dependencies = ["[dependencies]", "[workspace.dependencies]"].contains(&line);
            } else if let (true, Some((library, _))) = (is_dependencies, line.split_once(['=', '.'])) {
                found.insert(library.trim().replace('-', "_"));
            }
        }
    }
    found.retain(|library| library.chars().next().is_some_and(char::is_alphabetic));
    found
}

fn rust_files(source: &Path) -> Vec<PathBuf> {
    if source.is_file() {
        return vec![source.to_owned()];
    }
    let entries = std::fs::read_dir(source).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] }).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files
}

/// A source without comments, line by line.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| line.split("//").next().unwrap_or_default())
}

/// The first names of paths that begin in a line, such as `tokio` of `tokio::spawn` and `crate` of `crate::store::Store`, and what
/// follows them.
fn paths(line: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = line[from..].find("::").map(|at| at + from) {
        let before = &line[..at];
        let start = before.rfind(|letter: char| !letter.is_alphanumeric() && letter != '_').map_or(0, |start| start + 1);
        if !before[..start].ends_with([':', '.']) && start < at {
            found.push((&line[start..at], &line[at + 2..]));
        }
        from = at + 2;
    }
    // `use tokio;` and `use tokio as runtime;` name a library too.
    if let Some(used) = line.trim_start().trim_start_matches("pub ").strip_prefix("use ")
        && let Some(name) = used.split([' ', ';', ':']).next()
        && !found.iter().any(|(known, _)| *known == name)
    {
        found.push((name, ""));
    }
    found
}

fn first_word(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default()
}

/// What a file uses that its row does not allow.
fn strays(file: &Path, row: &Row, rooms: &BTreeSet<String>, libraries: &BTreeSet<String>) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let own = name(&row.source);
    // The room itself, or the crate when the room is one.
    let is_crate = row.source.ends_with("src");
    let depth = file.strip_prefix("src").map_or(usize::MAX, |inside| inside.components().count() - usize::from(inside.ends_with("mod.rs")));
    let mut wrong = Vec::new();
    let mut below = 0;
    for line in code(&text) {
        below += usize::from(line.trim_start().starts_with("mod ") && line.trim_end().ends_with('{'));
        let supers = line.matches("super::").count();
        if line.contains("super::super") && supers >= depth.saturating_add(below) {
            wrong.push(format!("leaves its room by `super`: {line}"));
        }
        for (first, rest) in paths(line) {
            let is_local = [format!("::{first};"), format!("::{first}::{{self"), format!("mod {first};"), format!("mod {first} ")]
                .iter()
                .any(|local| text.contains(local));
            if first == "crate" && !is_crate {
                let room = first_word(rest);
                if rest.starts_with('{') {
                    wrong.push(format!("names rooms in a group; give each a line: {line}"));
                } else if room != own && rooms.contains(room) && !row.rooms.contains(room) {
                    wrong.push(format!("uses the room {room}: {line}"));
                }
            } else if libraries.contains(first) && !is_local && !FREE.contains(&first) && !row.libraries.contains(first) {
                wrong.push(format!("uses {first}: {line}"));
            }
        }
    }
    wrong
}

#[test]
fn every_room_uses_what_the_table_allows_and_nothing_else() {
    let (rows, libraries) = (table(), libraries());
    assert!(rows.len() >= 15 && libraries.len() > 50, "the table and the manifests were read");
    let rooms: BTreeSet<String> = rows.iter().map(|row| name(&row.source)).collect();
    let wrong: Vec<String> = rows
        .iter()
        .flat_map(|row| rust_files(&row.source).into_iter().map(move |file| (row, file)))
        .flat_map(|(row, file)| {
            let strays = strays(&file, row, &rooms, &libraries);
            strays.into_iter().map(move |stray| format!("{} {}", file.display(), stray.trim()))
        })
        .collect();
    assert!(wrong.is_empty(), "ARCHITECTURE.md does not allow:\n{}", wrong.join("\n"));
}

#[test]
fn every_source_belongs_to_a_room_of_the_table() {
    let rows = table();
    let belongs = |file: &PathBuf| rows.iter().any(|row| file.starts_with(&row.source));
    let roots = ["src/lib.rs", "src/main.rs"].map(PathBuf::from);
    let strays: Vec<PathBuf> = ["src", "entity/src", "migration/src", "planner/src"]
        .iter()
        .flat_map(|folder| rust_files(Path::new(folder)))
        .filter(|file| !belongs(file) && !roots.contains(file))
        .collect();
    assert!(strays.is_empty(), "in no room of ARCHITECTURE.md: {strays:?}");
}

#[test]
fn the_table_allows_nothing_that_nobody_uses() {
    let rows = table();
    for row in &rows {
        let mut used: BTreeMap<&str, bool> = row.rooms.iter().chain(&row.libraries).map(|name| (name.as_str(), false)).collect();
        let texts: Vec<String> = rust_files(&row.source).iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        for (first, rest) in texts.iter().flat_map(|text| code(text)).flat_map(paths) {
            let name = if first == "crate" { first_word(rest) } else { first };
            used.entry(name).and_modify(|is_used| *is_used = true);
        }
        let idle: Vec<&str> = used.into_iter().filter(|(_, is_used)| !is_used).map(|(name, _)| name).collect();
        assert!(idle.is_empty(), "{} uses none of {idle:?}", row.source.display());
    }
}

#[test]
fn rows_do_not_run_back() {
    let rows = table();
    let mut before: BTreeSet<String> = BTreeSet::new();
    // `config` reads the limits of images, and comes after them in the table as in the house.
    for row in rows {
        let later: Vec<&String> = row.rooms.iter().filter(|room| !before.contains(*room)).collect();
        assert!(later.is_empty(), "{} stands before {later:?}, which it uses", row.source.display());
        before.insert(name(&row.source));
    }
}

/// Files that may name a call which gives rights out.
const GIVEN_OUT: [(&str, &[&str]); 3] =
    [("CommandLine::new", &["src/cli/mod.rs"]), ("cli::authority", &[]), ("Grants::new", &["src/identity/accounts.rs"])];

#[test]
fn rights_are_given_out_where_they_belong() {
    for (call, allowed) in GIVEN_OUT {
        let named = |file: &PathBuf| code(&std::fs::read_to_string(file).unwrap()).any(|line| line.contains(call));
        let files: Vec<PathBuf> = rust_files(Path::new("src")).into_iter().filter(named).collect();
        assert_eq!(files, allowed.iter().map(PathBuf::from).collect::<Vec<_>>(), "{call}");
    }
}

/// Modules through which errors reach clients: none of their matches may swallow a variant that comes later.
const EXHAUSTIVE: [&str; 5] = [
    "src/graphql/failure.rs",
    "src/graphql/failure/media.rs",
    "src/graphql/failure/sign_in.rs",
    "src/graphql/failure/travel.rs",
    "src/graphql/user_error.rs",
];

#[test]
fn where_errors_become_answers_every_variant_is_named() {
    for file in EXHAUSTIVE {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains("#![deny(clippy::wildcard_enum_match_arm)]"), "{file} does not ask clippy");
    }
}
