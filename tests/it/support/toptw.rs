//! `roteiro toptw` as the benchmark calls it, the benchmark's own rules, and instances made up in its format.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;

pub fn run(instance: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_roteiro")).arg("toptw").arg("--instance").arg(instance).args(arguments).output().unwrap()
}

/// The answer to an instance.
pub fn solved(instance: &Path, arguments: &[&str]) -> Value {
    let output = run(instance, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Peak memory of a run in kibibytes, as the system counts it.
pub fn peak_memory(instance: &Path, arguments: &[&str]) -> u64 {
    let count = "import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let output = Command::new("python3")
        .args(["-c", count, env!("CARGO_BIN_EXE_roteiro"), "toptw", "--instance"])
        .arg(instance)
        .args(arguments)
        .output()
        .expect("memory is counted with `python3`");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// An instance as the benchmark's rules see it, times in ticks. Read without the reader of the product.
pub struct Rules {
    places: Vec<Vec<f64>>,
    ticks: f64,
}

impl Rules {
    /// Of a file, with so many ticks a unit of time.
    pub fn of(text: &str, ticks: f64) -> Self {
        let numbers = |line: &str| line.split_whitespace().map(|number| number.parse().unwrap()).collect();
        Self { places: text.lines().skip(2).filter(|line| !line.trim().is_empty()).map(numbers).collect(), ticks }
    }

    /// Places without the start.
    pub fn places(&self) -> usize {
        self.places.len() - 1
    }

    /// Travel time, rounded down.
    pub fn travel(&self, from: usize, to: usize) -> f64 {
        let (from, to) = (&self.places[from], &self.places[to]);
        ((from[1] - to[1]).hypot(from[2] - to[2]) * self.ticks + 1e-9).floor()
    }

    pub fn duration(&self, place: usize) -> f64 {
        self.places[place][3] * self.ticks
    }

    pub fn score(&self, place: usize) -> u64 {
        self.places[place][4] as u64
    }

    /// When a visit may start.
    pub fn window(&self, place: usize) -> (f64, f64) {
        let numbers = &self.places[place];
        (numbers[numbers.len() - 2] * self.ticks, numbers[numbers.len() - 1] * self.ticks)
    }

    /// Score of these tours; panics where they break a rule.
    pub fn score_of(&self, tours: &Value) -> u64 {
        let (mut sum, mut seen) = (0, BTreeSet::new());
        for tour in tours.as_array().unwrap() {
            let (mut now, mut at) = (self.window(0).0, 0);
            for place in tour.as_array().unwrap() {
                let place = place.as_u64().unwrap() as usize;
                assert!(place > 0 && seen.insert(place), "{place} twice");
                let (opens, closes) = self.window(place);
                now = (now + self.travel(at, place)).max(opens);
                assert!(now <= closes, "{place} too late");
                now += self.duration(place);
                sum += self.score(place);
                at = place;
            }
            assert!(now + self.travel(at, 0) <= self.window(0).1, "home too late");
        }
        sum
    }
}

/// What an instance looks like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub places: usize,
    /// Places stand in groups instead of anywhere.
    pub clustered: bool,
    /// Length of the windows in units of a day of 1,000.
    pub window: u32,
}

/// An instance made by chance, always the same for a seed.
pub fn made_up(shape: Shape, seed: u64) -> String {
    let mut random = StdRng::seed_from_u64(seed);
    let centres: Vec<(f64, f64)> = (0..5).map(|_| (random.random_range(10.0..90.0), random.random_range(10.0..90.0))).collect();
    let mut text = format!("4 3 {} 1\n0 1000\n0 50.00 50.00 0.00 0.00 0 0 0 1000\n", shape.places);
    for place in 1..=shape.places {
        let (x, y) = if shape.clustered {
            let (x, y) = centres[place % centres.len()];
            (x + random.random_range(-6.0..6.0), y + random.random_range(-6.0..6.0))
        } else {
            (random.random_range(0.0..100.0), random.random_range(0.0..100.0))
        };
        let opens = random.random_range(0..1_000 - shape.window);
        let (duration, score) = (random.random_range(10..90), random.random_range(1..50));
        writeln!(text, "{place} {x:.2} {y:.2} {duration}.00 {score}.00 1 1 1 {opens} {}", opens + shape.window).unwrap();
    }
    text
}

/// The instance as a file of this folder.
pub fn file(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("instance.txt");
    std::fs::write(&path, text).unwrap();
    path
}
