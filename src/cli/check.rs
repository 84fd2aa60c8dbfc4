//! `roteiro check`: what is wrong in the store, a line each.

use std::process::ExitCode;

use super::Outcome;
use crate::catalogue::reference::Tables;
use crate::catalogue::snapshot::Snapshot;
use crate::config::{Settings, StoreOptions};
use crate::domain::boundary::Boundaries;
use crate::domain::point_of_interest::Hours;
use crate::store::Access;

/// Prints every finding; exits 1 when a record is kept out, or hours or an address of one cannot be read.
pub(super) async fn run(options: StoreOptions) -> Outcome {
    let settings = Settings::of_store(&options)?;
    let store = super::open_existing(&settings, Access::Read).await?;
    let snapshot = Snapshot::load(&store, &Tables::bundled()?).await?;
    let mut findings = 0;
    for shard in &snapshot.shards {
        for place in shard.places.iter() {
            if let Hours::Unreadable { raw, reason } = &place.hours {
                println!("{}/{}: opening hours `{raw}` cannot be read and count as unknown: {reason}", shard.city.slug, place.slug);
                findings += 1;
            }
        }
    }
    for field in snapshot.shards.iter().flat_map(|shard| &shard.withheld) {
        println!("{} `{}`: {} is not shown: it {}", field.record_type.as_str(), field.slug, field.field, field.reason);
        findings += 1;
    }
    for record in snapshot.all_quarantined() {
        println!("{} `{}` is kept out: {}: {}", record.record_type.as_str(), record.slug, record.field, record.reason);
        findings += 1;
    }
    let (_, reports) = Boundaries::build(store.boundaries().await?);
    for report in &reports {
        let outcome = if report.repaired { "was repaired" } else { "is left out" };
        println!("boundary of municipality {} {outcome}: {}", report.municipality.0, report.reason);
    }
    store.close().await;
    println!("{findings} finding(s)");
    Ok(if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
