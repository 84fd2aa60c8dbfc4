//! Reading the audit log. It is written by whoever does something, in the same transaction (`store::audit`).

use serde_json::json;

use super::accounts::{AccountError, Accounts};
use super::rights::Permit;
use crate::domain::audit::AuditAction;
pub use crate::store::audit::AuditRow;

impl Accounts {
    /// The log from its end, before the number `before`, at most `limit` rows: all of it, or what concerns the permit's city and how its
    /// people sign in, without which proof failed: that would tell of a second factor.
    pub async fn audit_log(&self, permit: Permit, before: Option<i64>, limit: u64) -> Result<Vec<AuditRow>, AccountError> {
        let mut rows = self.store.audit_rows(permit.city(), before, limit).await?;
        if permit.city().is_some() {
            let failed = AuditAction::SignInFailed.as_str();
            rows.iter_mut().filter(|row| row.action == failed).for_each(|row| row.detail = json!({}));
        }
        Ok(rows)
    }
}
