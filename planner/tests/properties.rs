//! What holds for every plan: the checker finds nothing wrong, equal seeds give equal plans, rules that do not bind change
//! nothing, and a search that is told to stop stops.

mod support;

use planner::checker::check;
use planner::explain::{Explanation, Reason};
use planner::{Bounds, Group, Options, Verdict, solve};
use proptest::prelude::*;
use support::replay::{fits_somewhere, holds_from};
use support::{Rules, random_parts, search, valid};

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_plan_passes_the_checker(seed in 0..u64::MAX, candidates in 0_usize..40, days in 1_usize..5, bits in 0_u64..128) {
        let problem = valid(random_parts(seed, candidates, days, Rules::of_bits(bits)));
        let outcome = search(&problem, seed, 300);
        prop_assert_eq!(check(&problem, &outcome.plan), []);
        prop_assert!(outcome.plan.objective.score <= planner::bound(&problem));
        // Nobody leaves to wait at the first door, and nothing happens later for it.
        for (day, planned) in outcome.plan.days.iter().enumerate() {
            if let Some(first) = planned.visits.first() {
                prop_assert_eq!((first.wait, first.arrive, planned.depart + first.travel), (0, first.start, first.start));
                let mut windows = problem.candidates()[first.candidate].windows[day].iter();
                prop_assert!(planned.depart == problem.days()[day].earliest_start || windows.any(|window| window.open == first.start));
            }
        }
    }

    #[test]
    fn roads_that_break_the_triangle_inequality_do_no_harm(seed in 0..u64::MAX, candidates in 1_usize..25, days in 1_usize..4) {
        holds_on_wild_roads(seed, candidates, days);
    }

    #[test]
    fn equal_seed_and_iterations_give_the_equal_plan(seed in 0..u64::MAX, bits in 0_u64..128) {
        let problem = valid(random_parts(seed, 20, 3, Rules::of_bits(bits)));
        let (one, other) = (search(&problem, seed, 400), search(&problem, seed, 400));
        prop_assert_eq!(one.plan, other.plan);
        prop_assert_eq!(one.iterations, other.iterations);
    }

    #[test]
    fn rules_that_do_not_bind_change_nothing(seed in 0..u64::MAX) {
        let parts = random_parts(seed, 30, 3, Rules::default());
        let plain = search(&valid(parts.clone()), 5, 500);
        let mut idle = parts;
        idle.budget = Some(u64::MAX / 2);
        idle.groups = vec![Group { per_day: Bounds { min: 0, max: Some(1_000) }, per_trip: Bounds { min: 0, max: Some(1_000) } }];
        idle.candidates.iter_mut().for_each(|candidate| candidate.groups = vec![0]);
        idle.days.iter_mut().for_each(|day| { day.max_stops = Some(1_000); day.walking_limit = Some(1_000_000); });
        let ruled = search(&valid(idle), 5, 500);
        prop_assert_eq!(plain.plan.order(), ruled.plan.order());
    }

    #[test]
    fn slack_is_what_a_stop_may_slip_and_not_a_second_more(seed in 0..u64::MAX, bits in 0_u64..128) {
        let problem = valid(random_parts(seed, 20, 2, Rules::of_bits(bits)));
        let plan = search(&problem, seed, 200).plan;
        let explanation = Explanation::new(&problem, &plan);
        for (day, order) in plan.order().iter().enumerate() {
            let slacks = explanation.slacks(day);
            prop_assert_eq!(slacks.len(), order.len());
            for (index, (visit, slack)) in plan.days[day].visits.iter().zip(slacks).enumerate() {
                prop_assert_eq!((slack.candidate, slack.latest_arrival), (visit.candidate, visit.arrive + slack.slack));
                prop_assert!(holds_from(&problem, day, &order[index..], slack.latest_arrival));
                prop_assert!(!holds_from(&problem, day, &order[index..], slack.latest_arrival + 1));
            }
        }
    }

    #[test]
    fn replacements_are_all_that_fit_and_nothing_else(seed in 0..u64::MAX, bits in 0_u64..128, wild in any::<bool>()) {
        let mut parts = random_parts(seed, 12, 2, Rules::of_bits(bits));
        if wild {
            support::wild_roads(&mut parts, seed);
        }
        let problem = valid(parts);
        let plan = search(&problem, seed, 100).plan;
        let explanation = Explanation::new(&problem, &plan);
        for (day, order) in plan.order().iter().enumerate() {
            for &stop in order {
                let mut found = explanation.replacements(stop, usize::MAX);
                found.sort_unstable();
                let fitting: Vec<usize> = (0..12)
                    .filter(|candidate| plan.day_of(*candidate).is_none())
                    .filter(|candidate| fits_somewhere(&problem, &plan, day, *candidate, Some(stop)))
                    .collect();
                // On wild roads a day may hold with the other stop and not with neither: that one is not offered.
                prop_assert!(found.iter().all(|one| fitting.contains(one)), "{found:?} of {fitting:?}");
                prop_assert!(wild || found == fitting, "{found:?}, not {fitting:?}");
            }
        }
    }

    #[test]
    fn nothing_that_would_still_fit_is_left_out(seed in 0..u64::MAX, bits in 0_u64..128) {
        leaves_out_nothing_that_fits(seed, bits);
    }

    #[test]
    fn everything_left_out_has_a_reason(seed in 0..u64::MAX, bits in 0_u64..128) {
        let problem = valid(random_parts(seed, 20, 2, Rules::of_bits(bits)));
        let plan = search(&problem, seed, 400).plan;
        let explanation = Explanation::new(&problem, &plan);
        for candidate in 0..20 {
            prop_assert_eq!(explanation.why_not(candidate).is_none(), plan.day_of(candidate).is_some());
            if explanation.why_not(candidate) == Some(Reason::LessInterest) {
                prop_assert!(!explanation.could_replace(candidate).is_empty());
            }
        }
    }
}

