//! What a category means for a plan (`data/visits.json`).

use serde::Deserialize;

use crate::domain::category::{CategoryKey, CategoryTree};

/// The bundled table.
const TABLE: &str = include_str!("../../../data/visits.json");

/// What a place is for in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Chosen for its interest.
    Sight,
    /// Chosen for lunch, or when wished for.
    Meal,
    /// Only when insisted on.
    None,
}

/// What is known of a category.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitKind {
    category: Box<str>,
    /// What it is for.
    pub role: Role,
    /// Minutes of a visit where no source says.
    pub minutes: u32,
    /// Whether it is visited by daylight when no hours are known.
    pub daylight: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "about")]
    _about: String,
    categories: Vec<VisitKind>,
}

/// The table.
pub struct VisitKinds {
    rows: Vec<VisitKind>,
    other: VisitKind,
}

impl VisitKinds {
    /// The bundled table. Fails when it does not parse, which the first test would find.
    pub fn bundled() -> Result<Self, serde_json::Error> {
        let table: Table = serde_json::from_str(TABLE)?;
        let other = VisitKind { category: Box::default(), role: Role::Sight, minutes: 60, daylight: false };
        Ok(Self { rows: table.categories, other })
    }

    /// The row of the category, or of the nearest above it.
    pub fn of(&self, tree: &CategoryTree, key: CategoryKey) -> &VisitKind {
        let mut next = Some(key);
        while let Some(node) = next.and_then(|key| tree.get(key)) {
            if let Some(row) = self.rows.iter().find(|row| row.category == node.slug) {
                return row;
            }
            next = node.parent;
        }
        &self.other
    }
}
