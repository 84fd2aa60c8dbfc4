//! The table: a row a fault, with what must hold of it.

use std::fmt::{Display, Formatter, Result};
use std::time::Duration;

use super::ledger::Tally;

/// How soon a publish must be seen by all again.
pub const SOON: Duration = Duration::from_secs(5);

/// What a fault did.
pub struct Row {
    pub name: String,
    pub reads: usize,
    pub failed: Vec<String>,
    pub tally: Tally,
    /// From the end of the fault until a publish was seen by all; the longest, where it was measured during the fault too.
    pub seen: Duration,
    /// Resident memory of the largest process, in MiB.
    pub before: u64,
    pub after: u64,
    /// What it may be afterwards.
    pub memory_bound: u64,
    /// What else should have held.
    pub broken: Vec<String>,
}

impl Row {
    /// Some write was not acknowledged: else nothing was broken, and nothing shown.
    pub fn must_bite(mut self) -> Self {
        if self.tally.refused + self.tally.unknown == 0 {
            self.broken.push(format!("{}: every write was acknowledged, so nothing was broken", self.name));
        }
        self
    }

    /// Everything that did not hold; nothing, if all is well.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = self.broken.clone();
        let mut note = |what: &str, which: &[String]| {
            if let Some(first) = which.first() {
                faults.push(format!("{}: {what}, {} times; the first: {first}", self.name, which.len()));
            }
        };
        note("a public read failed", &self.failed);
        note("an acknowledged write is lost", &self.tally.lost);
        note("something is there twice", &self.tally.twice);
        note("something odd", &self.tally.odd);
        if self.reads == 0 || self.tally.acknowledged == 0 {
            faults.push(format!("{}: nothing was read or written, so nothing was shown", self.name));
        }
        if self.seen > SOON {
            faults.push(format!("{}: a publish was seen after {:.1} s", self.name, self.seen.as_secs_f64()));
        }
        if self.after > self.memory_bound {
            faults.push(format!("{}: memory grew from {} to {} MiB, past {}", self.name, self.before, self.after, self.memory_bound));
        }
        faults
    }
}

/// The heading of the table.
pub const HEADING: &str = "\
fault                             reads  failed  acknow-  un-    re-            lost  twice  seen   memory MiB
                                                 ledged   known  fused  found               again  before  after";

impl Display for Row {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let Tally { acknowledged, unknown, refused, found, lost, twice, .. } = &self.tally;
        write!(
            formatter,
            "{:<32} {:>6} {:>7} {acknowledged:>8} {unknown:>6} {refused:>6} {found:>6} {:>5} {:>6} {:>5.2} {:>7} {:>6}",
            self.name,
            self.reads,
            self.failed.len(),
            lost.len(),
            twice.len(),
            self.seen.as_secs_f64(),
            self.before,
            self.after,
        )
    }
}
