//! The best score of a small instance, by dynamic programming over sets of places (Held and Karp, 1962). It shares no code
//! with the search.

use crate::support::toptw::Rules;

/// For up to a dozen places.
pub fn best(rules: &Rules, tours: usize) -> u64 {
    let possible = possible_sets(rules);
    let sets = possible.len();
    let score = |set: usize| (0..rules.places()).filter(|place| set & (1 << place) != 0).map(|place| rules.score(place + 1)).sum::<u64>();
    // Best score of tours within a set, one tour more each time.
    let mut within = vec![0; sets];
    for _ in 0..tours {
        within = (0..sets)
            .map(|set| subsets(set).filter(|tour| possible[*tour]).map(|tour| score(tour) + within[set & !tour]).max().unwrap_or(0))
            .collect();
    }
    within[sets - 1]
}

/// Whether some order makes the set a tour.
fn possible_sets(rules: &Rules) -> Vec<bool> {
    let places = rules.places();
    // The earliest departure from a place after a set, the place in it.
    let mut departure = vec![vec![f64::INFINITY; places]; 1 << places];
    let mut possible = vec![false; 1 << places];
    possible[0] = true;
    let (begin, end) = rules.window(0);
    for set in 1..1_usize << places {
        for last in (0..places).filter(|last| set & (1 << last) != 0) {
            let before = set & !(1 << last);
            let (opens, closes) = rules.window(last + 1);
            let arrival = if before == 0 {
                begin + rules.travel(0, last + 1)
            } else {
                (0..places).map(|other| departure[before][other] + rules.travel(other + 1, last + 1)).fold(f64::INFINITY, f64::min)
            };
            if arrival <= closes {
                departure[set][last] = arrival.max(opens) + rules.duration(last + 1);
                possible[set] |= departure[set][last] + rules.travel(last + 1, 0) <= end;
            }
        }
    }
    possible
}

fn subsets(set: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(set), move |subset| (*subset > 0).then(|| (subset - 1) & set))
}
