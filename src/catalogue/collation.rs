//! The order of names: accents and case aside, as a reader looks them up.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The name without accents and in lower case, to be compared byte by byte.
pub fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.nfd().filter(|character| !is_combining_mark(*character)).flat_map(char::to_lowercase).collect()
}
