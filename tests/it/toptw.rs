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

/// A day of the benchmark as a day of a trip: its ends as hours of a day on which nothing else is asked for.
fn as_a_trip(instance: &roteiro::toptw::Instance, tours: usize) -> planner::Problem {
    use roteiro::domain::category::{CategoryKey, CategoryTree};
    use roteiro::domain::geo::Position;
    use roteiro::domain::ids::RecordId;
    use roteiro::travel::{Confidence, Matrix};
    use roteiro::trips::plan::answer::Subject;
    use roteiro::trips::plan::candidates::{Candidates, Choice};
    use roteiro::trips::plan::hours::DaySpan;
    use roteiro::trips::plan::request::{Pace, PlanRequest};
    use roteiro::trips::plan::solve::pose;

    let mut request = PlanRequest { pace: Pace::Intense, ..crate::trips::in_process::request("cuiaba", 1) };
    request.days = vec![request.days[0].clone(); tours];
    let home = instance.places[0];
    let origin = chrono::DateTime::UNIX_EPOCH;
    let at = |tick: u32| origin + chrono::Duration::seconds(i64::from(tick));
    let day = DaySpan { date: origin.date_naive(), zone: chrono_tz::UTC, origin, begin: at(home.open), end: at(home.close) };
    let options = instance.places.iter().enumerate().skip(1).map(|(number, place)| Choice {
        subject: Subject::PointOfInterest(RecordId(uuid::Uuid::from_u128(number as u128))),
        position: Position::new(0.0, 0.0).unwrap(),
        category: CategoryKey(0),
        seconds: place.duration,
        rest: 0,
        score: place.score,
        cents: 0,
        must_see: false,
        is_lunch: false,
        windows: vec![vec![planner::Window { open: place.open, close: place.close }]; tours],
        assumed_hours: vec![false; tours],
        routes: 0,
        warnings: Vec::new(),
    });
    let candidates = Candidates { options: options.collect(), ..Candidates::default() };
    // Start and end of each tour, then the places.
    let points: Vec<usize> = std::iter::repeat_n(0, 2 * tours).chain(1..instance.places.len()).collect();
    let seconds = points.iter().flat_map(|from| points.iter().map(|to| instance.travel(*from, *to))).collect::<Vec<_>>();
    let matrix = Matrix { metres: vec![0; seconds.len()], seconds, confidence: Confidence::Estimated };
    pose(&request, &vec![day; tours], &candidates, &CategoryTree::default(), vec![matrix]).unwrap().problem
}

/// A trip with all extensions idle is posed and searched as the command does it, and is worth what the command says.
#[test]
fn trips_are_searched_as_the_command_searches() {
    use roteiro::toptw::{Decimals, Instance};
    use roteiro::trips::plan::solve::{iterations, search};

    for (name, tours) in [("c101.txt", 2), ("r201.txt", 1), ("rc101.txt", 3)] {
        let text = std::fs::read_to_string(Path::new(INSTANCES).join(name)).unwrap();
        let posed = as_a_trip(&Instance::read(&text, Decimals::One).unwrap(), tours);
        for seed in [1, 7] {
            let (outcome, cut_short) = search(&posed, seed, &|| true);
            assert!(!cut_short);
            let (tours, seed, count) = (tours.to_string(), seed.to_string(), iterations(&posed).to_string());
            let arguments = ["--decimals", "1", "--tours", &tours, "--time-limit", "100", "--seed", &seed, "--iterations", &count];
            let answer = solved(name, &arguments);
            assert_eq!(answer["score"].as_u64(), Some(outcome.plan.objective.score), "{name}, {tours} tours, seed {seed}");
            let visits = outcome.plan.order().into_iter().map(|tour| tour.into_iter().map(|visit| visit + 1).collect::<Vec<_>>());
            assert_eq!(answer["tours"], serde_json::json!(visits.collect::<Vec<_>>()));
            assert_eq!(answer["iterations"].as_u64(), Some(outcome.iterations));
        }
    }
}

/// A search nobody wants any more ends before its first iteration, and still has a plan.
#[test]
fn an_unwanted_search_ends_at_once() {
    use roteiro::toptw::{Decimals, Instance};

    let text = std::fs::read_to_string(Path::new(INSTANCES).join("c101.txt")).unwrap();
    let posed = as_a_trip(&Instance::read(&text, Decimals::One).unwrap(), 2);
    let (outcome, cut_short) = roteiro::trips::plan::solve::search(&posed, 1, &|| false);
    assert!(cut_short);
    assert_eq!(outcome.iterations, 0);
    assert!(outcome.plan.objective.score > 0);
}

/// One JSON object with these four members and a line's end, and nothing else.
#[test]
fn nothing_but_the_answer_is_printed() {
    let arguments = ["--decimals", "1", "--tours", "1", "--time-limit", "30", "--seed", "1", "--iterations", "50"];
    let output = run(&Path::new(INSTANCES).join("c101.txt"), &arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    let answer: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(answer.keys().collect::<Vec<_>>(), ["elapsed_ms", "iterations", "score", "tours"]);
    assert!(output.stderr.is_empty());
    // Another number for a place, the same places: a name or a number of the file decides nothing.
    let places = std::fs::read_to_string(Path::new(INSTANCES).join("c101.txt")).unwrap();
    let lines: Vec<&str> = places.lines().filter(|line| !line.trim().is_empty()).collect();
    let others = lines[3..].iter().rev().enumerate().map(|(number, line)| {
        let rest = line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ");
        format!("{} {rest}", number + 1)
    });
    let relabelled = [lines[..3].join("\n"), others.collect::<Vec<_>>().join("\n")].join("\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("anything.txt");
    std::fs::write(&path, relabelled).unwrap();
    let arguments = ["--decimals", "1", "--tours", "1", "--time-limit", "100", "--seed", "1", "--iterations", "20000"];
    let output = run(&path, &arguments);
    let same: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(same["score"], solved("c101.txt", &arguments)["score"]);
}

/// The largest instance takes less than 100 MB, as the system counts them.
#[test]
fn memory_is_bounded() {
    let count = "import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let instance = Path::new(INSTANCES).join("pr10.txt");
    let arguments = ["--decimals", "2", "--tours", "4", "--time-limit", "60", "--seed", "1", "--iterations", "3000"];
    let output = Command::new("python3")
        .args(["-c", count, env!("CARGO_BIN_EXE_roteiro"), "toptw", "--instance"])
        .arg(instance)
        .args(arguments)
        .output()
        .expect("memory is counted with `python3`");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let kibibytes: u64 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    assert!(kibibytes > 1_000 && kibibytes * 1_024 < 100_000_000, "{kibibytes} KiB");
}