fn holds_on_wild_roads(seed: u64, candidates: usize, days: usize) {
    let mut parts = random_parts(seed, candidates, days, Rules::all());
    support::wild_roads(&mut parts, seed.wrapping_add(77));
    let problem = valid(parts);
    let outcome = search(&problem, seed, 300);
    assert_eq!(check(&problem, &outcome.plan), []);
    assert!(outcome.plan.objective.score <= planner::bound(&problem));
}

fn leaves_out_nothing_that_fits(seed: u64, bits: u64) {
    let problem = valid(random_parts(seed, 20, 2, Rules::of_bits(bits)));
    let plan = search(&problem, seed, 400).plan;
    for candidate in (0..20).filter(|candidate| plan.day_of(*candidate).is_none()) {
        for day in 0..2 {
            assert!(!fits_somewhere(&problem, &plan, day, candidate, None), "{candidate} fits on day {day}");
        }
    }
}

/// Found at random once: a stop left out made the way on foot longer than allowed.
#[test]
fn leaving_out_a_stop_may_lengthen_the_way() {
    holds_on_wild_roads(9_465_803_498_009_947_522, 20, 2);
}

/// Found at random once: a place overlooked in the best trial stayed out.
#[test]
fn what_a_trial_overlooks_is_put_in_at_the_end() {
    leaves_out_nothing_that_fits(9_960_896_760_461_530_726, 59);
}

#[test]
fn a_search_told_to_stop_stops_at_once_with_a_plan() {
    let problem = valid(random_parts(1, 60, 2, Rules::all()));
    let outcome = solve(&problem, &Options::default(), &mut |_| Verdict::Stop);
    assert_eq!(outcome.iterations, 0);
    assert!(outcome.plan.objective.score > 0);
    assert_eq!(check(&problem, &outcome.plan), []);
    let mut asked = 0;
    let outcome = solve(&problem, &Options::default(), &mut |_| {
        asked += 1;
        if asked > 10 { Verdict::Stop } else { Verdict::Continue(0.1) }
    });
    assert_eq!(asked, 11);
    assert!(outcome.iterations < 1_000);
}

#[test]
fn a_search_ends_when_everything_is_visited() {
    let mut parts = random_parts(1, 3, 3, Rules::default());
    for candidate in &mut parts.candidates {
        candidate.windows = vec![vec![planner::Window { open: 0, close: 200 }]; 3];
    }
    let outcome = search(&valid(parts), 1, 100_000);
    assert_eq!(outcome.plan.order().concat().len(), 3);
    assert!(outcome.iterations < 100, "{} iterations", outcome.iterations);
}

#[test]
fn nothing_to_visit_gives_an_empty_plan() {
    let problem = valid(random_parts(1, 0, 3, Rules::all()));
    let outcome = search(&problem, 1, 100);
    assert_eq!(outcome.plan.order(), [[0_usize; 0]; 3]);
    assert_eq!(check(&problem, &outcome.plan), []);
}

#[test]
fn progress_never_falls() {
    let problem = valid(random_parts(3, 60, 2, Rules::default()));
    let mut last = 0;
    solve(&problem, &Options { seed: 1, iterations: Some(2_000), ..Options::default() }, &mut |progress| {
        assert!(progress.score >= last);
        last = progress.score;
        Verdict::Continue(0.0)
    });
}
