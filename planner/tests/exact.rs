//! On small problems the search finds exactly what trying everything finds, with each rule alone and with all together,
//! and never less when something is relaxed.

mod support;

use planner::checker::check;
use planner::{Objective, Parts, Problem};
use support::{Rules, enumerator, random_parts, search, valid};

const ITERATIONS: u64 = 6_000;

fn found(problem: &Problem) -> Objective {
    let outcome = search(problem, 1, ITERATIONS);
    assert_eq!(check(problem, &outcome.plan), []);
    outcome.plan.objective
}

fn expect_exact(seed: u64, candidates: usize, days: usize, rules: Rules) {
    let problem = valid(random_parts(seed, candidates, days, rules));
    let best = enumerator::best(&problem);
    assert!(best.score <= planner::bound(&problem), "seed {seed}: {best:?} is above the bound {}", planner::bound(&problem));
    assert_eq!(found(&problem), best, "seed {seed}, {candidates} candidates, {days} days, {rules:?}");
}

#[test]
fn without_rules() {
    for seed in 0..60 {
        expect_exact(seed, 6 + seed as usize % 5, 1 + seed as usize % 2, Rules::default());
    }
}

#[test]
fn with_each_rule_alone() {
    for rule in 0..7 {
        for seed in 0..25 {
            expect_exact(1_000 + seed, 7 + seed as usize % 3, 1 + seed as usize % 2, Rules::of_bits(1 << rule));
        }
    }
}

#[test]
fn with_all_combinations_of_rules() {
    for bits in 0..128 {
        expect_exact(2_000 + bits, 8, 2, Rules::of_bits(bits));
    }
}

/// There and back are two ways, and to some places there is none.
#[test]
fn on_one_way_streets() {
    for seed in 0..64 {
        let mut parts = random_parts(9_000 + seed, 7, 1 + seed as usize % 2, Rules::of_bits(2 * seed));
        support::one_way_streets(&mut parts, seed);
        let problem = valid(parts);
        assert_eq!(found(&problem), enumerator::best(&problem), "seed {seed}");
    }
}

#[test]
fn with_twelve_candidates() {
    for seed in 0..6 {
        expect_exact(3_000 + seed, 12, 2, Rules::all());
        expect_exact(3_100 + seed, 12, 2, Rules::default());
    }
}

