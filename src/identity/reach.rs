//! How far somebody may decide about accounts, and how far what proves an account can be trusted.
//!
//! Whoever invites an account may learn its password: the code passes through their hands. So a password opens no role that its inviter
//! could not have given ([`Reach::covers`]). A provider that vouches for the e-mail address names the one person whom everybody meant who
//! gave that address a role, so its sessions open all of them.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rights::{Right, Role};
use crate::domain::ids::RecordId;

/// What it is stored as when it is everywhere.
const EVERYWHERE: &str = "EVERYWHERE";

/// Where somebody may decide about accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// In every city, and about what belongs to none.
    Everywhere,
    /// In these cities; nowhere when there are none.
    Cities(Vec<RecordId>),
}

impl Reach {
    /// Nowhere.
    pub const NOWHERE: Self = Self::Cities(Vec::new());

    /// Of somebody with these roles.
    pub fn of(roles: &[(Role, Option<RecordId>)]) -> Self {
        let managing = roles.iter().filter(|(role, _)| role.rights().contains(&Right::ManageAccounts));
        managing.map(|(_, city)| *city).collect::<Option<Vec<_>>>().map_or(Self::Everywhere, Self::Cities)
    }

    /// Whether somebody with this reach may give the role there.
    pub fn covers(&self, role: Role, city: Option<RecordId>) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Cities(cities) => role.is_of_a_city() && city.is_some_and(|city| cities.contains(&city)),
        }
    }

    /// What both reach.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        match (self, other) {
            (mine, Self::Everywhere) => mine,
            (Self::Everywhere, theirs) => theirs.clone(),
            (Self::Cities(mine), Self::Cities(theirs)) => Self::Cities(mine.into_iter().filter(|city| theirs.contains(city)).collect()),
        }
    }

    /// As it is stored.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Everywhere => json!(EVERYWHERE),
            Self::Cities(cities) => cities.iter().map(|city| Value::String(city.0.to_string())).collect(),
        }
    }

    /// What is stored; what cannot be read reaches nothing.
    pub fn from_json(stored: &Value) -> Self {
        if stored == EVERYWHERE {
            return Self::Everywhere;
        }
        let cities = stored.as_array().map(Vec::as_slice).unwrap_or_default();
        Self::Cities(cities.iter().filter_map(|city| Some(RecordId(Uuid::try_parse(city.as_str()?).ok()?))).collect())
    }
}

/// By what a session was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By a password, set when an invitation was accepted.
    Password,
    /// By an OpenID provider that vouched for the e-mail address.
    Provider,
}

impl Proof {
    /// The word it is stored as, in sessions and in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "PASSWORD",
            Self::Provider => "PROVIDER",
        }
    }

    /// What the word means; one that is not known proves no more than a password.
    pub fn parse(word: &str) -> Self {
        if word == Self::Provider.as_str() { Self::Provider } else { Self::Password }
    }

    /// How far the roles of an account are in force for who proved to be its owner so, when its password can be trusted so far.
    pub fn reach(self, of_password: Option<&Value>) -> Reach {
        match self {
            Self::Provider => Reach::Everywhere,
            Self::Password => of_password.map_or(Reach::NOWHERE, Reach::from_json),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn city(number: u128) -> RecordId {
        RecordId(Uuid::from_u128(number))
    }

    #[test]
    fn a_reach_covers_what_its_owner_may_give() {
        let of = |roles: &[(Role, Option<RecordId>)]| Reach::of(roles);
        let here = of(&[(Role::CityAdmin, Some(city(1))), (Role::Publisher, Some(city(2)))]);
        assert_eq!(here, Reach::Cities(vec![city(1)]));
        for role in Role::ALL {
            assert_eq!(here.covers(role, Some(city(1))), role.is_of_a_city(), "{role:?}");
            assert!(!here.covers(role, Some(city(2))) && !here.covers(role, None), "{role:?}");
            assert!(Reach::Everywhere.covers(role, None) && !Reach::NOWHERE.covers(role, Some(city(1))));
        }
        assert_eq!(of(&[(Role::CityAdmin, Some(city(1))), (Role::Admin, None)]), Reach::Everywhere);
        assert_eq!(of(&[(Role::Editor, Some(city(1)))]), Reach::NOWHERE);
    }

    #[test]
    fn what_is_stored_is_read_and_what_is_not_ours_reaches_nothing() {
        for reach in [Reach::Everywhere, Reach::NOWHERE, Reach::Cities(vec![city(1), city(7)])] {
            assert_eq!(Reach::from_json(&reach.to_json()), reach);
            assert_eq!(reach.clone().and(&Reach::Everywhere), reach);
            assert_eq!(Reach::Everywhere.and(&reach), reach);
            assert_eq!(reach.and(&Reach::NOWHERE), Reach::NOWHERE);
        }
        for other in [json!(null), json!("everywhere"), json!(["x"]), json!({ "cities": [] })] {
            assert_eq!(Reach::from_json(&other), Reach::NOWHERE, "{other}");
        }
    }
}
