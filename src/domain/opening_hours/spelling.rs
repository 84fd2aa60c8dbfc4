//! Where the crate reads a value otherwise than the specification, the value is respelled before the crate sees it, with
//! the same meaning in words the crate understands:
//!
//! - `A || B`: the crate falls back by the day, the specification by the instant. Each side is parsed for itself.
//! - `10:00-12:00 "by appointment"`: a comment without a state means unknown; the crate takes it for open.
//! - `18:00+`: an open end means that the closing time is not known; the crate takes it for open until midnight. It
//!   becomes `unknown` until the time `opening_hours.js` guesses: eight hours on from 22:00, ten from 17:00, else midnight.
//! - `Sa, Su 10:00-12:00`: a blank after the comma of a list makes the crate begin a rule (`Sa` all day long).
//! - `09:30–19:30`, `Mo - Fr`: a dash from a word processor is a hyphen, and blanks around one mean nothing.

/// The rule groups between the `||` of a value, respelled.
pub(super) fn fallback_groups(raw: &str) -> Vec<String> {
    split(raw, |rest, _| rest.starts_with("||").then_some(2))
        .into_iter()
        .map(|(group, _)| group_spelling(group).trim().to_owned())
        .collect()
}

fn group_spelling(group: &str) -> String {
    let mut spelling = String::with_capacity(group.len());
    for (rule, separator) in split(group, rule_separator) {
        spelling.push_str(&rule_spelling(rule));
        spelling.push_str(separator);
    }
    spelling
}

/// `;` always ends a rule. `, ` ends one when the rule has its times or state already and a selector follows: else it
/// goes on with more days or times.
fn rule_separator(rest: &str, rule: &str) -> Option<usize> {
    if rest.starts_with(';') {
        return Some(1);
    }
    let after = rest.strip_prefix(',')?;
    let next = after.trim_start();
    let more_times = starts_with_clock(next) || event_at(next.trim_start_matches('(')).is_some();
    let selects = !more_times && next.starts_with(|c: char| c.is_alphanumeric() || c == '"');
    (after.len() > next.len() && selects && has_times_or_state(rule)).then_some(1)
}

fn has_times_or_state(rule: &str) -> bool {
    rule.contains('"') || time_list(rule).is_some() || state_word(rule).is_some()
}

/// Cuts at the separators outside quotes. `separator` sees the rest and the part so far, and tells the separator's
/// length where the rest begins with one. The last part's separator is empty.
fn split(text: &str, separator: impl Fn(&str, &str) -> Option<usize>) -> Vec<(&str, &str)> {
    let (mut parts, mut start, mut position, mut quoted) = (Vec::new(), 0, 0, false);
    while let Some(next) = text[position..].chars().next() {
        quoted ^= next == '"';
        let found = if quoted { None } else { separator(&text[position..], &text[start..position]) };
        if let Some(length) = found {
            parts.push((&text[start..position], &text[position..position + length]));
            position += length;
            start = position;
        } else {
            position += next.len_utf8();
        }
    }
    parts.push((&text[start..], ""));
    parts
}

fn rule_spelling(rule: &str) -> String {
    let commented = with_state(&with_tight_lists(rule));
    with_ends(&commented).unwrap_or(commented)
}

/// Makes hyphens of dashes and takes the blanks around them and around the commas of lists away, before the comment.
fn with_tight_lists(rule: &str) -> String {
    let (bare, comment) = rule.split_at(rule.find('"').unwrap_or(rule.len()));
    let hyphens = bare.replace(['–', '—', '−'], "-").replace(" - ", "-");
    let mut tight = String::with_capacity(rule.len());
    for (at, part) in hyphens.split(',').enumerate() {
        if at > 0 {
            tight.truncate(tight.trim_end().len());
            tight.push(',');
        }
        tight.push_str(if at > 0 { part.trim_start() } else { part });
    }
    tight + comment
}

/// Puts `unknown` before a comment that stands without a state, and a comment that stands in front (`"mass": Su`), which
/// the crate does not let a blank follow, behind.
fn with_state(rule: &str) -> String {
    let Some((before, open)) = rule.split_once('"') else {
        return rule.to_owned();
    };
    let Some((comment, after)) = open.split_once('"') else {
        return rule.to_owned();
    };
    let state = if state_word(rule).is_some() { "" } else { "unknown " };
    match after.strip_prefix(':') {
        Some(selectors) => format!("{before}{} {state}\"{comment}\"", selectors.trim()),
        None => format!("{}{state}\"{comment}\"{after}", spaced(before)),
    }
}

