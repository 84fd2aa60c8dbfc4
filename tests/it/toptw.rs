//! `roteiro toptw` as the benchmark calls it, its answers verified by the benchmark's own rules.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

const INSTANCES: &str = "../shared/data/toptw/instances";

fn run(instance: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_roteiro")).arg("toptw").arg("--instance").arg(instance).args(arguments).output().unwrap()
}

fn solved(name: &str, arguments: &[&str]) -> Value {
    let output = run(&Path::new(INSTANCES).join(name), arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Score of the tours by the rules of the benchmark, in tenths or hundredths; panics where they are broken.
fn score(name: &str, scale: f64, tours: &Value) -> u64 {
    let text = std::fs::read_to_string(Path::new(INSTANCES).join(name)).unwrap();
    let places: Vec<Vec<f64>> = text
        .lines()
        .skip(2)
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.split_whitespace().map(|number| number.parse().unwrap()).collect())
        .collect();
    let travel = |from: &[f64], to: &[f64]| ((from[1] - to[1]).hypot(from[2] - to[2]) * scale + 1e-9).floor();
    let (mut sum, mut seen) = (0.0, std::collections::BTreeSet::new());
    for tour in tours.as_array().unwrap() {
        let (mut now, mut at) = (places[0][places[0].len() - 2] * scale, &places[0]);
        for place in tour.as_array().unwrap() {
            let number = place.as_u64().unwrap() as usize;
            assert!(number > 0 && seen.insert(number), "{number} twice");
            let next = &places[number];
            let (opens, closes) = (next[next.len() - 2] * scale, next[next.len() - 1] * scale);
            now = (now + travel(at, next)).max(opens);
            assert!(now <= closes, "{number} too late");
            now += next[3] * scale;
            sum += next[4];
            at = next;
        }
        assert!(now + travel(at, &places[0]) <= places[0][places[0].len() - 1] * scale, "home too late");
    }
    sum as u64
}

#[test]
fn tours_are_feasible_and_as_good_as_they_say() {
    for (name, decimals, scale, tours, at_least) in
        [("c101.txt", "1", 10.0, "2", 590), ("pr01.txt", "2", 100.0, "1", 300), ("r201.txt", "1", 10.0, "1", 780)]
    {
        let answer =
            solved(name, &["--decimals", decimals, "--tours", tours, "--time-limit", "20", "--seed", "1", "--iterations", "20000"]);
        assert!(answer["tours"].as_array().unwrap().len() <= tours.parse::<usize>().unwrap());
        assert_eq!(answer["score"].as_u64(), Some(score(name, scale, &answer["tours"])), "{name}");
        assert!(answer["score"].as_u64().unwrap() >= at_least, "{name}: {answer}");
    }
}

#[test]
fn equal_seed_and_iterations_give_equal_tours() {
    let arguments = ["--decimals", "1", "--tours", "3", "--time-limit", "30", "--seed", "7", "--iterations", "3000"];
    assert_eq!(solved("rc104.txt", &arguments)["tours"], solved("rc104.txt", &arguments)["tours"]);
}

#[test]
fn the_time_limit_is_kept_and_an_answer_is_there_at_once() {
    let begun = Instant::now();
    let answer = solved("pr10.txt", &["--decimals", "2", "--tours", "4", "--time-limit", "0.05", "--seed", "1"]);
    assert!(answer["score"].as_u64().unwrap() > 0);
    assert!(answer["elapsed_ms"].as_u64().unwrap() <= 2_000 && begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn bad_files_end_with_status_2_and_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let good = std::fs::read_to_string(Path::new(INSTANCES).join("c101.txt")).unwrap();
    let file = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let half = &good[..good.len() / 2];
    let arguments = ["--decimals", "1", "--tours", "1", "--time-limit", "1", "--seed", "1"];
    for path in [
        file("half.txt", half),
        file("text.txt", &good.replacen("30.00", "thirty", 1)),
        file("empty.txt", ""),
        folder.path().join("none.txt"),
    ] {
        let output = run(&path, &arguments);
        assert_eq!(output.status.code(), Some(2), "{}", path.display());
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{}", path.display());
    }
    let output = run(&file("good.txt", &good), &["--decimals", "1", "--tours", "1", "--time-limit", "-1", "--seed", "1"]);
    assert_eq!(output.status.code(), Some(2));
}

/// The search behind `tripPlan`, over a problem in which no rule beyond the benchmark's is at work, is the command's.
#[test]
fn trips_are_searched_as_the_command_searches() {
    use roteiro::toptw::{Decimals, Instance, problem};
    use roteiro::trips::plan::solve::{iterations, search};

    for (name, tours) in [("c101.txt", 2), ("r201.txt", 1), ("rc101.txt", 3)] {
        let text = std::fs::read_to_string(Path::new(INSTANCES).join(name)).unwrap();
        let posed = problem(&Instance::read(&text, Decimals::One).unwrap(), tours).unwrap();
        for seed in [1, 7] {
            let (outcome, cut_short) = search(&posed, seed, &|| true);
            assert!(!cut_short);
            let (tours, seed, count) = (tours.to_string(), seed.to_string(), iterations(&posed).to_string());
            let arguments = ["--decimals", "1", "--tours", &tours, "--time-limit", "100", "--seed", &seed, "--iterations", &count];
            let answer = solved(name, &arguments);
            assert_eq!(answer["score"].as_u64(), Some(outcome.plan.objective.score), "{name}, {tours} tours, seed {seed}");
            assert_eq!(answer["iterations"].as_u64(), Some(outcome.iterations));
        }
    }
}
