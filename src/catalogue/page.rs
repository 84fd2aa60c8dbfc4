//! Pages of a list that stay right while the list changes. A cursor holds the sort key of a record, not its place in
//! the list: the next page begins after that key, so what was there all along is neither repeated nor skipped.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use siphasher::sip::SipHasher13;
use uuid::Uuid;

use super::error::CatalogueError;
use crate::domain::ids::RecordId;

/// Most records a page holds.
pub const MAX_PAGE: usize = 100;
/// Records of a page when nothing is asked.
pub const DEFAULT_PAGE: usize = 20;
/// Version of the cursor's form; a changed form changes it, and old cursors are refused.
const CURSOR_VERSION: u8 = 1;

/// Where a record stands in a list: by group, number, word, and id at last, so that no two are equal.
#[derive(Clone, Debug, PartialEq)]
pub struct SortKey {
    /// 0, or 1 for what an `…Unknown: LAST` policy puts at the end.
    pub group: u8,
    /// Metres, seconds or a score; 0 where the word decides.
    pub number: f64,
    /// Folded name; empty where the number decides.
    pub word: Box<str>,
    /// The record.
    pub id: RecordId,
}

impl SortKey {
    /// A key that sorts by a number.
    pub fn number(group: u8, number: f64, id: RecordId) -> Self {
        Self { group, number, word: "".into(), id }
    }

    /// A key that sorts by a word.
    pub fn word(group: u8, word: impl Into<Box<str>>, id: RecordId) -> Self {
        Self { group, number: 0.0, word: word.into(), id }
    }
}

impl Eq for SortKey {}
impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.group
            .cmp(&other.group)
            .then_with(|| self.number.total_cmp(&other.number))
            .then_with(|| self.word.cmp(&other.word))
            .then_with(|| self.id.cmp(&other.id))
    }
}

/// What a list is: its name and every argument that decides its content or order. Cursors of another are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Of the list's name and its arguments, without the page's. SipHash-1-3 with a fixed key (Aumasson, Bernstein 2012)
    /// gives the same in every process and release.
    pub fn of(list: &str, arguments: &impl Hash) -> Self {
        let mut hasher = SipHasher13::new_with_keys(0x526f_7465_6972_6f21, 0x6375_7273_6f72_7321);
        list.hash(&mut hasher);
        arguments.hash(&mut hasher);
        Self(hasher.finish())
    }

    /// As cursors hold it.
    pub(super) const fn to_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    /// As a cursor held it.
    pub(super) const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(bytes))
    }
}

/// Which page is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageRequest {
    /// Records from the start or after `after`.
    pub first: Option<i64>,
    /// Begin after this cursor.
    pub after: Option<String>,
    /// Records from the end or before `before`.
    pub last: Option<i64>,
    /// End before this cursor.
    pub before: Option<String>,
}

/// A page asked for, understood and within the limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Most records to give.
    pub limit: usize,
    /// From the end instead of the start.
    pub backward: bool,
    /// Only records after this key.
    pub after: Option<SortKey>,
    /// Only records before this key.
    pub before: Option<SortKey>,
}

impl PageRequest {
    /// Checks the request for the list with this fingerprint.
    pub fn resolve(&self, fingerprint: Fingerprint) -> Result<Page, CatalogueError> {
        if self.first.is_some() && self.last.is_some() {
            return Err(CatalogueError::Page("give `first` or `last`, not both"));
        }
        let limit = match self.first.or(self.last) {
            None => DEFAULT_PAGE,
            Some(count @ 1..=100) => count as usize,
            Some(_) => return Err(CatalogueError::Page("`first` and `last` are from 1 to 100")),
        };
        Ok(Page {
            limit,
            backward: self.last.is_some(),
            after: self.after.as_deref().map(|cursor| decode(cursor, fingerprint)).transpose()?,
            before: self.before.as_deref().map(|cursor| decode(cursor, fingerprint)).transpose()?,
        })
    }
}

impl Page {
    /// Whether the key lies between the cursors.
    pub fn admits(&self, key: &SortKey) -> bool {
        self.after.as_ref().is_none_or(|after| key > after) && self.before.as_ref().is_none_or(|before| key < before)
    }

    /// Sorts all keys of a list and takes the page. O(n log limit) would do; lists that come here are short.
    pub fn take<T>(&self, mut entries: Vec<(SortKey, T)>) -> Taken<T> {
        entries.retain(|(key, _)| self.admits(key));
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        let more = entries.len() > self.limit;
        if self.backward {
            entries.drain(..entries.len().saturating_sub(self.limit));
        } else {
            entries.truncate(self.limit);
        }
        self.taken(entries, more)
    }

