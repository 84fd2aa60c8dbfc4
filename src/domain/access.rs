//! Access rules: what decides whether a visit is possible at all.

use serde::{Deserialize, Serialize};

use super::provenance::PartialDate;

/// What a rule demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccessRuleKind {
    /// An accredited guide must come along.
    GuideRequired,
    /// Only with a voucher of a local agency.
    VoucherOnly,
    /// To be booked ahead, by `hours_ahead` when known.
    BookingAhead,
    /// At most `people` a day.
    DailyCapacity,
    /// At most `people` at the same time.
    SimultaneousCapacity,
    /// Reached by four-wheel drive only.
    FourWheelDriveRequired,
    /// From `years` of age.
    MinimumAge,
}

/// One rule with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessRule {
    /// What it demands.
    pub kind: AccessRuleKind,
    /// Hours ahead of the visit, for [`AccessRuleKind::BookingAhead`]; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours_ahead: Option<u32>,
    /// People, for the capacities; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<u32>,
    /// Years of age, for [`AccessRuleKind::MinimumAge`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years: Option<u32>,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Box<str>>,
    /// Date of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_on: Option<PartialDate>,
}
