//! The audit log: written with what it tells of, and never changed.

use roteiro::domain::audit::AuditAction;
use roteiro::store::Store;
use roteiro::store::audit::AuditEntry;
use sea_orm::{ConnectionTrait, Database as Connection};
use serde_json::json;

use crate::support::database::{BOTH, Database, TestDatabase};
use crate::support::now;

#[tokio::test]
async fn the_log_only_grows() {
    for kind in BOTH {
        let database = TestDatabase::create(kind).await;
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        let given_up = store.begin(now()).await.unwrap();
        given_up.note_audit(AuditEntry::new(None, AuditAction::Archived, None)).await.unwrap();
        drop(given_up);
        let transaction = store.begin(now()).await.unwrap();
        let entry = AuditEntry::new(None, AuditAction::Published, None).with(json!({ "revision": 3 }));
        transaction.note_audit(entry).await.unwrap();
        transaction.commit().await.unwrap();

        let rows = store.audit_rows(None, None, 10).await.unwrap();
        let told: Vec<_> = rows.iter().map(|row| (row.action.as_str(), row.at, row.detail.clone())).collect();
        assert_eq!(told, [("PUBLISHED", now(), json!({ "revision": 3 }))], "{kind:?}");
        let connection = Connection::connect(&database.url).await.unwrap();
        let mut statements = vec!["UPDATE audit SET action = 'NOTHING'", "DELETE FROM audit", "DELETE FROM audit WHERE number = 1"];
        if kind == Database::Postgres {
            statements.push("TRUNCATE audit");
        }
        for statement in statements {
            let refused = connection.execute_unprepared(statement).await.expect_err(statement).to_string();
            assert!(refused.contains("the audit log only grows"), "{kind:?}: {refused}");
        }
        connection.close().await.unwrap();
        assert_eq!(store.audit_rows(None, None, 10).await.unwrap(), rows, "{kind:?}");
    }
}

#[test]
fn words_of_actions_are_read_as_they_are_written() {
    for action in AuditAction::ALL {
        assert_eq!(AuditAction::parse(action.as_str()), Some(*action));
    }
}
