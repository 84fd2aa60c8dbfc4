//! How much one document may ask for. All limits stand here; each is checked before anything else walks the document.

/// Limits of a document, and what its fields are counted at.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of its text.
    pub bytes: usize,
    /// Lexical tokens; the introspection query of GraphiQL has about 400.
    pub tokens: usize,
    /// Brackets open at once.
    pub nesting: usize,
    /// Directives.
    pub directives: usize,
    /// Values in the JSON beside it: the largest polygon that is read has 6,000.
    pub values: usize,
    /// Fragment definitions.
    pub fragments: usize,
    /// Fields below each other, fragments followed; the introspection query of GraphiQL has 15.
    pub depth: u32,
    /// Fields, values in arguments, inline fragments and fragments of all operations and fragment definitions together,
    /// spreads followed: what validation walks.
    pub walk: u64,
    /// Points of the operation: a field is one, so is each value in its arguments, a list multiplies what stands in it by its
    /// page.
    pub cost: u64,
    /// Points of the schema's own description, where lists count at [`Limits::INTROSPECTION_LISTS`]; GraphiQL asks for about
    /// 60,000.
    pub introspection: u64,
    /// Points of an operation that asks for the feed of changes and nothing else: an app does so once a day, not once a screen.
    pub feed_cost: u64,
    /// Units of work ([`crate::domain::work_budget::WorkBudget`]) of a request.
    pub work: u64,
    /// Largest page counted; a larger one is refused by the list itself.
    pub page: u64,
    /// Largest page of the feed of changes.
    pub feed_page: u64,
    /// Fields that answer with a page of the feed.
    pub feeds: &'static [&'static str],
    /// Fields that answer with a list, and how many entries are counted when no argument says it. Sorted by name.
    pub lists: &'static [(&'static str, u64)],
    /// Points of fields that look at many records, beside what stands in them. Sorted by name.
    pub weights: &'static [(&'static str, u64)],
}

impl Limits {
    /// Lists of the schema's own description and their usual length. Sorted by name.
    pub const INTROSPECTION_LISTS: &'static [(&'static str, u64)] = &[
        ("args", 3),
        ("directives", 5),
        ("enumValues", 3),
        ("fields", 8),
        ("inputFields", 5),
        ("interfaces", 2),
        ("possibleTypes", 2),
        ("types", 80),
    ];
}

/// The limits of the public API.
pub const LIMITS: Limits = Limits {
    bytes: 64 * 1024,
    tokens: 2_000,
    nesting: 40,
    directives: 100,
    values: 20_000,
    fragments: 100,
    depth: 16,
    walk: 20_000,
    cost: 20_000,
    introspection: 120_000,
    feed_cost: 60_000,
    work: 20_000_000,
    page: 100,
    feed_page: 500,
    feeds: &["changes", "catalogueChanged"],
    lists: LISTS,
    weights: WEIGHTS,
};

/// The default page of a connection, the usual length of a plain list, the longest possible for clusters.
const LISTS: &[(&str, u64)] = &[
    ("accessRules", 3),
    ("accounts", 50),
    ("allowedActions", 8),
    ("alternatives", 3),
    ("apiKeys", 20),
    ("auditLog", 50),
    ("catalogueChanged", 100),
    ("categories", 60),
    ("changes", 100),
    ("children", 10),
    ("cities", 10),
    ("days", 7),
    ("drafts", 20),
    ("droppedCandidates", 20),
    ("editorialQueue", 20),
    ("events", 20),
    ("features", 5),
    ("festivalClashes", 3),
    ("images", 5),
    ("intervals", 3),
    ("issues", 5),
    ("legs", 10),
    ("mapClusters", 300),
    ("mediaAssets", 20),
    ("nearby", 10),
    ("nodes", 1),
    ("occurrences", 20),
    ("otherEditions", 10),
    ("pointsOfInterest", 20),
    ("possibleDuplicates", 5),
    ("prices", 3),
    ("problems", 5),
    ("reasons", 3),
    ("revisions", 20),
    ("rights", 7),
    ("roles", 5),
    ("routes", 20),
    ("search", 20),
    ("shares", 5),
    ("signInProviders", 3),
    ("stops", 10),
    ("suggest", 10),
    ("suggestions", 20),
    ("texts", 3),
    ("translations", 4),
    ("tripIssues", 1),
    ("trips", 20),
    ("unannouncedEvents", 20),
    ("unpublishedChanges", 20),
    ("userErrors", 3),
    ("variants", 4),
    ("warnings", 3),
];

const WEIGHTS: &[(&str, u64)] = &[
    ("acceptInvitation", 5_000),
    ("accounts", 50),
    ("apiKeys", 50),
    ("approve", 1_000),
    ("archive", 1_000),
    ("auditLog", 50),
    ("beginSignInWith", 2_000),
    ("beginTotp", 1_000),
    ("catalogueChanged", 20),
    ("changePassword", 10_000),
    ("changes", 20),
    ("completeSignInWith", 2_000),
    ("confirmTotp", 1_000),
    ("createApiKey", 1_000),
    ("createDraft", 1_000),
    ("createMediaUpload", 100),
    ("createTransferCode", 1_000),
    ("directions", 100),
    ("disableAccount", 1_000),
    ("disableTotp", 5_000),
    ("dismissSuggestion", 1_000),
    ("draft", 20),
    ("drafts", 50),
    ("editorialQueue", 500),
    ("enableAccount", 1_000),
    ("eraseMe", 1_000),
    ("events", 5),
    ("exportMyData", 1_000),
    ("festivalClashes", 100),
    ("grantRole", 1_000),
    ("inviteAccount", 1_000),
    ("hoursPreview", 20),
    ("issues", 20),
    ("mapClusters", 200),
    ("mediaAssets", 50),
    ("mergeInto", 1_000),
    ("nearby", 5),
    ("pointsOfInterest", 5),
    ("possibleDuplicates", 200),
    ("problems", 50),
    ("publish", 1_000),
    ("redeemTransferCode", 2_000),
    ("refreshSession", 1_000),
    ("repair", 2_000),
    ("replan", 2_000),
    ("requestChanges", 1_000),
    ("revertTo", 1_000),
    ("revisions", 50),
    ("revokeApiKey", 1_000),
    ("revokeRole", 1_000),
    ("saveTrip", 2_000),
    ("search", 10),
    ("signIn", 5_000),
    ("signInAnonymously", 1_000),
    ("signOut", 1_000),
    ("submitForReview", 1_000),
    ("suggest", 10),
    ("suggestEdit", 1_000),
    ("suggestions", 50),
    ("takeSuggestion", 1_000),
    ("totalCount", 20),
    ("trip", 50),
    ("tripPlan", 2_000),
    ("trips", 50),
    ("unpublish", 1_000),
    ("unschedule", 1_000),
    ("updateDraft", 1_000),
    ("updateTrip", 2_000),
    ("uploadMedia", 10_000),
];
