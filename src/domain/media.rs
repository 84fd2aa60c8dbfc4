//! Images of records: references with rights and a text for those who cannot see them.

use std::collections::BTreeMap;

use super::rights::Rights;

/// A reference to an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Address.
    pub url: Box<str>,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
    /// What it shows, by language tag.
    pub alternative_text: BTreeMap<Box<str>, Box<str>>,
    /// Licence and credit.
    pub rights: Rights,
    /// Where it comes from.
    pub source: Box<str>,
}
