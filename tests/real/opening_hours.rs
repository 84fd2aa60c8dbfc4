//! Opening hours as people wrote them into OpenStreetMap.

use crate::files;
use crate::support::hours_comparison::compare;

/// Lines of the file with values against the specification's grammar that `opening_hours.js` reads by guessing what was
/// meant: rules without a separator, hours without minutes, dots for colons, English day names. We answer unknown instead.
/// The table may only shrink.
const UNREAD: &[usize] = &[180, 188, 194, 371, 429, 430, 577];

#[test]
fn every_real_value_agrees_with_the_reference_implementation_all_year() {
    let text = files::text("opening-hours/osm_values.txt");
    let values: Vec<_> = text.lines().map(|line| line.split_once('\t').expect("count and value").1.to_owned()).collect();
    let comparison = compare(&values);
    assert!(comparison.instants > 9_000_000, "only {} answers were compared", comparison.instants);
    let unread = comparison.unread.iter().map(|value| 1 + values.iter().position(|other| other == value).unwrap());
    assert_eq!(unread.collect::<Vec<_>>(), UNREAD, "values that only the reference reads: {:#?}", comparison.unread);
    assert_eq!(comparison.unjudged.len(), 1, "only `SH off` is without an oracle: {:#?}", comparison.unjudged);
    assert!(comparison.different.is_empty(), "{:#?}", comparison.different);
}
