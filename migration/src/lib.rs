//! The schema of Roteiro as steps that run the same on SQLite and PostgreSQL, up and down.
//!
//! To add a step: one file `mYYYYMMDD_NNNNNN_subject.rs`, one line in [`Migrator`]. Expand first (new column, nullable),
//! contract in a later release, so that the version before still serves while the step runs.

pub use sea_orm_migration::MigrationStatus;
pub use sea_orm_migration::prelude::*;

mod m20261122_000001_reference;
mod m20261122_000002_records;
mod m20261122_000003_change;
mod m20261123_000004_visitors;
mod m20261125_000005_accounts;
mod m20261125_000006_drafts;
mod m20261125_000007_media;
mod m20261125_000008_links;
mod m20261125_000009_sign_in;
mod m20261125_000010_text_state;
mod m20261125_000011_openid_second_factor;
mod m20261125_000012_images;
mod m20261125_000013_clock_watch;
mod m20261127_000015_visitors_keep_trips;
mod m20261127_000017_invitations;
mod m20261127_000018_sealing;

/// All steps, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_reference::Migration),
            Box::new(m20261122_000002_records::Migration),
            Box::new(m20261122_000003_change::Migration),
            Box::new(m20261123_000004_visitors::Migration),
            Box::new(m20261125_000005_accounts::Migration),
            Box::new(m20261125_000006_drafts::Migration),
            Box::new(m20261125_000007_media::Migration),
            Box::new(m20261125_000008_links::Migration),
            Box::new(m20261125_000009_sign_in::Migration),
            Box::new(m20261125_000010_text_state::Migration),
            Box::new(m20261125_000011_openid_second_factor::Migration),
            Box::new(m20261125_000012_images::Migration),
            Box::new(m20261125_000013_clock_watch::Migration),
            Box::new(m20261127_000015_visitors_keep_trips::Migration),
            Box::new(m20261127_000017_invitations::Migration),
            Box::new(m20261127_000018_sealing::Migration),
        ]
    }
}
