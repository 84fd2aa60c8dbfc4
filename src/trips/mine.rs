//! What is kept of a visitor, handed over and erased (LGPD, Lei 13.709/2018, art. 18, II, V and VI).

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::saved::{SavedError, SavedTrips};
use crate::domain::ids::VisitorId;
pub use crate::store::visitors::Erased;

fn instant(at: DateTime<Utc>) -> Value {
    json!(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

impl SavedTrips {
    /// All that is kept of a visitor, as one JSON object: sessions, trips with every kept
    /// version of each and the links to them, and transfer codes.
    pub async fn export_all(&self, owner: VisitorId, now: DateTime<Utc>) -> Result<Value, SavedError> {
        let rows = self.store.visitor_rows(owner).await?;
        let sessions: Vec<Value> = (rows.sessions.iter())
            .map(|session| json!({ "createdAt": instant(session.created_at), "expiresAt": instant(session.expires_at) }))
            .collect();
        let trips: Vec<Value> = (rows.trips.iter())
            .map(|row| {
                json!({
                    "trip": row.trip, "version": row.version, "createdAt": instant(row.created_at),
                    "idempotencyKey": row.idempotency_key,
                })
            })
            .collect();
        // What the code itself is, only the visitor knows.
        let codes: Vec<Value> = (rows.codes.iter())
            .map(|code| json!({ "createdAt": instant(code.created_at), "expiresAt": instant(code.expires_at) }))
            .collect();
        let versions: Vec<Value> = (rows.versions.into_iter())
            .map(|row| json!({ "trip": row.trip, "version": row.version, "at": instant(row.at), "content": row.content, "plan": row.plan }))
            .collect();
        let links: Vec<Value> = (rows.shares.iter())
            .map(|share| {
                json!({
                    "trip": share.trip, "token": share.token, "createdAt": instant(share.created_at),
                    "revokedAt": share.revoked_at.map(instant),
                })
            })
            .collect();
        Ok(json!({
            "visitor": owner, "exportedAt": instant(now), "sessions": sessions, "transferCodes": codes, "trips": trips, "links": links,
            "tripVersions": versions,
        }))
    }

    /// Erases all that is kept of a visitor, at once and for good.
    pub async fn erase_all(&self, owner: VisitorId, now: DateTime<Utc>) -> Result<Erased, SavedError> {
        Ok(self.store.erase_visitor(owner, now).await?)
    }
}