    /// The page of entries that were already cut to it, with whether there were more in its direction.
    pub fn taken<T>(&self, entries: Vec<(SortKey, T)>, more: bool) -> Taken<T> {
        let (has_next_page, has_previous_page) = if self.backward { (self.before.is_some(), more) } else { (more, self.after.is_some()) };
        Taken { entries, has_next_page, has_previous_page }
    }
}

/// The records of a page in the order of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken<T> {
    /// Key and record.
    pub entries: Vec<(SortKey, T)>,
    /// Whether records follow.
    pub has_next_page: bool,
    /// Whether records come before; with `first` true after any cursor, as the Relay specification allows.
    pub has_previous_page: bool,
}

/// The cursor of a record in the list with this fingerprint: base64url of version, fingerprint, key and a checksum, so that
/// one made up or bent is told from a real one. It guards against mistakes, not against malice: it holds nothing secret.
pub fn encode(key: &SortKey, fingerprint: Fingerprint) -> String {
    let mut bytes = Vec::with_capacity(48 + key.word.len());
    bytes.push(CURSOR_VERSION);
    bytes.extend(fingerprint.to_bytes());
    bytes.push(key.group);
    bytes.extend(key.number.to_bits().to_le_bytes());
    bytes.extend(key.id.0.as_bytes());
    bytes.extend(key.word.as_bytes());
    let checksum = checksum(&bytes);
    bytes.extend(checksum);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Tells a cursor that was bent or made up.
pub(super) fn checksum(bytes: &[u8]) -> [u8; 4] {
    let mut hasher = SipHasher13::new_with_keys(0x6368_6563_6b73_756d, 0x6f66_6375_7273_6f72);
    hasher.write(bytes);
    (hasher.finish() as u32).to_le_bytes()
}

fn decode(cursor: &str, fingerprint: Fingerprint) -> Result<SortKey, CatalogueError> {
    read(cursor, fingerprint).ok_or(CatalogueError::Cursor)
}

fn read(cursor: &str, fingerprint: Fingerprint) -> Option<SortKey> {
    if cursor.len() > 1_000 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    if checksum(body) != *sum {
        return None;
    }
    let (version, body) = body.split_first()?;
    let (print, body) = body.split_first_chunk::<8>()?;
    let (group, body) = body.split_first()?;
    let (number, body) = body.split_first_chunk::<8>()?;
    let (id, word) = body.split_first_chunk::<16>()?;
    let number = f64::from_bits(u64::from_le_bytes(*number));
    let known = *version == CURSOR_VERSION && Fingerprint::from_bytes(*print) == fingerprint;
    (known && !number.is_nan()).then_some(())?;
    Some(SortKey { group: *group, number, word: std::str::from_utf8(word).ok()?.into(), id: RecordId(Uuid::from_bytes(*id)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> impl Strategy<Value = SortKey> {
        (0..2_u8, -1e9..1e9_f64, "[a-z ]{0,12}", any::<u128>()).prop_map(|(group, number, word, id)| SortKey {
            group,
            number,
            word: word.into(),
            id: RecordId(Uuid::from_u128(id)),
        })
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_went(key in key(), print in any::<u64>()) {
            prop_assert_eq!(decode(&encode(&key, Fingerprint(print)), Fingerprint(print)), Ok(key));
        }

        #[test]
        fn a_bent_or_foreign_cursor_is_refused(key in key(), print in any::<u64>(), at in any::<prop::sample::Index>()) {
            let cursor = encode(&key, Fingerprint(print));
            prop_assert!(decode(&cursor, Fingerprint(print ^ 1)).is_err());
            let mut bent = cursor.into_bytes();
            let place = at.index(bent.len() - 1);
            bent[place] = if bent[place] == b'A' { b'B' } else { b'A' };
            prop_assert!(decode(std::str::from_utf8(&bent).unwrap(), Fingerprint(print)).is_err());
        }

        #[test]
        fn pages_walk_a_list_without_gap_or_repetition(keys in prop::collection::btree_map(any::<u128>(), key(), 0..40), limit in 1..7_usize, backward: bool) {
            let mut all: Vec<(SortKey, ())> = keys.into_values().map(|key| (key, ())).collect();
            all.sort_by(|one, other| one.0.cmp(&other.0));
            all.dedup_by(|one, other| one.0 == other.0);
            let mut walked = Vec::new();
            let mut cursor = None;
            loop {
                let (after, before) = if backward { (None, cursor.clone()) } else { (cursor.clone(), None) };
                let taken = Page { limit, backward, after, before }.take(all.clone());
                let more = if backward { taken.has_previous_page } else { taken.has_next_page };
                cursor = if backward { taken.entries.first() } else { taken.entries.last() }.map(|(key, ())| key.clone());
                if backward { walked.splice(0..0, taken.entries); } else { walked.extend(taken.entries); }
                if !more { break; }
            }
            prop_assert_eq!(walked, all);
        }
    }
}
