//! Licences and credits: what a partner may do with a record or an image, read from `data/rights.json`.

use std::sync::Arc;

use serde::Deserialize;

use super::language::LanguageTag;
use super::text::Preferences;

/// Licence and credit of a record or image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    /// SPDX licence id.
    pub licence: Arc<str>,
    /// Whom to credit.
    pub credit: Arc<str>,
}

/// What a licence allows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "four independent answers of the rights table")]
pub struct Licence {
    /// SPDX id.
    pub spdx: String,
    /// Name to show.
    pub name: String,
    /// Address of the legal text.
    pub url: Option<String>,
    /// Whether commercial use is allowed.
    pub commercial: bool,
    /// Whether changed versions may be shared.
    pub derivatives: bool,
    /// Whether the author must be named.
    pub attribution: bool,
    /// Whether changed versions must carry the same licence.
    pub share_alike: bool,
}

/// The licences we know. A licence that is not in the table allows nothing: unknown is not permission.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct LicenceTable {
    licences: Vec<Licence>,
}

impl Rights {
    /// The line to show beside a record: whom to credit, under which licence, from which source, in the reader's language.
    pub fn attribution(&self, source: &str, table: &LicenceTable, preferences: &Preferences) -> String {
        let licence = table.get(&self.licence).map_or(&*self.licence, |licence| &licence.name);
        let word = match preferences.tags().first().map(LanguageTag::primary) {
            Some("en") => "Source",
            Some("es") => "Fuente",
            _ => "Fonte",
        };
        format!("{} · {licence} · {word}: {source}", self.credit)
    }
}

impl LicenceTable {
    /// Reads the table.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The table that comes with the binary.
    pub fn bundled() -> Result<Self, serde_json::Error> {
        Self::from_json(include_str!("../../data/rights.json"))
    }

    /// The SPDX ids of the table.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.licences.iter().map(|licence| licence.spdx.as_str())
    }

    /// The licence with this SPDX id.
    pub fn get(&self, spdx: &str) -> Option<&Licence> {
        self.licences.iter().find(|licence| licence.spdx == spdx)
    }

    /// Whether `spdx` allows what is asked; `false` for a licence we do not know.
    pub fn allows(&self, spdx: &str, commercial: bool, derivatives: bool) -> bool {
        self.get(spdx).is_some_and(|licence| (!commercial || licence.commercial) && (!derivatives || licence.derivatives))
    }
}
