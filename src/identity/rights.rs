//! Who may do what. One table names every operation of the contract and the right it needs; a room that changes something asks for
//! a [`Permit`], which only this file makes, so that nothing can be done without having been asked for.
//!
//! To add an operation: a line in [`Operation`]'s table. A test walks the contract and compares: one that is missing here fails it.

use crate::domain::ids::{AccountId, RecordId};

/// A role somebody has in a city, or everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Writes drafts.
    Editor,
    /// Approves them, or asks for changes.
    Reviewer,
    /// Publishes and withdraws.
    Publisher,
    /// All of that, and who else may.
    CityAdmin,
    /// All of that in every city, and what belongs to none.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Editor, Self::Reviewer, Self::Publisher, Self::CityAdmin, Self::Admin];

    /// The word it is stored as and called in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Editor => "EDITOR",
            Self::Reviewer => "REVIEWER",
            Self::Publisher => "PUBLISHER",
            Self::CityAdmin => "CITY_ADMIN",
            Self::Admin => "ADMIN",
        }
    }

    /// The role of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// Whether it holds in one city; else it holds everywhere.
    pub const fn is_of_a_city(self) -> bool {
        !matches!(self, Self::Admin)
    }

    /// What it gives.
    pub const fn rights(self) -> &'static [Right] {
        match self {
            Self::Editor => &[Right::ReadDrafts, Right::Write],
            Self::Reviewer => &[Right::ReadDrafts, Right::Review],
            Self::Publisher => &[Right::ReadDrafts, Right::Publish],
            Self::CityAdmin => &[Right::ReadDrafts, Right::Write, Right::Review, Right::Publish, Right::ManageAccounts, Right::ReadAudit],
            Self::Admin => &[
                Right::ReadDrafts,
                Right::Write,
                Right::Review,
                Right::Publish,
                Right::ManageAccounts,
                Right::ReadAudit,
                Right::ManagePartners,
            ],
        }
    }
}

/// What can be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// See drafts, their history, the queue.
    ReadDrafts,
    /// Change drafts and hand them in.
    Write,
    /// Approve drafts, or ask for changes.
    Review,
    /// Decide what the public sees.
    Publish,
    /// Decide who may do what in a city.
    ManageAccounts,
    /// Read who did what.
    ReadAudit,
    /// Give keys to partners.
    ManagePartners,
}

/// Who may use an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Anybody.
    Anyone,
    /// A visitor, for what is the visitor's own.
    Visitor,
    /// Somebody with an account, for what is their own.
    Account,
    /// An account with this right in the city that is touched.
    InCity(Right),
    /// An account with this right in every city.
    Everywhere(Right),
}

macro_rules! operations {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $root:ident $name:literal, $needs:expr;)+) => {
        /// A mutation, or a query that is not for everybody.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operation {
            $($(#[doc = $meaning])+ $variant,)+
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The root type of the contract it is a field of, and its name there.
            pub const fn field(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => (stringify!($root), $name),)+ }
            }

            /// Who may use it.
            pub const fn needs(self) -> Needs {
                match self { $(Self::$variant => $needs,)+ }
            }
        }
    };
}

use Needs::{Account, Anyone, Everywhere, InCity, Visitor};
use Right::{ManageAccounts, ManagePartners, Publish, ReadAudit, ReadDrafts, Review, Write};

