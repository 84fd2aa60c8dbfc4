//! Reading the audit log. It is written by whoever does something, in the same transaction (`store::audit`).

use super::accounts::{AccountError, Accounts};
use super::rights::Permit;
pub use crate::store::audit::AuditRow;

impl Accounts {
    /// The log from its end, before the number `before`, at most `limit` rows: all of it, or what concerns the permit's city and how its
    /// people sign in.
    pub async fn audit_log(&self, permit: Permit, before: Option<i64>, limit: u64) -> Result<Vec<AuditRow>, AccountError> {
        Ok(self.store.audit_rows(permit.city(), before, limit).await?)
    }
}