/// What each relaxation changes.
type Relaxation = (&'static str, fn(&mut Parts));

const RELAXATIONS: &[Relaxation] = &[
    ("wider windows", |parts| {
        for window in parts.candidates.iter_mut().flat_map(|candidate| &mut candidate.windows).filter_map(|windows| windows.last_mut()) {
            window.close += 60;
        }
    }),
    ("longer days", |parts| parts.days.iter_mut().for_each(|day| day.latest_end += 60)),
    ("another day", |parts| {
        let day = parts.days[0].clone();
        parts.days.push(day);
        for candidate in &mut parts.candidates {
            let windows = candidate.windows[0].clone();
            candidate.windows.push(windows);
        }
        // One more day must bring no more wishes, or the sums of wishes met were of different things.
        parts.groups.iter_mut().for_each(|group| group.per_day.min = 0);
    }),
    ("no caps", |parts| {
        for group in &mut parts.groups {
            group.per_day.max = None;
            group.per_trip.max = None;
        }
    }),
    ("more budget", |parts| parts.budget = parts.budget.map(|budget| budget + 40)),
    ("more walking", |parts| parts.days.iter_mut().for_each(|day| day.walking_limit = day.walking_limit.map(|limit| limit + 800))),
    ("more stops", |parts| parts.days.iter_mut().for_each(|day| day.max_stops = day.max_stops.map(|most| most + 1))),
    ("another window", |parts| {
        for windows in parts.candidates.iter_mut().flat_map(|candidate| &mut candidate.windows) {
            let open = windows.last().map_or(0, |last| last.close + 5);
            windows.push(planner::Window { open, close: open + 60 });
        }
    }),
    ("a faster mode", |parts| {
        for (slow, fast) in parts.modes[0].seconds.clone().into_iter().zip(&mut parts.modes[1].seconds) {
            *fast = (*fast).min(slow);
        }
        parts.days.iter_mut().for_each(|day| day.mode = 1);
    }),
    ("shorter visits", |parts| parts.candidates.iter_mut().for_each(|candidate| candidate.duration /= 2)),
];

#[test]
fn relaxing_never_lowers() {
    for seed in 0..40 {
        for (name, relax) in RELAXATIONS {
            let mut parts = random_parts(4_000 + seed, 7, 1 + seed as usize % 2, Rules::all());
            if *name == "another day" {
                parts.groups.iter_mut().for_each(|group| group.per_day.min = 0);
            }
            let before = found(&valid(parts.clone()));
            relax(&mut parts);
            let after = found(&valid(parts));
            assert!(after >= before, "seed {seed}: {name} makes {before:?} {after:?}");
        }
    }
}

/// Who insists on nothing, or wants no least number, sees at least as much that is of interest.
/// What makes a problem wider.
type Relax = fn(&mut Parts);

#[test]
fn fewer_wishes_never_lower_the_interest() {
    let insisted = Rules { wishes: false, ..Rules::all() };
    let wanted = Rules { mandatory: false, ..Rules::all() };
    let relaxations: [(&str, Rules, Relax); 2] = [
        ("nothing insisted on", insisted, |parts| parts.candidates.iter_mut().for_each(|candidate| candidate.mandatory = false)),
        ("no least numbers", wanted, |parts| {
            parts.groups.iter_mut().for_each(|group| (group.per_day.min, group.per_trip.min) = (0, 0));
        }),
    ];
    for (name, rules, relax) in relaxations {
        let mut is_felt = false;
        for seed in 0..60 {
            let mut parts = random_parts(8_000 + seed, 7, 1 + seed as usize % 2, rules);
            let before = found(&valid(parts.clone()));
            relax(&mut parts);
            let after = found(&valid(parts));
            assert!(after.score >= before.score, "seed {seed}: {name} makes {before:?} {after:?}");
            is_felt |= after.score > before.score;
        }
        assert!(is_felt, "{name} is never felt: the rule is not at work");
    }
}

#[test]
fn every_relaxation_helps_somewhere() {
    for (name, relax) in RELAXATIONS {
        let helps = (0..60).any(|seed| {
            let mut parts = random_parts(5_000 + seed, 7, 1, Rules::all());
            if *name == "another day" {
                parts.groups.iter_mut().for_each(|group| group.per_day.min = 0);
            }
            let before = enumerator::best(&valid(parts.clone()));
            relax(&mut parts);
            enumerator::best(&valid(parts)) > before
        });
        assert!(helps, "{name} is never felt: the rule is not at work");
    }
}

/// The bound is near where little is let go, and follows every rule it knows of.
#[test]
fn the_bound_is_worth_something() {
    let (mut bounds, mut bests, mut met) = (0, 0, 0);
    for seed in 0..60 {
        let problem = valid(random_parts(6_000 + seed, 9, 1 + seed as usize % 2, Rules::default()));
        let (bound, best) = (planner::bound(&problem), enumerator::best(&problem).score);
        bounds += bound;
        bests += best;
        met += u32::from(bound == best);
    }
    assert!(bounds * 100 <= bests * 135, "{bounds} is far above {bests}");
    assert!(met >= 3, "met {met} times of 60");
    for (name, tighten) in [
        ("less budget", (|parts| parts.budget = Some(40)) as fn(&mut Parts)),
        ("fewer stops", |parts| parts.days.iter_mut().for_each(|day| day.max_stops = Some(1))),
        ("shorter days", |parts| parts.days.iter_mut().for_each(|day| day.latest_end -= 150)),
        ("no windows", |parts| parts.candidates[..5].iter_mut().for_each(|candidate| candidate.windows[0].clear())),
    ] {
        let mut parts = random_parts(7_000, 9, 1, Rules::default());
        let before = planner::bound(&valid(parts.clone()));
        tighten(&mut parts);
        assert!(planner::bound(&valid(parts)) < before, "{name} is not felt");
    }
}
