//! A set of small numbers, a bit each: which of a list's records are gone.

/// A set of numbers. Memory grows with the greatest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberSet {
    words: Vec<u64>,
}

impl NumberSet {
    /// A set of nothing.
    pub const fn new() -> Self {
        Self { words: Vec::new() }
    }

    /// Whether nothing was ever put in.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether the number is in the set.
    #[inline]
    pub fn contains(&self, number: u32) -> bool {
        self.words.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 != 0)
    }

    /// Puts a number in.
    pub fn insert(&mut self, number: u32) {
        let word = number as usize / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (number % 64);
    }

    /// The numbers below `end`, rising. O(greatest / 64 + how many).
    pub fn below(&self, end: u32) -> impl Iterator<Item = u32> {
        let of_word = |(index, word): (u32, &u64)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(index * 64 + bit)
            })
        };
        (0..).zip(&self.words).flat_map(of_word).take_while(move |number| *number < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let mut set = NumberSet::default();
        assert!(set.is_empty() && !set.contains(0));
        for number in [130, 3, 64, 3] {
            set.insert(number);
        }
        assert_eq!(set.below(1_000).collect::<Vec<_>>(), [3, 64, 130]);
        assert_eq!(set.below(130).collect::<Vec<_>>(), [3, 64]);
        assert!(!set.is_empty() && !set.contains(131) && !set.contains(u32::MAX));
    }
}