operations! {
    /// Becoming a visitor.
    SignInAnonymously = Mutation "signInAnonymously", Anyone;
    /// Going on as before.
    RefreshSession = Mutation "refreshSession", Anyone;
    /// Signing in with a password.
    SignIn = Mutation "signIn", Anyone;
    /// Being sent to an OpenID provider.
    BeginSignInWith = Mutation "beginSignInWith", Anyone;
    /// Coming back from an OpenID provider.
    CompleteSignInWith = Mutation "completeSignInWith", Anyone;
    /// Ending one's session.
    SignOut = Mutation "signOut", Account;
    /// Changing one's password.
    ChangePassword = Mutation "changePassword", Account;
    /// Beginning a second factor.
    BeginTotp = Mutation "beginTotp", Account;
    /// Having the second factor asked for.
    ConfirmTotp = Mutation "confirmTotp", Account;
    /// Ending the second factor.
    DisableTotp = Mutation "disableTotp", Account;
    /// Reading who works on the catalogue.
    Accounts = Query "accounts", InCity(ManageAccounts);
    /// Making an account.
    CreateAccount = Mutation "createAccount", InCity(ManageAccounts);
    /// Giving a role.
    GrantRole = Mutation "grantRole", InCity(ManageAccounts);
    /// Taking a role away.
    RevokeRole = Mutation "revokeRole", InCity(ManageAccounts);
    /// Closing an account.
    DisableAccount = Mutation "disableAccount", InCity(ManageAccounts);
    /// Opening a closed account again.
    EnableAccount = Mutation "enableAccount", InCity(ManageAccounts);
    /// Reading who did what.
    AuditLog = Query "auditLog", InCity(ReadAudit);
    /// Reading which partners have keys.
    ApiKeys = Query "apiKeys", Everywhere(ManagePartners);
    /// Giving a partner a key.
    CreateApiKey = Mutation "createApiKey", Everywhere(ManagePartners);
    /// Revoking a partner's key.
    RevokeApiKey = Mutation "revokeApiKey", Everywhere(ManagePartners);
    /// Erasing what is kept of a visitor.
    EraseMe = Mutation "eraseMe", Visitor;
    /// Saving a trip.
    SaveTrip = Mutation "saveTrip", Visitor;
    /// Changing a trip.
    UpdateTrip = Mutation "updateTrip", Visitor;
    /// Deleting a trip.
    DeleteTrip = Mutation "deleteTrip", Visitor;
    /// Making a link to a trip.
    ShareTrip = Mutation "shareTrip", Visitor;
    /// Closing a link to a trip.
    RevokeShare = Mutation "revokeShare", Visitor;
    /// One's trips.
    Trips = Query "trips", Visitor;
    /// All that is kept of a visitor.
    ExportMyData = Query "exportMyData", Visitor;
    /// Reading a draft.
    Draft = Query "draft", InCity(ReadDrafts);
    /// Reading drafts.
    Drafts = Query "drafts", InCity(ReadDrafts);
    /// Beginning a draft.
    CreateDraft = Mutation "createDraft", InCity(Write);
    /// Changing a draft.
    UpdateDraft = Mutation "updateDraft", InCity(Write);
    /// Handing a draft in.
    SubmitForReview = Mutation "submitForReview", InCity(Write);
    /// Taking a draft back to what it was.
    RevertTo = Mutation "revertTo", InCity(Write);
    /// Sending a draft back.
    RequestChanges = Mutation "requestChanges", InCity(Review);
    /// Finding a draft good.
    Approve = Mutation "approve", InCity(Review);
    /// Publishing now.
    Publish = Mutation "publish", InCity(Publish);
    /// Publishing later.
    Schedule = Mutation "schedule", InCity(Publish);
    /// Not publishing later after all.
    Unschedule = Mutation "unschedule", InCity(Publish);
    /// Taking out of the public catalogue.
    Unpublish = Mutation "unpublish", InCity(Publish);
    /// Putting away for good.
    Archive = Mutation "archive", InCity(Publish);
    /// Merging a record into another.
    MergeInto = Mutation "mergeInto", InCity(Publish);
    /// Saying that something is wrong.
    SuggestEdit = Mutation "suggestEdit", Visitor;
    /// Reading what visitors say.
    Suggestions = Query "suggestions", InCity(ReadDrafts);
    /// Taking a suggestion into a draft.
    TakeSuggestion = Mutation "takeSuggestion", InCity(Write);
    /// Dismissing a suggestion.
    DismissSuggestion = Mutation "dismissSuggestion", InCity(Write);
    /// Reading what there is to do.
    EditorialQueue = Query "editorialQueue", InCity(ReadDrafts);
    /// Asking for an address to send an image to.
    CreateMediaUpload = Mutation "createMediaUpload", InCity(Write);
    /// Sending an image with the question.
    UploadMedia = Mutation "uploadMedia", InCity(Write);
    /// Reading a city's images.
    MediaAssets = Query "mediaAssets", InCity(ReadDrafts);
}

/// What an account may do, as it was read a moment ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants {
    account: AccountId,
    roles: Vec<(Role, Option<RecordId>)>,
}

/// Why something may not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("your roles do not allow this here")]
pub struct Denied;

/// The proof that somebody may do something somewhere. Only [`Grants::permit`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    account: AccountId,
    operation: Operation,
    city: Option<RecordId>,
}

/// The proof that drafts of a city may be read with all that goes with them. Only [`Grants::reading`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    city: RecordId,
}

impl Reading {
    /// Whether it is of this city.
    pub fn is_of(self, city: RecordId) -> Result<(), Denied> {
        if self.city == city { Ok(()) } else { Err(Denied) }
    }
}

/// The proof that something is done by whoever may run the program beside the database, and not over the network. Only
/// [`crate::cli::authority`] gives one out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandLine(());

impl CommandLine {
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

impl Grants {
    /// The roles of an account, each in a city or, without one, everywhere: as they were read from the store.
    pub(super) const fn new(account: AccountId, roles: Vec<(Role, Option<RecordId>)>) -> Self {
        Self { account, roles }
    }

    /// Whose they are.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The roles.
    pub fn roles(&self) -> &[(Role, Option<RecordId>)] {
        &self.roles
    }

    /// The proof that the operation may be used in the city.
    pub fn permit(&self, operation: Operation, city: RecordId) -> Result<Permit, Denied> {
        let is_allowed = match operation.needs() {
            Needs::Anyone | Needs::Account => true,
            Needs::Visitor => false,
            Needs::InCity(right) => self.has(right, city),
            Needs::Everywhere(right) => self.has_everywhere(right),
        };
        if is_allowed { Ok(Permit { account: self.account, operation, city: Some(city) }) } else { Err(Denied) }
    }

    /// The proof that drafts of the city may be read.
    pub fn reading(&self, city: RecordId) -> Result<Reading, Denied> {
        if self.has(Right::ReadDrafts, city) { Ok(Reading { city }) } else { Err(Denied) }
    }

    /// The proof that the operation may be used where no city is touched.
    pub fn permit_everywhere(&self, operation: Operation) -> Result<Permit, Denied> {
        let is_allowed = match operation.needs() {
            Needs::Anyone | Needs::Account => true,
            Needs::Visitor => false,
            Needs::InCity(right) | Needs::Everywhere(right) => self.has_everywhere(right),
        };
        if is_allowed { Ok(Permit { account: self.account, operation, city: None }) } else { Err(Denied) }
    }

    /// Whether the account has the right in the city.
    pub fn has(&self, right: Right, city: RecordId) -> bool {
        self.roles.iter().any(|(role, of)| role.rights().contains(&right) && of.is_none_or(|of| of == city))
    }

    fn has_everywhere(&self, right: Right) -> bool {
        self.roles.iter().any(|(role, of)| role.rights().contains(&right) && of.is_none())
    }
}

impl Permit {
    /// Who may.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// What.
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// Where; absent when everywhere.
    pub const fn city(&self) -> Option<RecordId> {
        self.city
    }
}
