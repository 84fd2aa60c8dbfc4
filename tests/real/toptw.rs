//! `roteiro toptw` on instances of the benchmark.

use crate::files;
use crate::support::toptw::{Rules, peak_memory, solved};

/// The score of an instance, of which the rules were kept.
fn score(name: &str, decimals: &str, tours: &str) -> u64 {
    let arguments = ["--decimals", decimals, "--tours", tours, "--time-limit", "20", "--seed", "1", "--iterations", "20000"];
    let answer = solved(&files::path(name), &arguments);
    assert!(answer["tours"].as_array().unwrap().len() <= tours.parse::<usize>().unwrap());
    let ticks = if decimals == "1" { 10.0 } else { 100.0 };
    let score = Rules::of(&files::text(name), ticks).score_of(&answer["tours"]);
    assert_eq!(answer["score"].as_u64(), Some(score), "{name}");
    score
}

#[test]
fn tours_are_feasible_and_close_to_the_best_known() {
    for (name, decimals, tours, at_least) in [
        ("toptw/instances/c101.txt", "1", "2", 590),
        ("toptw/instances/pr01.txt", "2", "1", 300),
        ("toptw/instances/r201.txt", "1", "1", 780),
    ] {
        let score = score(name, decimals, tours);
        assert!(score >= at_least, "{name}: {score}");
    }
}

#[test]
fn equal_seed_and_iterations_give_equal_tours() {
    let instance = files::path("toptw/instances/rc104.txt");
    let arguments = ["--decimals", "1", "--tours", "3", "--time-limit", "30", "--seed", "7", "--iterations", "3000"];
    assert_eq!(solved(&instance, &arguments)["tours"], solved(&instance, &arguments)["tours"]);
}

/// The largest takes less than 100 MB, as the system counts them.
#[test]
fn memory_is_bounded() {
    let arguments = ["--decimals", "2", "--tours", "4", "--time-limit", "60", "--seed", "1", "--iterations", "3000"];
    let kibibytes = peak_memory(&files::path("toptw/instances/pr10.txt"), &arguments);
    assert!(kibibytes > 1_000 && kibibytes * 1_024 < 100_000_000, "{kibibytes} KiB");
}
