//! Words for full-text search and keys for people's order, the same on every database.

use icu_collator::options::CollatorOptions;
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// The longest token, in characters; the rest of a longer word is not searched.
const MAX_TOKEN: usize = 64;
/// The most tokens of one text.
const MAX_TOKENS: usize = 512;

/// The version of [`sort_key`]'s bytes: stored keys of another one are computed anew.
pub const SORT_KEY_VERSION: u32 = 1;
/// The most bytes of a sort key; texts that differ only beyond it are ordered by id.
const MAX_SORT_KEY: usize = 128;
/// More characters than this never reach the first bytes of a key.
const MAX_SORTED_CHARS: usize = 128;

/// The words of a text for full-text search, in order: lower case, without diacritics.
///
/// Compatibility forms are unfolded (NFKD), `ß` is `ss` and `ø` is `o`, every ideograph and kana
/// is a word of its own, and everything that is neither letter nor digit separates words.
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Tokens { done: Vec::new(), word: String::new(), len: 0 };
    if text.is_ascii() {
        for byte in text.bytes() {
            match byte.is_ascii_alphanumeric() {
                true => tokens.push(byte.to_ascii_lowercase() as char),
                false => tokens.end(),
            }
            if tokens.is_full() {
                break;
            }
        }
    } else {
        // Lower-casing can yield composed characters again, hence the second decomposition.
        for c in text.nfkd().flat_map(char::to_lowercase).nfkd() {
            tokens.add(c);
            if tokens.is_full() {
                break;
            }
        }
    }
    tokens.end();
    tokens.done
}

/// Appends the words of a text ([`tokens`]) to `out`, each after a blank where it is not the first.
pub fn write_tokens(text: &str, out: &mut String) {
    if !text.is_ascii() || text.len() > MAX_TOKENS {
        for token in tokens(text) {
            separate(out);
            out.push_str(&token);
        }
        return;
    }
    out.reserve(text.len() + 1);
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    for word in words {
        separate(out);
        let start = out.len();
        out.push_str(&word[..word.len().min(MAX_TOKEN)]);
        out[start..].make_ascii_lowercase();
    }
}

fn separate(out: &mut String) {
    if !out.is_empty() {
        out.push(' ');
    }
}

struct Tokens {
    done: Vec<String>,
    word: String,
    /// Characters of `word`, and of what was cut off it.
    len: usize,
}

impl Tokens {
    fn add(&mut self, c: char) {
        match c {
            'ß' => "ss".chars().for_each(|c| self.push(c)),
            'æ' => "ae".chars().for_each(|c| self.push(c)),
            'œ' => "oe".chars().for_each(|c| self.push(c)),
            'þ' => "th".chars().for_each(|c| self.push(c)),
            'ø' => self.push('o'),
            'ł' => self.push('l'),
            'đ' | 'ð' => self.push('d'),
            'ħ' => self.push('h'),
            'ı' => self.push('i'),
            // Soft hyphen, joiners, variation selectors: inside a word and not seen.
            '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => {}
            '\u{fe00}'..='\u{fe0f}' => {}
            c if canonical_combining_class(c) != 0 => {}
            c if stands_alone(c) => {
                self.end();
                self.push(c);
                self.end();
            }
            c if c.is_alphanumeric() => self.push(c),
            _ => self.end(),
        }
    }

    fn push(&mut self, c: char) {
        if self.len < MAX_TOKEN {
            self.word.push(c);
        }
        self.len += 1;
    }

    fn end(&mut self) {
        self.len = 0;
        if !self.word.is_empty() && !self.is_full() {
            self.done.push(std::mem::take(&mut self.word));
        }
    }

    fn is_full(&self) -> bool {
        self.done.len() >= MAX_TOKENS
    }
}

