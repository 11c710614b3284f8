//! TypeIDs: a prefix that names the entity, and a UUIDv7 in Crockford base 32.
//!
//! `cus_01h455vb4pex5vsknk084sn02q`, as the TypeID specification 0.3 writes them: 26 lower-case
//! characters after the last underscore, the first of them at most `7`.

use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX: usize = 26;

/// Why a text is not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdError {
    /// No underscore stands between a prefix and 26 characters.
    Shape,
    /// The suffix holds a character outside the alphabet, or more than 128 bits.
    Suffix,
}

impl std::fmt::Display for IdError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            IdError::Shape => "an id is a prefix, an underscore and 26 characters",
            IdError::Suffix => "the 26 characters after the underscore are not a valid id",
        })
    }
}

impl std::error::Error for IdError {}

/// The text of an identifier: `prefix`, an underscore and 26 characters of base 32.
pub fn format_id(prefix: &str, id: Uuid) -> String {
    let bits = id.as_u128();
    let mut out = String::with_capacity(prefix.len() + 1 + SUFFIX);
    out.push_str(prefix);
    out.push('_');
    for place in (0..SUFFIX as u32).rev() {
        out.push(ALPHABET[(bits >> (place * 5)) as usize & 31] as char);
    }
    out
}

/// Splits an identifier into its prefix and its UUID.
///
/// # Errors
/// [`IdError`] says whether the shape or the suffix is wrong. Upper case is refused: an
/// identifier has one spelling.
pub fn parse_id(text: &str) -> Result<(&str, Uuid), IdError> {
    let (prefix, suffix) = text.rsplit_once('_').ok_or(IdError::Shape)?;
    if prefix.is_empty() || suffix.len() != SUFFIX {
        return Err(IdError::Shape);
    }
    let mut bits = 0u128;
    for (place, byte) in suffix.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|&known| known == byte).ok_or(IdError::Suffix)?;
        if place == 0 && digit > 7 {
            return Err(IdError::Suffix);
        }
        bits = (bits << 5) | digit as u128;
    }
    Ok((prefix, Uuid::from_u128(bits)))
}

/// A version 7 UUID (RFC 9562) of a millisecond and 74 random bits.
pub fn uuid_v7(unix_ms: u64, random: u128) -> Uuid {
    let time = u128::from(unix_ms & 0xffff_ffff_ffff) << 80;
    let high = (random >> 62) & 0xfff;
    let low = random & ((1 << 62) - 1);
    Uuid::from_u128(time | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_written_as_the_specification_says() {
        // From the specification's valid.yml.
        for (text, uuid) in [
            ("prefix_00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
            ("prefix_0123456789abcdefghjkmnpqrs", "0110c853-1d09-52d8-d73e-1194e95b5f19"),
            ("prefix_01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
            ("p_7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ] {
            let uuid: Uuid = uuid.parse().unwrap();
            let (prefix, parsed) = parse_id(text).unwrap();
            assert_eq!(parsed, uuid, "{text}");
            assert_eq!(format_id(prefix, uuid), text);
        }
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in [
            "",
            "cus",
            "_00000000000000000000000000",
            "cus_0000000000000000000000000",
            "cus_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "cus_01H455VB4PEX5VSKNK084SN02Q",
            "cus_01h455vb4pex5vsknk084sn02u",
            "cus_01h455vb4pex5vsknk084sn02é",
        ] {
            assert!(parse_id(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_version_7_uuid_sorts_by_its_time_and_names_its_version() {
        let early = uuid_v7(1, u128::MAX);
        let late = uuid_v7(2, 0);
        assert!(early < late);
        for id in [early, late] {
            assert_eq!(id.get_version_num(), 7);
            assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        }
    }
}
