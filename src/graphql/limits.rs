//! How much one document may ask for. All limits stand here; each is checked before anything else walks the document.

/// Limits of a document.
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
    /// Fragment definitions.
    pub fragments: usize,
    /// Fields below each other, fragments followed.
    pub depth: u32,
    /// Points: a field is one, a list multiplies what stands in it by its page.
    pub cost: u64,
    /// Lists of the schema's own description inside each other; GraphiQL asks for two.
    pub introspection: u32,
}

/// The limits of the public API.
pub const LIMITS: Limits =
    Limits { bytes: 64 * 1024, tokens: 8_000, nesting: 40, directives: 100, fragments: 100, depth: 20, cost: 20_000, introspection: 3 };

/// Fields that answer with a list, and how many entries are counted when no argument says it: the default page of a
/// connection, the usual length of a plain list, the longest possible for clusters.
pub const LISTS: &[(&str, u64)] = &[
    ("accessRules", 3),
    ("categories", 60),
    ("children", 10),
    ("cities", 10),
    ("days", 7),
    ("events", 20),
    ("features", 5),
    ("images", 5),
    ("intervals", 3),
    ("mapClusters", 300),
    ("nearby", 10),
    ("nodes", 1),
    ("occurrences", 20),
    ("otherEditions", 10),
    ("pointsOfInterest", 20),
    ("prices", 3),
    ("routes", 20),
    ("search", 20),
    ("stops", 10),
    ("suggest", 10),
    ("unannouncedEvents", 20),
];

/// Points of fields that look at many records, beside what stands in them.
pub const WEIGHTS: &[(&str, u64)] =
    &[("events", 5), ("mapClusters", 200), ("nearby", 5), ("pointsOfInterest", 5), ("search", 10), ("suggest", 10), ("totalCount", 20)];
