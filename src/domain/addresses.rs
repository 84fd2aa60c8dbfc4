//! Addresses in records: of the web, of mail, of the telephone. Apps make links of them, so each is of the kind its field says and of
//! no other: a `javascript:` that a reader touches would run in the app. Texts are kept as they were written.

use serde_json::Value;
use url::{Host, Url};

use super::media::FOLDER;

/// Longest address of the web, in bytes: what browsers and mail programs take.
const LONGEST_URL: usize = 2_048;
/// Longest e-mail address (RFC 5321 §4.5.3.1.3, less the angle brackets) and its longest local part (§4.5.3.1.1).
const LONGEST_EMAIL: (usize, usize) = (254, 64);
/// Digits of a telephone number: from emergency numbers to the most of ITU-T E.164.
const DIGITS: std::ops::RangeInclusive<usize> = 3..=15;
/// What stands before an extension.
const EXTENSIONS: [&str; 4] = ["ramal", "ext.", "ext", "x"];

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No address of the web.
    #[error("is not an address such as https://example.org/page")]
    Web,
    /// Neither an address of the web nor of an image of ours.
    #[error("is neither an address such as https://example.org/a.jpg nor that of an image of ours")]
    Image,
    /// No e-mail address.
    #[error("is not an e-mail address such as turismo@example.org")]
    Email,
    /// No telephone number.
    #[error("is not a telephone number such as +55 65 3056-1373 or 190: digits, blanks, + ( ) - . and perhaps `ramal` with more digits")]
    Telephone,
    /// A text that names an address of another scheme.
    #[error("is an address of another kind than https://example.org/page; for a text, leave a blank behind the colon")]
    Scheme,
}

/// Whether a text is an absolute address of the web (WHATWG URL, `http` or `https`), without a name and password in it.
pub fn check_web(text: &str) -> Result<(), AddressError> {
    let begins = |scheme: &str| text.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme));
    // The parser passes over blanks and takes `https:\\` and `https:a` for what they are not.
    let is_plain = text.len() <= LONGEST_URL && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control() || letter == '\\');
    if !is_plain || !(begins("https://") || begins("http://")) {
        return Err(AddressError::Web);
    }
    let url = Url::parse(text).map_err(|_| AddressError::Web)?;
    let has_host = url.host_str().is_some_and(|host| !host.is_empty());
    if has_host && url.username().is_empty() && url.password().is_none() { Ok(()) } else { Err(AddressError::Web) }
}

/// Whether a text is the address of an image: one of the web, or a path to where those stand that we keep. Whether we do keep it is
/// asked elsewhere.
pub fn check_image(text: &str) -> Result<(), AddressError> {
    let is_path = text.starts_with(FOLDER) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    if is_path { Ok(()) } else { check_web(text).map_err(|_| AddressError::Image) }
}

/// Whether a text is an e-mail address: of RFC 5321 §4.1.2 a dot-string and a domain with a dot in it, no quoted string, no address
/// literal; and nothing that means something in a `mailto:` (RFC 6068 §2) or has to be encoded there.
pub fn check_email(text: &str) -> Result<(), AddressError> {
    let wrong = AddressError::Email;
    let (local, domain) = text.rsplit_once('@').filter(|_| text.len() <= LONGEST_EMAIL.0).ok_or(wrong)?;
    let is_local = |letter: u8| letter.is_ascii_alphanumeric() || b"!$'*+-=^_{|}~".contains(&letter);
    let is_dot_string = local.len() <= LONGEST_EMAIL.1 && local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_local));
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '.';
    let labels: Vec<&str> = domain.split('.').collect();
    let is_domain = labels.len() >= 2
        && labels.iter().all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'))
        && domain.chars().all(is_name)
        && matches!(Host::parse(domain), Ok(Host::Domain(_)));
    if is_dot_string && is_domain { Ok(()) } else { Err(wrong) }
}

