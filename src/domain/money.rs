//! Prices as a source states them, with the date of the source: prices age.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::provenance::PartialDate;

/// Whom a price is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Audience {
    /// Anybody.
    General,
    /// Adults.
    Adult,
    /// Children.
    Child,
    /// Those with a right to a reduction (`meia-entrada`).
    Reduced,
    /// People living in the city.
    Resident,
    /// A group together.
    Group,
}

/// A decimal amount of at most 12 digits and 2 places, not negative, as text: money is never a binary fraction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(Box<str>);

/// An amount that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an amount such as 60 or 60.00")]
pub struct AmountError(String);

impl Amount {
    /// The amount as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Amount {
    type Error = AmountError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, "00"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits(whole) && whole.len() <= 10 && digits(fraction) && fraction.len() == 2 {
            Ok(Self(text.into()))
        } else {
            Err(AmountError(text))
        }
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.0.into()
    }
}

/// A price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Price {
    /// Whom it is for.
    pub audience: Audience,
    /// How much.
    pub amount: Amount,
    /// ISO 4217 code.
    pub currency: Box<str>,
    /// What is paid for, by language tag.
    #[serde(default)]
    pub item: BTreeMap<Box<str>, Box<str>>,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Box<str>>,
    /// Date of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_on: Option<PartialDate>,
}
