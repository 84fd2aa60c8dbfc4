//! Accounts by invitation: how far those could decide who let an account in, by what a session was proven, and invitations under way.
//!
//! Accounts with a password keep what they have: their credentials reach as far as the roles they hold now. A greater role asks for an
//! invitation.

use std::collections::BTreeMap;

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_binary, json_binary_null, string, timestamp_with_time_zone, uuid, uuid_null};
use sea_orm_migration::sea_orm::prelude::Uuid;
use sea_orm_migration::sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("account").add_column(json_binary_null("reach")).to_owned()).await?;
        let proof = string("proven_by").default("PASSWORD").to_owned();
        manager.alter_table(Table::alter().table("account_session").add_column(proof).to_owned()).await?;
        let invitation = Table::create()
            .table("invitation")
            .col(string("mark").primary_key())
            .col(uuid("account_id").unique_key())
            .col(json_binary("reach"))
            .col(uuid_null("invited_by"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .to_owned();
        manager.create_table(invitation).await?;
        keep_what_is_held(manager.get_connection()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("invitation").to_owned()).await?;
        manager.alter_table(Table::alter().table("account_session").drop_column("proven_by").to_owned()).await?;
        manager.alter_table(Table::alter().table("account").drop_column("reach").to_owned()).await
    }
}

/// The reach of credentials that are there, by the roles of their accounts; no city means everywhere.
async fn keep_what_is_held(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    let held = "SELECT g.account_id AS account, g.city_id AS city FROM account_grant g \
                JOIN account a ON a.id = g.account_id WHERE a.password_hash IS NOT NULL ORDER BY g.account_id, g.city_id";
    let mut reaches: BTreeMap<Uuid, Value> = BTreeMap::new();
    for row in connection.query_all_raw(Statement::from_string(backend, held)).await? {
        let (account, city): (Uuid, Uuid) = (row.try_get("", "account")?, row.try_get("", "city")?);
        let reach = reaches.entry(account).or_insert_with(|| json!([]));
        match reach {
            _ if city.is_nil() => *reach = json!("EVERYWHERE"),
            Value::Array(cities) if !cities.contains(&json!(city)) => cities.push(json!(city)),
            _ => {}
        }
    }
    for (account, reach) in reaches {
        let update = Query::update().table("account").value("reach", reach).and_where(Expr::col("id").eq(account)).to_owned();
        connection.execute(&update).await?;
    }
    Ok(())
}