/// Whether a text is a telephone number as people write it: an optional `+`, digits with blanks, brackets, hyphens and dots between
/// them, and perhaps an extension.
pub fn check_telephone(text: &str) -> Result<(), AddressError> {
    let wrong = AddressError::Telephone;
    let lower = text.to_lowercase();
    let (number, extension) = EXTENSIONS
        .iter()
        .find_map(|word| lower.split_once(word))
        .map_or((lower.as_str(), None), |(number, extension)| (number, Some(extension)));
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let is_extension = |text: &str| {
        let digits = text.trim();
        (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let rest = number.strip_prefix('+').unwrap_or(number);
    let is_number = rest.starts_with(|first: char| first.is_ascii_digit() || first == '(')
        && rest.bytes().all(|byte| byte.is_ascii_digit() || b" ()-./".contains(&byte))
        && DIGITS.contains(&digits(rest));
    if is_number && extension.is_none_or(is_extension) && text == text.trim() { Ok(()) } else { Err(wrong) }
}

/// Whether a text that may name an address (a source, a credit) names none of another scheme than the web's: readers turn such words
/// into links too.
pub fn check_mention(text: &str) -> Result<(), AddressError> {
    // Browsers pass over what stands before, and over tabs and line breaks inside (WHATWG URL §4.4).
    let bare: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let Some((scheme, rest)) = bare.trim_start().split_once(':') else { return Ok(()) };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    // `Fonte: IBGE` is a text, and so is `museu.example.org:8080`, whose dot no scheme in use has.
    let is_address = is_scheme && !scheme.contains('.') && rest.starts_with(|next: char| !next.is_whitespace());
    let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    if is_address && !is_web { Err(AddressError::Scheme) } else { Ok(()) }
}

/// An address in a record that is not of the kind its field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongAddress {
    /// Where it stands: names of members, and numbers of entries of lists.
    pub path: Vec<String>,
    /// What is wrong.
    pub error: AddressError,
}

/// Every wrong address of a record in the form of catalogue files. Fields are known by their names, wherever they stand.
pub fn check_record(content: &Value) -> Vec<WrongAddress> {
    let mut found = Vec::new();
    gather(content, &mut Vec::new(), &mut found);
    found
}

fn gather(value: &Value, path: &mut Vec<String>, found: &mut Vec<WrongAddress>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                path.push(name.clone());
                gather(member, path, found);
                path.pop();
            }
        }
        Value::Array(values) => {
            for (index, member) in values.iter().enumerate() {
                path.push(index.to_string());
                gather(member, path, found);
                path.pop();
            }
        }
        Value::String(text) => {
            if let Err(error) = check_field(path, text) {
                found.push(WrongAddress { path: path.clone(), error });
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn check_field(path: &[String], text: &str) -> Result<(), AddressError> {
    let mut names = path.iter().rev().map(String::as_str).filter(|name| !name.bytes().all(|byte| byte.is_ascii_digit()));
    match (names.next(), names.next()) {
        (Some("url"), Some("images")) => check_image(text),
        (Some("url" | "sameAs"), _) => check_web(text),
        (Some("email"), _) => check_email(text),
        (Some("telephone"), _) => check_telephone(text),
        (Some("source" | "credit" | "evidence"), _) => check_mention(text),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(check: fn(&str) -> Result<(), AddressError>, good: &[&str], bad: &[&str]) {
        for good in good {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in bad {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn addresses_of_the_web_are_http_and_whole() {
        check(
            check_web,
            &[
                "https://example.org",
                "http://example.org/a?b=c&d=\"e\"#f",
                "HTTPS://Example.org/",
                "https://câmara.example.org",
                "http://127.0.0.1:8080/a",
                "https://[2001:4860:4860::8888]/",
            ],
            &[
                "",
                "example.com",
                "www.example.com/a",
                "//example.com",
                "javascript:alert(1)",
                "JavaScript:alert(1)",
                " javascript:alert(1)",
                "java\nscript:alert(1)",
                "data:text/html,x",
                "vbscript:x",
                "file:///etc/passwd",
                "ftp://example.org",
                "mailto:a@example.org",
                "https:example.org",
                "https:/example.org",
                "https:\\\\example.org",
                "https://",
                "https://?a",
                "https://exa mple.org",
                " https://example.org",
                "https://example.org\n",
                "https://a:b@example.org",
                "https://a@example.org",
                "https://example.org:99999",
                "https://[::1",
                "/media/x.jpg",
                "intent://example.org#Intent;end",
            ],
        );
        assert!(check_web(&format!("https://example.org/{}", "a".repeat(2_030))).is_err());
    }

    #[test]
    fn images_are_of_the_web_or_ours() {
        let digest = "a".repeat(64);
        check(
            check_image,
            &["https://example.org/a.jpg", &format!("/media/{digest}.jpg"), &format!("/media/{digest}/320.webp")],
            &[
                "data:image/png;base64,AAAA",
                "/media/\"onerror=",
                "/media",
                "/etc/passwd",
                "//example.org/a.jpg",
                "a.jpg",
                "javascript:alert(1)",
            ],
        );
    }

    #[test]
    fn e_mail_addresses_are_those_of_a_mailto() {
        check(
            check_email,
            &["turismo@cuiaba.mt.gov.br", "a.b+c_d-e@example.org", "a@câmara.example.org"],
            &[
                "",
                "x",
                "@",
                "a@",
                "@example.org",
                "a@b",
                "a b@example.org",
                "a@example .org",
                "a@@example.org",
                ".a@example.org",
                "a..b@example.org",
                "a@example..org",
                "a@-example.org",
                "a@[127.0.0.1]",
                "a@127.0.0.1",
                "\"a\"@example.org",
                "mailto:a@example.org",
                "a?bcc=b@example.org",
                "a%0Ab@example.org",
                "a@example.org?bcc=b",
                "Ana <a@example.org>",
                "a@example.org, b@example.org",
                "a@example.org\n",
            ],
        );
        assert!(check_email(&format!("{}@example.org", "a".repeat(65))).is_err());
        assert!(check_email(&format!("a@{}.org", "a.".repeat(130))).is_err());
    }

    #[test]
    fn telephones_have_digits_and_what_people_put_between_them() {
        check(
            check_telephone,
            &[
                "190",
                "+55 65 3056-1373",
                "(65) 3056-1373",
                "+55 (65) 3056.1373",
                "0800 123 4567",
                "+55 65 3056-1373 ramal 12",
                "65/3056-1373 ext. 4",
                "3056-1373 x 12",
            ],
            &[
                "",
                "abc",
                "12",
                "+",
                "+55",
                "tel:+5565",
                "3056-1373 ramal",
                "++55 65 3056-1373",
                "55+65",
                "+55 65 3056-1373 3056-1374",
                "3056;ext=1",
                "*100#",
                " 190",
                "１９０",
                "- - -",
                "3056 1373 ligue",
            ],
        );
    }

    #[test]
    fn a_mention_is_a_text_or_of_the_web() {
        check(
            check_mention,
            &[
                "IBGE",
                "Fonte: IBGE",
                "https://example.org",
                "example.org/a:b",
                "museu.example.org:8080",
                "OSM (15°35'56.80\"S), 12:30",
                "HTTPS://example.org e outros",
                ": x",
                "MuseusBR; telefone: guia",
            ],
            &[
                "javascript:alert(1)",
                " \tjavascript:alert(1)",
                "java\tscript:alert(1)",
                "JAVASCRIPT:alert('a b')",
                "data:text/html,x",
                "vbscript:x",
                "file:///x",
                "mailto:a@example.org",
            ],
        );
    }

    #[test]
    fn every_address_of_a_record_is_looked_at() {
        let record = json!({
            "slug": "javascript:x",
            "contact": { "url": "example.com", "email": "x", "telephone": "abc" },
            "provenance": { "source": "data:x", "sameAs": ["https://example.org", "ftp://example.org"] },
            "images": [{ "url": "https://example.org/a.jpg", "source": "x", "credit": "javascript:x" }, { "url": "x" }],
            "prices": [{ "url": "javascript:x", "source": "x" }],
            "accessibility": [{ "evidence": "data:x" }],
        });
        let found: Vec<String> = check_record(&record).into_iter().map(|wrong| wrong.path.join(".")).collect();
        let expected = [
            "accessibility.0.evidence",
            "contact.email",
            "contact.telephone",
            "contact.url",
            "images.0.credit",
            "images.1.url",
            "prices.0.url",
            "provenance.sameAs.1",
            "provenance.source",
        ];
        assert_eq!(found.len(), expected.len(), "{found:?}");
        assert!(expected.iter().all(|path| found.iter().any(|found| found == path)), "{found:?}");
    }
}
