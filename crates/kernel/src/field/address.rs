//! A postal address: an object of street, city, region, postal code and country.

use super::json::{object, text_member};
use super::money::unknown_member;
use super::raw::{Checked, Fault, string};
use crate::problem::FieldProblem;
use crate::schema::nearest;
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use types::Value;

/// The parts and how many characters each has at most.
const PARTS: [(&str, u32); 5] =
    [("street", 500), ("city", 200), ("region", 200), ("postal_code", 20), ("country", 2)];

/// The officially assigned two-letter codes of ISO 3166-1.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ \
BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ \
DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT \
GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY \
KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX \
MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS \
RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN \
TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// Reads the object; each part may be absent or null.
pub(super) fn parse(raw: &str, at: &str, problems: &mut Vec<FieldProblem>) -> Option<Value> {
    object(raw, "an address such as {\"city\": \"Lyon\", \"country\": \"FR\"}", at, problems, part)
}

fn part<'a>(name: &str, raw: &'a str) -> Checked<Cow<'a, str>> {
    let Some((_, max)) = PARTS.iter().find(|(known, _)| *known == name) else {
        let near = nearest(name, PARTS.iter().map(|(known, _)| *known));
        return Err(unknown_member(
            near,
            "an address, which has street, city, region, postal_code and country",
        ));
    };
    if name == "country" && raw != "null" {
        let code = string(raw, "a country code such as \"FR\"")?;
        if code.len() != 2 || !COUNTRIES.split(' ').any(|known| known == code) {
            let text = "must be a two-letter country code of ISO 3166 such as \"FR\"";
            return Err(Fault::new("unknown_country", text));
        }
    }
    text_member(raw, *max)
}

/// The JSON Schema of an address.
pub(super) fn schema() -> Json {
    let part = |(name, max): &(&str, u32)| {
        let mut part = json!({"type": ["string", "null"], "maxLength": max});
        if *name == "country" {
            part["pattern"] = "^[A-Z]{2}$".into();
            part["description"] = "A two-letter code of ISO 3166.".into();
        }
        ((*name).to_owned(), part)
    };
    json!({
        "type": "object",
        "description": "A postal address.",
        "properties": Json::Object(PARTS.iter().map(part).collect()),
        "additionalProperties": false,
        "examples": [{"city": "Reims", "country": "FR", "postal_code": "51100", "street": "59 rue de l'Abbaye"}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_countries_are_those_of_the_standard() {
        let codes: Vec<&str> = COUNTRIES.split(' ').collect();
        assert_eq!(codes.len(), 249);
        assert!(codes.is_sorted() && codes.iter().all(|code| code.len() == 2));
    }
}
