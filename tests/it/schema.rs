//! The contract as a file, and its codes.

use std::collections::BTreeSet;

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
