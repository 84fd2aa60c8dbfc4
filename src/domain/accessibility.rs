//! Accessibility of a place: features with their evidence, and a verdict for a visitor's profile that says which feature
//! decides. What nobody looked at is unknown, never accessible.

use serde::{Deserialize, Serialize};

use super::provenance::PartialDate;

/// Something that helps or hinders a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccessibilityFeature {
    /// One gets in without a step.
    StepFreeEntrance,
    /// One gets around without a step.
    StepFreePaths,
    /// Paths are even and firm.
    EvenSurface,
    /// There are ramps where there are level changes.
    Ramp,
    /// There is a lift.
    Lift,
    /// There is an accessible toilet.
    AccessibleToilet,
    /// There is reserved parking.
    AccessibleParking,
    /// An adapted wheelchair (off-road, amphibious) can be borrowed.
    AdaptedWheelchair,
    /// One gets into the water with help of equipment.
    WaterAccess,
    /// Tactile paving or guide cords.
    TactileGuidance,
    /// Texts in braille.
    Braille,
    /// Audio guide or audio description.
    AudioDescription,
    /// Staff or videos in sign language (Libras).
    SignLanguage,
    /// Places to sit and rest.
    Seating,
    /// Hours with less noise and light.
    QuietHours,
    /// Staff help on request.
    StaffAssistance,
}

/// What is known of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Availability {
    /// It is there.
    Yes,
    /// It is there in part.
    Limited,
    /// It is not there.
    No,
}

/// A feature as somebody found it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeatureEvidence {
    /// The feature.
    pub feature: AccessibilityFeature,
    /// What was found.
    pub value: Availability,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Box<str>>,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Box<str>>,
    /// Date of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_on: Option<PartialDate>,
}

/// Whom a verdict is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccessibilityProfile {
    /// Uses a wheelchair.
    Wheelchair,
    /// Sees little or nothing.
    LowVision,
    /// Hears little or nothing.
    Deaf,
    /// Pushes a stroller.
    Stroller,
    /// Walks slowly and rests often.
    Elderly,
}

/// Whether a profile can visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Every required feature is there.
    Accessible,
    /// Every required feature is there, one of them in part.
    Limited,
    /// Nobody looked at a required feature, and none is known to be missing.
    Unknown,
    /// A required feature is missing.
    NotAccessible,
}

/// What a profile needs.
#[derive(Clone, Debug, Deserialize)]
pub struct ProfileNeeds {
    /// The profile.
    pub profile: AccessibilityProfile,
    /// Without one of these a visit is not possible.
    pub required: Vec<AccessibilityFeature>,
    /// These make it easier.
    pub helpful: Vec<AccessibilityFeature>,
}

/// The needs of every profile, from `data/accessibility_profiles.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct ProfileTable {
    profiles: Vec<ProfileNeeds>,
}

impl ProfileTable {
    /// Reads the table.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The table that comes with the binary.
    pub fn bundled() -> Result<Self, serde_json::Error> {
        Self::from_json(include_str!("../../data/accessibility_profiles.json"))
    }

    /// What the profile needs; nothing is known of a profile that is missing in the table.
    pub fn needs(&self, profile: AccessibilityProfile) -> Option<&ProfileNeeds> {
        self.profiles.iter().find(|needs| needs.profile == profile)
    }

    /// The verdict for a profile over the known features, and the required feature that decides it (`None` when all
    /// are there). The worst feature decides; among equals the first of the table.
    pub fn verdict(&self, profile: AccessibilityProfile, features: &[FeatureEvidence]) -> (Verdict, Option<AccessibilityFeature>) {
        let Some(needs) = self.needs(profile) else { return (Verdict::Unknown, None) };
        let mut worst = (Verdict::Accessible, None);
        for required in &needs.required {
            let found = features.iter().find(|evidence| evidence.feature == *required);
            let verdict = match found.map(|evidence| evidence.value) {
                Some(Availability::Yes) => Verdict::Accessible,
                Some(Availability::Limited) => Verdict::Limited,
                Some(Availability::No) => Verdict::NotAccessible,
                None => Verdict::Unknown,
            };
            if verdict > worst.0 {
                worst = (verdict, Some(*required));
            }
        }
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> ProfileTable {
        ProfileTable::from_json(
            r#"{"profiles":[{"profile":"WHEELCHAIR","required":["STEP_FREE_ENTRANCE","STEP_FREE_PATHS"],"helpful":["ACCESSIBLE_TOILET"]}]}"#,
        )
        .unwrap()
    }

    fn features(list: &[(AccessibilityFeature, Availability)]) -> Vec<FeatureEvidence> {
        list.iter()
            .map(|(feature, value)| FeatureEvidence { feature: *feature, value: *value, evidence: None, source: None, verified_on: None })
            .collect()
    }

    #[test]
    fn the_worst_required_feature_decides() {
        use AccessibilityFeature::{StepFreeEntrance, StepFreePaths};
        let verdict = |list: &[_]| table().verdict(AccessibilityProfile::Wheelchair, &features(list));
        assert_eq!(verdict(&[]), (Verdict::Unknown, Some(StepFreeEntrance)));
        assert_eq!(verdict(&[(StepFreeEntrance, Availability::Yes)]), (Verdict::Unknown, Some(StepFreePaths)));
        assert_eq!(verdict(&[(StepFreePaths, Availability::No)]), (Verdict::NotAccessible, Some(StepFreePaths)));
        let both = [(StepFreeEntrance, Availability::Yes), (StepFreePaths, Availability::Limited)];
        assert_eq!(verdict(&both), (Verdict::Limited, Some(StepFreePaths)));
        assert_eq!(verdict(&[(StepFreeEntrance, Availability::Yes), (StepFreePaths, Availability::Yes)]), (Verdict::Accessible, None));
    }
}
