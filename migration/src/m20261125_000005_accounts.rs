//! Who works on the catalogue: accounts, what they may do in which city, their sessions, partners' keys, and the audit log.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary_null, integer, json_binary, string, string_null, text, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn tables() -> Vec<TableCreateStatement> {
    let account = Table::create()
        .table("account")
        .col(uuid("id").primary_key())
        .col(string("email").unique_key())
        .col(string("name"))
        .col(text("password_hash").null())
        .col(binary_null("totp_secret"))
        .col(timestamp_with_time_zone_null("totp_confirmed_at"))
        .col(big_integer_null("totp_last_step"))
        .col(timestamp_with_time_zone_null("disabled_at"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned();
    let identity = Table::create()
        .table("account_identity")
        .col(string("issuer"))
        .col(string("subject"))
        .col(uuid("account_id"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("issuer").col("subject"))
        .to_owned();
    // Under the nil UUID stands what holds in every city: a primary key admits no null.
    let grant = Table::create()
        .table("account_grant")
        .col(uuid("account_id"))
        .col(string("role"))
        .col(uuid("city_id"))
        .col(timestamp_with_time_zone("granted_at"))
        .col(uuid_null("granted_by"))
        .primary_key(Index::create().col("account_id").col("role").col("city_id"))
        .to_owned();
    let session = Table::create()
        .table("account_session")
        .col(uuid("id").primary_key())
        .col(uuid("account_id"))
        .col(string_null("last_mark"))
        .col(string("next_mark"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .to_owned();
    let key = Table::create()
        .table("api_key")
        .col(uuid("id").primary_key())
        .col(string("name"))
        .col(string("mark").unique_key())
        .col(timestamp_with_time_zone("created_at"))
        .col(uuid("created_by"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .to_owned();
    let attempt = Table::create()
        .table("sign_in_attempt")
        .col(string("mark").primary_key())
        .col(integer("count"))
        .col(timestamp_with_time_zone("window_ends_at"))
        .to_owned();
    let audit = Table::create()
        .table("audit")
        .col(big_integer("number").primary_key().auto_increment())
        .col(timestamp_with_time_zone("at"))
        .col(uuid_null("account_id"))
        .col(string("action"))
        .col(uuid_null("subject_id"))
        .col(uuid_null("city_id"))
        .col(json_binary("detail"))
        .to_owned();
    vec![account, identity, grant, session, key, attempt, audit]
}

/// The audit log only grows: the database itself refuses to change what is in it.
async fn append_only(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == sea_orm_migration::sea_orm::DbBackend::Postgres {
        connection
            .execute_unprepared(
                "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$; \
                 CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit \
                 FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
            )
            .await?;
    } else {
        for operation in ["UPDATE", "DELETE"] {
            connection
                .execute_unprepared(&format!(
                    "CREATE TRIGGER audit_no_{operation} BEFORE {operation} ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
                ))
                .await?;
        }
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in [
            Index::create().name("account_identity_account").table("account_identity").col("account_id").to_owned(),
            // Who may do something in a city.
            Index::create().name("account_grant_city").table("account_grant").col("city_id").to_owned(),
            Index::create().name("account_session_account").table("account_session").col("account_id").to_owned(),
            Index::create().name("account_session_expiry").table("account_session").col("expires_at").to_owned(),
            Index::create().name("audit_city").table("audit").col("city_id").col("number").to_owned(),
            Index::create().name("audit_subject").table("audit").col("subject_id").col("number").to_owned(),
        ] {
            manager.create_index(index).await?;
        }
        append_only(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["audit", "sign_in_attempt", "api_key", "account_session", "account_grant", "account_identity", "account"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        if manager.get_database_backend() == sea_orm_migration::sea_orm::DbBackend::Postgres {
            manager.get_connection().execute_unprepared("DROP FUNCTION audit_only_grows()").await?;
        }
        Ok(())
    }
}
