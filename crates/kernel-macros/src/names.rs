//! Names: from type names to snake case, from the singular to the plural of a path.

/// `SalesOrder` as `sales_order`; a name that is in snake case stays as it is.
pub fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (place, character) in name.chars().enumerate() {
        if character.is_uppercase() && place > 0 {
            out.push('_');
        }
        out.extend(character.to_lowercase());
    }
    out
}

/// The plural of a snake-case name in kebab case: `sales_order` as `sales-orders`.
pub fn plural(snake: &str) -> String {
    let kebab = snake.replace('_', "-");
    let ends = |endings: &[&str]| endings.iter().any(|ending| kebab.ends_with(ending));
    if ends(&["ay", "ey", "oy", "uy"]) {
        return kebab + "s";
    }
    if let Some(stem) = kebab.strip_suffix('y') {
        return format!("{stem}ies");
    }
    if ends(&["s", "x", "z", "ch", "sh"]) { kebab + "es" } else { kebab + "s" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_become_snake_case() {
        for (name, expected) in
            [("Customer", "customer"), ("SalesOrder", "sales_order"), ("draft", "draft")]
        {
            assert_eq!(snake(name), expected);
        }
    }

    #[test]
    fn plurals_are_formed_as_english_does() {
        for (name, expected) in [
            ("customer", "customers"),
            ("sales_order", "sales-orders"),
            ("company", "companies"),
            ("journey", "journeys"),
            ("address", "addresses"),
            ("tax", "taxes"),
            ("batch", "batches"),
        ] {
            assert_eq!(plural(name), expected);
        }
    }
}