/// Ideographs and kana: scripts that write no blanks between words.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// Bytes that order texts as people expect: the root collation of CLDR, by letter, then by
/// diacritic, then by case (lower case first).
///
/// Cut to 128 bytes; a cut key is still in order, and equal where the texts agree up to there.
pub fn sort_key(text: &str) -> Vec<u8> {
    static COLLATOR: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| {
        let (locale, options) = (CollatorPreferences::default(), CollatorOptions::default());
        CollatorBorrowed::try_new(locale, options).ok()
    });
    let start = match text.char_indices().nth(MAX_SORTED_CHARS) {
        Some((end, _)) => &text[..end],
        None => text,
    };
    let mut key = Vec::with_capacity(MAX_SORT_KEY);
    if let Some(collator) = COLLATOR.as_ref() {
        let Ok(()) = collator.write_sort_key_to(start, &mut key);
    }
    key.truncate(MAX_SORT_KEY);
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_found_however_they_are_written() {
        for (text, expected) in [
            ("", &[][..]),
            ("Vins et alcools Chevalier", &["vins", "et", "alcools", "chevalier"]),
            ("INV-2026/00042", &["inv", "2026", "00042"]),
            ("Äpfel, Straße & Ødegård", &["apfel", "strasse", "odegard"]),
            ("Łódź ﬁx ½ Ⅳ", &["lodz", "fix", "1", "2", "iv"]),
            ("İstanbul ISTANBUL ıstanbul", &["istanbul", "istanbul", "istanbul"]),
            ("e\u{301}cole co\u{ad}operate", &["ecole", "cooperate"]),
            ("東京 タワー", &["東", "京", "タ", "ワ", "ー"]),
            ("Ελλάδα МОСКВА", &["ελλαδα", "москва"]),
            ("a\u{0}b", &["a", "b"]),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
        let composed = tokens("한국어 회사");
        assert_eq!(composed.len(), 2);
        assert_eq!(composed, tokens("한국어 회사".nfd().collect::<String>().as_str()));
    }

    #[test]
    fn tokens_are_bounded() {
        assert_eq!(tokens(&"x".repeat(1_000)), ["x".repeat(64)]);
        assert_eq!(tokens(&"é".repeat(1_000)), ["e".repeat(64)]);
        assert_eq!(tokens(&"x ".repeat(1_000)).len(), 512);
        assert_eq!(tokens(&"字".repeat(1_000)).len(), 512);
    }

    #[test]
    fn people_find_names_where_they_look_for_them() {
        let names = [
            "",
            "-",
            "10",
            "9",
            "Aalborg",
            "Ålborg",
            "alborg",
            "Alborg",
            "Álvarez",
            "Bär",
            "bar",
            "Bar",
            "Chevalier",
            "co-op",
            "coop",
            "Émile",
            "Emil",
            "Zoë",
            "zoo",
            "東京",
        ];
        let mut sorted = names.to_vec();
        sorted.sort_by_key(|name| sort_key(name));
        let expected = [
            "",
            "-",
            "10",
            "9",
            "Aalborg",
            "alborg",
            "Alborg",
            "Ålborg",
            "Álvarez",
            "bar",
            "Bar",
            "Bär",
            "Chevalier",
            "co-op",
            "coop",
            "Emil",
            "Émile",
            "Zoë",
            "zoo",
            "東京",
        ];
        assert_eq!(sorted, expected);
    }

    #[test]
    fn a_key_is_the_same_for_ever_within_its_version() {
        // Other bytes here need a new SORT_KEY_VERSION, so that stored keys are computed anew.
        let hex = |text| sort_key(text).iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(SORT_KEY_VERSION, 1);
        assert_eq!(hex("Ann Lee"), "2b454504413333010b01dcc3dc06");
        assert_eq!(hex("Zoë 7"), "5d473304200143960601dc09");
    }

    #[test]
    fn a_key_has_at_most_128_bytes() {
        for text in ["é".repeat(500), "Zoë ".repeat(300), "\u{301}".repeat(400), "東".repeat(200)]
        {
            assert!(sort_key(&text).len() <= MAX_SORT_KEY);
        }
    }

    proptest! {
        #[test]
        fn tokens_of_tokens_are_the_same_tokens(text in "\\PC{0,60}") {
            let once = tokens(&text);
            prop_assert_eq!(tokens(&once.join(" ")), once);
        }

        #[test]
        fn words_are_written_as_they_are_found(text in "[ -~]{0,40}|\\PC{0,60}") {
            let mut written = "before".to_owned();
            write_tokens(&text, &mut written);
            let found = tokens(&text).iter().map(|token| format!(" {token}")).collect::<String>();
            prop_assert_eq!(written, format!("before{found}"));
        }

        #[test]
        fn a_composed_text_has_the_words_of_its_decomposition(text in "\\PC{0,60}") {
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(tokens(&decomposed), tokens(&text));
        }

        #[test]
        fn a_key_orders_as_the_collator_compares(a in "\\PC{0,12}", b in "\\PC{0,12}") {
            let collator = CollatorBorrowed::try_new(<_>::default(), CollatorOptions::default()).unwrap();
            let (a_key, b_key) = (sort_key(&a), sort_key(&b));
            if a_key.len() < MAX_SORT_KEY && b_key.len() < MAX_SORT_KEY {
                prop_assert_eq!(a_key.cmp(&b_key), collator.compare(&a, &b));
            }
        }
    }
}
