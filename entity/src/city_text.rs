//! Names of a city, a row a language.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "city_text")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: Uuid,
    /// BCP-47 tag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub language: String,
    /// How far the text is, as its API word; absent when it is up to date.
    pub state: Option<String>,
    /// Name.
    pub name: String,
    /// One or two sentences.
    pub summary: Option<String>,
}

/// Rows are joined in memory by the catalogue, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
