//! What the tests share: random small problems from a seed, a short run of the search, and an exact enumerator.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod enumerator;
pub mod replay;

use planner::{Bounds, Candidate, Day, Group, Options, Outcome, Parts, Problem, TravelMatrix, Verdict, Window};

/// Numbers for problems; nothing to do with the generator of the search.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    }

    pub fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (((self.0 >> 33) * u64::from(bound)) >> 31) as u32
    }

    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }
}

/// Which rules a random problem has.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each rule is there or not, in every combination")]
pub struct Rules {
    pub several_windows: bool,
    pub mandatory: bool,
    pub caps: bool,
    pub wishes: bool,
    pub budget: bool,
    pub walking: bool,
    pub stops: bool,
}

impl Rules {
    pub fn all() -> Self {
        Self { several_windows: true, mandatory: true, caps: true, wishes: true, budget: true, walking: true, stops: true }
    }

    /// The rules whose bit is set.
    pub fn of_bits(bits: u64) -> Self {
        let bit = |index: u64| bits & (1 << index) != 0;
        Self { several_windows: bit(0), mandatory: bit(1), caps: bit(2), wishes: bit(3), budget: bit(4), walking: bit(5), stops: bit(6) }
    }
}

/// A matrix of ways in the plane, rounded up so that no way round is shorter.
pub fn plane(positions: &[(u32, u32)], speed: f64, on_foot: bool) -> TravelMatrix {
    let way = |(from, to): (&(u32, u32), &(u32, u32))| {
        let (dx, dy) = (f64::from(from.0) - f64::from(to.0), f64::from(from.1) - f64::from(to.1));
        dx.hypot(dy)
    };
    let pairs = || positions.iter().flat_map(|from| positions.iter().map(move |to| (from, to)));
    TravelMatrix {
        points: positions.len(),
        seconds: pairs().map(|pair| (way(pair) / speed).ceil() as u32).collect(),
        metres: pairs().map(|pair| (way(pair) * 10.0).ceil() as u32).collect(),
        on_foot,
    }
}

/// A random problem: candidates in a square, days of a few visits each.
pub fn random_parts(seed: u64, candidates: usize, days: usize, rules: Rules) -> Parts {
    let mut numbers = Numbers::new(seed);
    let points = candidates + 2;
    let positions: Vec<(u32, u32)> = (0..points).map(|_| (numbers.below(100), numbers.below(100))).collect();
    let modes = vec![plane(&positions, 1.0, true), plane(&positions, 3.0, false)];
    let all_days = (0..days)
        .map(|_| Day {
            start_point: candidates,
            end_point: candidates + numbers.below(2) as usize,
            earliest_start: numbers.below(50),
            latest_end: 0,
            mode: usize::from(numbers.chance(30)),
            walking_limit: (rules.walking && numbers.chance(80)).then(|| numbers.between(1_500, 3_000)),
            max_stops: (rules.stops && numbers.chance(80)).then(|| numbers.between(1, 4)),
        })
        .map(|day| Day { latest_end: day.earliest_start + 300, ..day })
        .collect();
    let groups = 3;
    let list = (0..candidates)
        .map(|point| Candidate {
            point,
            duration: numbers.between(5, 50),
            score: numbers.between(1, 60),
            cost: u64::from(numbers.below(40)),
            mandatory: rules.mandatory && numbers.chance(25),
            windows: (0..days).map(|_| windows(&mut numbers, rules.several_windows)).collect(),
            groups: if rules.caps || rules.wishes { (0..groups).filter(|_| numbers.chance(35)).collect() } else { Vec::new() },
        })
        .collect();
    let groups = if rules.caps || rules.wishes { (0..groups).map(|_| group(&mut numbers, rules)).collect() } else { Vec::new() };
    Parts { days: all_days, candidates: list, groups, modes, budget: rules.budget.then(|| u64::from(numbers.between(30, 120))) }
}

/// Makes all ways any length, and some impossible.
pub fn wild_roads(parts: &mut Parts, seed: u64) {
    let mut numbers = Numbers::new(seed);
    for mode in &mut parts.modes {
        for seconds in &mut mode.seconds {
            *seconds = if numbers.chance(5) { planner::NO_WAY } else { numbers.below(90) };
        }
        mode.metres.iter_mut().for_each(|metres| *metres = numbers.below(900));
    }
}

/// Makes all ways the shortest ones over streets of which most are missing and none is as long as the one back.
pub fn one_way_streets(parts: &mut Parts, seed: u64) {
    let mut numbers = Numbers::new(seed);
    for mode in &mut parts.modes {
        let points = mode.points;
        for (cell, seconds) in mode.seconds.iter_mut().enumerate() {
            let is_missing = cell / points != cell % points && numbers.chance(60);
            *seconds = if is_missing { planner::NO_WAY } else { numbers.between(5, 60) * u32::from(cell / points != cell % points) };
        }
        for over in 0..points {
            for (from, to) in (0..points).flat_map(|from| (0..points).map(move |to| (from, to))) {
                let (first, second) = (mode.seconds[from * points + over], mode.seconds[over * points + to]);
                if first != planner::NO_WAY && second != planner::NO_WAY {
                    let cell = &mut mode.seconds[from * points + to];
                    *cell = (*cell).min(first + second);
                }
            }
        }
        let metres = |seconds: &u32| if *seconds == planner::NO_WAY { 0 } else { seconds * 10 };
        mode.metres = mode.seconds.iter().map(metres).collect();
    }
}

fn windows(numbers: &mut Numbers, several: bool) -> Vec<Window> {
    if numbers.chance(10) {
        return Vec::new();
    }
    let open = numbers.below(150);
    let first = Window { open, close: open + numbers.between(20, 150) };
    if several && numbers.chance(50) {
        let open = first.close + numbers.between(1, 60);
        return vec![first, Window { open, close: open + numbers.between(10, 80) }];
    }
    vec![first]
}

fn group(numbers: &mut Numbers, rules: Rules) -> Group {
    let mut bounds = |min_percent: u32, max_percent: u32| {
        let min = if rules.wishes && numbers.chance(min_percent) { numbers.between(1, 2) } else { 0 };
        let max = (rules.caps && numbers.chance(max_percent)).then(|| min.max(numbers.between(1, 3)));
        Bounds { min, max }
    };
    Group { per_day: bounds(40, 50), per_trip: bounds(40, 50) }
}

/// The problem, which must be valid.
pub fn valid(parts: Parts) -> Problem {
    match Problem::new(parts) {
        Ok(problem) => problem,
        Err(error) => panic!("a problem of a test is refused: {error}"),
    }
}

/// Searches for so many iterations.
pub fn search(problem: &Problem, seed: u64, iterations: u64) -> Outcome {
    planner::solve(problem, &Options { seed, iterations: Some(iterations), ..Options::default() }, &mut |_| Verdict::Continue(0.0))
}
