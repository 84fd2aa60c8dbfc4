//! What is kept of who did what. The words stand for good: rows that hold them are never changed.

macro_rules! actions {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $word:literal;)+) => {
        /// Something that was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AuditAction {
            $($(#[doc = $meaning])+ $variant,)+
        }

        impl AuditAction {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word it is stored as and called in the contract.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

actions! {
    /// An account signed in.
    SignedIn = "SIGNED_IN";
    /// A sign-in failed; without an account when there is none of that name.
    SignInFailed = "SIGN_IN_FAILED";
    /// An account ended a session.
    SignedOut = "SIGNED_OUT";
    /// A refresh token was used twice, so its session was ended. Nobody is named as its author: one of the two who used it is a stranger.
    SessionReused = "SESSION_REUSED";
    /// An account was made.
    AccountCreated = "ACCOUNT_CREATED";
    /// An account was invited to set its password.
    AccountInvited = "ACCOUNT_INVITED";
    /// An account accepted an invitation: it has a new password, no second factor, and its sessions ended.
    InvitationAccepted = "INVITATION_ACCEPTED";
    /// An account was closed.
    AccountDisabled = "ACCOUNT_DISABLED";
    /// A closed account was opened again.
    AccountEnabled = "ACCOUNT_ENABLED";
    /// An account was given a new password and lost its second factor and its sessions.
    AccountReset = "ACCOUNT_RESET";
    /// An account changed its password.
    PasswordChanged = "PASSWORD_CHANGED";
    /// An account has a second factor from now on.
    TotpEnabled = "TOTP_ENABLED";
    /// An account has no second factor any more.
    TotpDisabled = "TOTP_DISABLED";
    /// An account was joined with one at an OpenID provider.
    IdentityJoined = "IDENTITY_JOINED";
    /// A role was given.
    RoleGranted = "ROLE_GRANTED";
    /// A role was taken away.
    RoleRevoked = "ROLE_REVOKED";
    /// A partner was given a key.
    ApiKeyCreated = "API_KEY_CREATED";
    /// A partner's key was revoked.
    ApiKeyRevoked = "API_KEY_REVOKED";
    /// A record was published.
    Published = "PUBLISHED";
    /// A record is to be published later.
    Scheduled = "SCHEDULED";
    /// A record is not to be published later after all.
    Unscheduled = "UNSCHEDULED";
    /// A record was taken out of the public catalogue.
    Unpublished = "UNPUBLISHED";
    /// A record was put away for good.
    Archived = "ARCHIVED";
    /// A record was merged into another.
    Merged = "MERGED";
}

/// What an entry was done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditSubject {
    /// An account.
    Account,
    /// A partner's key.
    ApiKey,
    /// A record of the catalogue.
    Record,
}

impl AuditAction {
    /// What it is done to.
    pub const fn subject(self) -> AuditSubject {
        match self {
            Self::SignedIn
            | Self::SignInFailed
            | Self::SignedOut
            | Self::SessionReused
            | Self::AccountCreated
            | Self::AccountInvited
            | Self::InvitationAccepted
            | Self::AccountDisabled
            | Self::AccountEnabled
            | Self::AccountReset
            | Self::PasswordChanged
            | Self::TotpEnabled
            | Self::TotpDisabled
            | Self::IdentityJoined
            | Self::RoleGranted
            | Self::RoleRevoked => AuditSubject::Account,
            Self::ApiKeyCreated | Self::ApiKeyRevoked => AuditSubject::ApiKey,
            Self::Published | Self::Scheduled | Self::Unscheduled | Self::Unpublished | Self::Archived | Self::Merged => {
                AuditSubject::Record
            }
        }
    }

    /// Whether the administrators of a city read it of accounts that work for that city alone, although it belongs to no city. Of a
    /// second factor they read nothing, nor of roles elsewhere.
    pub const fn is_read_in_cities(self) -> bool {
        match self {
            Self::SignedIn
            | Self::SignInFailed
            | Self::SignedOut
            | Self::SessionReused
            | Self::AccountCreated
            | Self::AccountInvited
            | Self::InvitationAccepted
            | Self::AccountDisabled
            | Self::AccountEnabled
            | Self::AccountReset
            | Self::PasswordChanged
            | Self::IdentityJoined => true,
            Self::TotpEnabled
            | Self::TotpDisabled
            | Self::RoleGranted
            | Self::RoleRevoked
            | Self::ApiKeyCreated
            | Self::ApiKeyRevoked
            | Self::Published
            | Self::Scheduled
            | Self::Unscheduled
            | Self::Unpublished
            | Self::Archived
            | Self::Merged => false,
        }
    }

    /// The action of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == word)
    }
}
