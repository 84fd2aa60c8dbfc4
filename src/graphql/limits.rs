//! How much one document may ask for. All limits stand here; each is checked before anything else walks the document.

/// Limits of a document. What its fields cost stands in the contract (see [`prices`](super::prices)).
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
    /// Points of the operation, by the prices in the contract: a field is one unless `@cost` says otherwise, so is each value in its
    /// arguments, and a list multiplies what stands in it by its length (`@listSize`).
    pub cost: u64,
    /// Points of the schema's own description, where lists count at their usual length; GraphiQL asks for about
    /// 60,000.
    pub introspection: u64,
    /// Points of an operation that asks for the feed of changes and nothing else: an app does so once a day, not once a screen.
    pub feed_cost: u64,
    /// Units of work (see [`WorkBudget`](crate::domain::work_budget::WorkBudget)) of a request, or of a round of a subscription.
    pub work: u64,
    /// Longest list counted; a longer one is refused by the list itself.
    pub page: u64,
    /// The type of a page of the feed.
    pub feed_type: &'static str,
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
    work: 4_000_000,
    page: 500,
    feed_type: "ChangePage",
};