/// Writes out the open ends of a rule's times; `None` where it has none.
fn with_ends(rule: &str) -> Option<String> {
    let (start, end) = time_list(rule)?;
    let (days, times, rest) = (&rule[..start], &rule[start..end], &rule[end..]);
    let mut certain = Vec::new();
    let mut guessed = Vec::new();
    for span in spans(times) {
        match span.strip_suffix('+') {
            None => certain.push(span.to_owned()),
            Some(span) => {
                let (begin, known_end) = span.split_once('-').map_or((span, None), |(begin, end)| (begin, Some(end)));
                guessed.push(format!("{}-{}", begin.trim(), guessed_end(begin, known_end)?));
                certain.extend(known_end.map(|_| span.to_owned()));
            }
        }
    }
    if guessed.is_empty() {
        return None;
    }
    let state = state_word(rule);
    if !matches!(state, None | Some("open")) {
        // Closed or unknown already: only the end has to be written out.
        certain.extend(guessed);
        return Some(format!("{days}{}{rest}", certain.join(",")));
    }
    let rest_without_state = rest.trim_start().trim_start_matches("open");
    let mut spelling = format!("{}{} unknown{rest_without_state}", days, guessed.join(","));
    if !certain.is_empty() {
        // The certain times come second and so win over the guess beneath them. They need days of their own, or they
        // would read as more times of the first rule.
        let days = if days.trim().is_empty() { "Mo-Su " } else { days.trim_start() };
        spelling = format!("{}, {days}{}{rest}", spelling.trim_end(), certain.join(","));
    }
    Some(spelling)
}

/// The end that `opening_hours.js` supposes for an open one, counted from the last time that is certain.
fn guessed_end(begin: &str, known_end: Option<&str>) -> Option<String> {
    let begin = minutes(begin)?;
    let mut last = known_end.map_or(Some(begin), minutes)?;
    if known_end.is_some() && last <= begin {
        last += 24 * 60;
    }
    let end = match last {
        ..1020 => 24 * 60,
        1020..1320 => last + 10 * 60,
        _ => last + 8 * 60,
    };
    let end = end.min(48 * 60);
    Some(format!("{:02}:{:02}", end / 60, end % 60))
}

/// Minutes since midnight of `H:MM`, `HH:MM` or a sun event, which counts as its usual time.
fn minutes(time: &str) -> Option<u16> {
    let time = time.trim().trim_start_matches('(');
    if let Some((_, usual)) = event_at(time) {
        return Some(usual);
    }
    let (hour, minute) = time.split_once(':')?;
    Some(hour.parse::<u16>().ok()?.checked_mul(60)?.checked_add(minute.parse().ok()?)?.min(48 * 60))
}

/// Sun events with the time `opening_hours.js` reckons their open end from.
const EVENTS: [(&str, u16); 4] = [("dawn", 330), ("sunrise", 360), ("sunset", 1080), ("dusk", 1110)];

/// The sun event a text begins with.
fn event_at(text: &str) -> Option<(&'static str, u16)> {
    let begins = |event: &str| text.get(..event.len()).is_some_and(|start| start.eq_ignore_ascii_case(event));
    EVENTS.into_iter().find(|(event, _)| begins(event))
}

/// The state word outside quotes, if the rule has one.
fn state_word(rule: &str) -> Option<&'static str> {
    let bare: String = rule.split('"').step_by(2).collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let words = bare.split(|c: char| !c.is_ascii_alphabetic()).collect::<Vec<_>>();
    ["open", "closed", "off", "unknown"].into_iter().find(|state| words.contains(state))
}

/// Where the list of times of a rule begins and ends.
fn time_list(rule: &str) -> Option<(usize, usize)> {
    let unquoted = rule.find('"').map_or(rule, |quote| &rule[..quote]);
    let is_start = |at: &usize| {
        let before = unquoted[..*at].chars().next_back();
        let rest = unquoted[*at..].trim_start_matches('(');
        before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != ':') && (starts_with_clock(rest) || event_at(rest).is_some())
    };
    let start = unquoted.char_indices().map(|(at, _)| at).find(is_start)?;
    let mut end = start;
    while let Some(next) = unquoted[end..].chars().next() {
        end += match event_at(&unquoted[end..]) {
            Some((event, _)) => event.len(),
            None if next.is_ascii_digit() || ":-,+ ()".contains(next) => 1,
            None => break,
        };
    }
    Some((start, start + unquoted[start..end].trim_end_matches([' ', ',']).len()))
}

fn starts_with_clock(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=2).contains(&digits)
        && text[digits..].starts_with(':')
        && text[digits + 1..].bytes().take(2).filter(u8::is_ascii_digit).count() == 2
}

/// The spans of a time list, trimmed.
fn spans(times: &str) -> impl Iterator<Item = &str> {
    times.split(',').map(str::trim).filter(|span| !span.is_empty())
}

/// A part before a state word: with a blank at its end, unless it is empty.
fn spaced(part: &str) -> String {
    let part = part.trim_end();
    if part.is_empty() { String::new() } else { format!("{part} ") }
}
