//! A look at the text of a document before it is parsed: one pass, no recursion, no allocation. It knows just enough of the
//! lexical grammar (GraphQL specification, October 2021, §2.1) not to count what stands in strings and comments.

use super::failure::{Code, Failure};
use super::limits::Limits;

/// Refuses a text that is too long, nests too deep, or has too many tokens or directives.
pub fn prescan(text: &str, limits: &Limits) -> Result<(), Failure> {
    if text.len() > limits.bytes {
        return Err(Failure::new(Code::QueryTooLarge, format!("the document has {} bytes; at most {} are read", text.len(), limits.bytes)));
    }
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    let (mut tokens, mut nesting, mut directives) = (0, 0_usize, 0);
    while let Some(byte) = scan.next_token() {
        tokens += 1;
        match byte {
            b'{' | b'(' | b'[' => nesting += 1,
            b'}' | b')' | b']' => nesting = nesting.saturating_sub(1),
            b'@' => directives += 1,
            _ => {}
        }
        if nesting > limits.nesting {
            return Err(Failure::new(Code::QueryTooDeep, format!("the document opens more than {} brackets at once", limits.nesting)));
        }
        if directives > limits.directives {
            return Err(Failure::new(Code::TooManyDirectives, format!("the document has more than {} directives", limits.directives)));
        }
        if tokens > limits.tokens {
            return Err(Failure::new(Code::QueryTooLarge, format!("the document has more than {} tokens", limits.tokens)));
        }
    }
    Ok(())
}

/// Refuses JSON with more values than are read. Every value but the first follows a comma or opens a list or an object, so
/// counting those is enough, and is ten times as fast as reading them; what is no JSON at all is left to the reader.
pub fn values(json: &[u8], limits: &Limits) -> Result<(), Failure> {
    let (mut values, mut at) = (0, 0);
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => at = end_of_text(json, at + 1),
            b',' | b'[' | b'{' => values += 1,
            _ => {}
        }
        at += 1;
    }
    if values > limits.values {
        return Err(Failure::new(Code::PayloadTooLarge, format!("the request holds more than {} values", limits.values)));
    }
    Ok(())
}

/// Where the quote is that ends the text.
fn end_of_text(json: &[u8], mut at: usize) -> usize {
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    /// The first byte of the next token.
    fn next_token(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' | 0xEF | 0xBB | 0xBF => self.at += 1,
                b'#' => self.skip_while(|byte| byte != b'\n' && byte != b'\r'),
                b'"' => {
                    self.skip_string();
                    return Some(b'"');
                }
                b'-' | b'0'..=b'9' => {
                    self.skip_while(|byte| matches!(byte, b'.' | b'+' | b'-' | b'_') || byte.is_ascii_alphanumeric());
                    return Some(byte);
                }
                b'.' => {
                    self.skip_while(|byte| byte == b'.');
                    return Some(byte);
                }
                b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                    self.skip_while(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
                    return Some(byte);
                }
                _ => {
                    self.at += 1;
                    return Some(byte);
                }
            }
        }
    }

    fn skip_while(&mut self, skipped: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|byte| skipped(*byte)) {
            self.at += 1;
        }
    }

    fn skip_string(&mut self) {
        let rest = &self.bytes[self.at..];
        let (block, quote): (bool, &[u8]) = if rest.starts_with(b"\"\"\"") { (true, b"\"\"\"") } else { (false, b"\"") };
        self.at += quote.len();
        while let Some(byte) = self.bytes.get(self.at) {
            let rest = &self.bytes[self.at..];
            if rest.starts_with(quote) {
                self.at += quote.len();
                return;
            }
            if !block && (*byte == b'\n' || *byte == b'\r') {
                return;
            }
            let escaped = if block { rest.starts_with(b"\\\"\"\"") } else { *byte == b'\\' };
            self.at += if escaped { 2 + 2 * usize::from(block) } else { 1 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::limits::LIMITS;
    use proptest::prelude::*;

    fn tokens(text: &str) -> usize {
        let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
        std::iter::from_fn(|| scan.next_token()).count()
    }

    #[test]
    fn strings_and_comments_are_one_token_or_none() {
        assert_eq!(tokens(r#"{ a(b: "} @ { \" x", c: -1.5e+3) ...f # { { {"#), 12);
        assert_eq!(tokens("\"\"\"block \\\"\"\" { { \" still\"\"\" a"), 2);
        assert_eq!(tokens("\"unfinished"), 1);
    }

    #[test]
    fn values_outside_texts_are_counted() {
        let limits = Limits { values: 3, ..LIMITS };
        for (json, passes) in [
            (r#"{"a":[1,2]}"#, true),
            (r#"{"a":[1,2,3]}"#, false),
            (r#"{"a":",,,\",[[["}"#, true),
            (r#"{"a","#, true),
            ("[[[[", false),
            ("\"", true),
        ] {
            assert_eq!(values(json.as_bytes(), &limits).is_ok(), passes, "{json}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text: String) {
            let _ = prescan(&text, &LIMITS);
            let _ = tokens(&text);
        }
    }
}
