//! Reads a declaration: the struct, its attributes and its fields; all errors together.

use crate::field::{Flags, Shape};
use crate::head::{Accumulate, Head, Kind, Number, Permit, States};
use crate::names;
use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Expr, Fields, Ident, ItemStruct, Lit, Meta, Visibility};

/// The names that every record has already.
const KERNEL_FIELDS: [&str; 11] = [
    "id",
    "version",
    "state",
    "company",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "number",
    "external_ids",
    "custom",
];

/// A declaration that can be turned into a schema.
pub struct Declared {
    /// The struct's visibility.
    pub visibility: Visibility,
    /// The struct's name.
    pub ident: Ident,
    /// Its comment, as attributes.
    pub comment: Vec<Attribute>,
    /// Names of the entity: service, name, plural, prefix.
    pub names: [String; 4],
    /// The first paragraph of the comment, and the rest.
    pub doc: [String; 2],
    /// What `#[entity]` says.
    pub head: Head,
    /// What `#[states]` says.
    pub states: Option<States>,
    /// What `#[number]` says.
    pub number: Option<Number>,
    /// What each `#[permit]` says.
    pub permits: Vec<Permit>,
    /// What each `#[accumulate]` says.
    pub accumulators: Vec<Accumulate>,
    /// The fields in order.
    pub fields: Vec<DeclaredField>,
}

/// A field of a declaration.
pub struct DeclaredField {
    /// Its name.
    pub ident: Ident,
    /// Its comment.
    pub help: String,
    /// Whether it must not be empty.
    pub required: bool,
    /// The expression of its kind.
    pub kind: TokenStream,
    /// What gives the reference that a link to another service's record names.
    pub reference: Option<TokenStream>,
    /// The expression of its default.
    pub default: Option<TokenStream>,
    /// Its flags.
    pub flags: Flags,
}

/// All errors found so far.
#[derive(Default)]
struct Errors(Option<syn::Error>);

impl Errors {
    fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }

    fn say(&mut self, span: Span, text: impl std::fmt::Display) {
        self.add(syn::Error::new(span, text));
    }

    /// The value, or none and its error kept.
    fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }
}

/// Reads a declaration.
///
/// # Errors
/// Everything that is wrong with it, each at its place.
pub fn declare(arguments: TokenStream, item: TokenStream) -> syn::Result<Declared> {
    let item: ItemStruct = syn::parse2(item)?;
    let head: Head = syn::parse2(arguments)?;
    let mut errors = Errors::default();
    let ident = item.ident.clone();
    let comment: Vec<Attribute> =
        item.attrs.iter().filter(|a| a.path().is_ident("doc")).cloned().collect();
    let doc = paragraphs(&comment);
    if doc[0].is_empty() {
        let text = format!("say in a comment what {ident} is: it becomes its description");
        errors.say(ident.span(), text);
    }
    let (mut states, mut number) = (None, None);
    let (mut permits, mut accumulators) = (Vec::new(), Vec::new());
    for attribute in item.attrs.iter().filter(|a| !a.path().is_ident("doc")) {
        if attribute.path().is_ident("states") {
            states = errors.keep(attribute.parse_args::<States>());
        } else if attribute.path().is_ident("number") {
            number = errors.keep(attribute.parse_args::<Number>());
        } else if attribute.path().is_ident("permit") {
            permits.extend(errors.keep(attribute.parse_args::<Permit>()));
        } else if attribute.path().is_ident("accumulate") {
            accumulators.extend(errors.keep(attribute.parse_args::<Accumulate>()));
        } else {
            let text = "an entity takes only states, number, permit and accumulate besides";
            errors.add(syn::Error::new_spanned(attribute, text));
        }
    }
    let text_of = |literal: &Option<syn::LitStr>| literal.as_ref().map(syn::LitStr::value);
    let service = text_of(&head.service).unwrap_or_else(|| {
        errors.say(Span::call_site(), "name the owning service: service = \"…\"");
        String::new()
    });
    let prefix = text_of(&head.prefix).unwrap_or_else(|| {
        errors.say(Span::call_site(), "name the prefix of ids: prefix = \"…\"");
        String::new()
    });
    let name = names::snake(&ident.to_string());
    let plural = text_of(&head.plural).unwrap_or_else(|| names::plural(&name));
    let fields = read_fields(&item, &service, &mut errors);
    check_names(&head, states.as_ref(), &permits, &accumulators, &fields, &mut errors);
    match errors.0 {
        Some(error) => Err(error),
        None => Ok(Declared {
            visibility: item.vis,
            ident,
            comment,
            names: [service, name, plural, prefix],
            doc,
            head,
            states,
            number,
            permits,
            accumulators,
            fields,
        }),
    }
}

fn read_fields(item: &ItemStruct, service: &str, errors: &mut Errors) -> Vec<DeclaredField> {
    let Fields::Named(named) = &item.fields else {
        errors.say(item.ident.span(), "an entity is a struct with named fields");
        return Vec::new();
    };
    named.named.iter().filter_map(|field| read_field(field, service, errors)).collect()
}

fn read_field(field: &syn::Field, service: &str, errors: &mut Errors) -> Option<DeclaredField> {
    let ident = field.ident.clone()?;
    if KERNEL_FIELDS.iter().any(|name| ident == name) {
        errors.say(ident.span(), format!("every record has its {ident} from the kernel"));
    }
    if ident == "entity" {
        errors.say(ident.span(), "the constant ENTITY is the full name: choose another field name");
    }
    let help = paragraphs(&field.attrs);
    if help[0].is_empty() {
        let text = format!("say in a comment what {ident} means: it becomes its help text");
        errors.say(ident.span(), text);
    }
    let mut flags = Flags::default();
    for attribute in field.attrs.iter().filter(|a| !a.path().is_ident("doc")) {
        if attribute.path().is_ident("field") {
            flags = errors.keep(attribute.parse_args::<Flags>())?;
        } else {
            errors.add(syn::Error::new_spanned(attribute, "a field takes only #[field(…)]"));
        }
    }
    let shape = errors.keep(Shape::of(&field.ty))?;
    let kind = errors.keep(shape.kind(service, &flags))?;
    let default = errors.keep(flags.default_of(&shape))?;
    let help = help.join("\n\n").trim().to_owned();
    let (required, reference) = (shape.required, shape.reference());
    Some(DeclaredField { ident, help, required, kind, reference, default, flags })
}

/// Names inside the attributes must lead to something that is declared.
fn check_names(
    head: &Head,
    states: Option<&States>,
    permits: &[Permit],
    accumulators: &[Accumulate],
    fields: &[DeclaredField],
    errors: &mut Errors,
) {
    let of_the_kernel = ["number", "company", "state"];
    let has = |name: &Ident| {
        of_the_kernel.iter().any(|known| name == known)
            || fields.iter().any(|field| field.ident == *name)
    };
    let parent = match &head.kind {
        Kind::Tree(parent) => Some(parent),
        _ => None,
    };
    let hidden = permits.iter().flat_map(|permit| &permit.hidden);
    let summed =
        accumulators.iter().flat_map(|all| all.by.iter().chain(&all.over).chain(&all.sums));
    for name in head.title.iter().chain(parent).chain(hidden).chain(summed) {
        if !has(name) {
            errors.say(name.span(), format!("there is no field {name}"));
        }
    }
    for (_, state) in permits.iter().flat_map(|permit| &permit.verbs) {
        let Some(state) = state else { continue };
        let known = names::snake(&state.to_string());
        if !states.is_some_and(|states| states.names.contains(&known)) {
            errors.say(state.span(), format!("there is no state {state}"));
        }
    }
}

/// The first paragraph of a comment, its lines joined, and the paragraphs after it.
fn paragraphs(attributes: &[Attribute]) -> [String; 2] {
    let mut lines = attributes.iter().filter_map(comment_line);
    let first: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    let rest: Vec<String> = lines.collect();
    let rest: Vec<String> = rest.split(String::is_empty).map(|lines| lines.join(" ")).collect();
    [first.join(" "), rest.join("\n\n").trim().to_owned()]
}

fn comment_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    match &pair.value {
        Expr::Lit(literal) if pair.path.is_ident("doc") => match &literal.lit {
            Lit::Str(text) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &str, item: &str) -> syn::Result<Declared> {
        declare(arguments.parse().unwrap(), item.parse().unwrap())
    }

    const HEAD: &str = r#"service = "finance", prefix = "inv", title = name"#;

    #[test]
    fn a_declaration_is_read_whole() {
        let declared = read(
            r#"service = "finance", prefix = "inv", title = number, per_company"#,
            r#"
            /// A claim for payment
            /// sent to a customer.
            ///
            /// It never changes
            /// once posted.
            #[number("INV-{year}-{seq:5}", at = post)]
            #[states(Draft -> Posted via post -> PartlyPaid via pay, Draft -> Cancelled via cancel)]
            #[permit(SalesClerk: read, create, hide(name), update while Draft)]
            #[accumulate(owed, by = (company, customer), sum = (name), when = "state == 'posted'")]
            pub struct SalesInvoice {
                /// Who owes the money.
                pub customer: Link<operations::CustomerRef>,
                /// What it is called.
                #[field(searchable, default = "x")]
                pub name: Option<Text<200>>,
            }"#,
        )
        .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(declared.names, ["finance", "sales_invoice", "sales-invoices", "inv"]);
        assert_eq!(
            declared.doc,
            ["A claim for payment sent to a customer.", "It never changes once posted."]
        );
        let states = declared.states.unwrap();
        assert_eq!(states.names, ["draft", "posted", "partly_paid", "cancelled"]);
        let moves: Vec<String> = states.moves.iter().map(|step| step.join(" ")).collect();
        assert_eq!(
            moves,
            ["draft post posted", "posted pay partly_paid", "draft cancel cancelled"]
        );
        assert_eq!(declared.permits[0].role, "sales_clerk");
        assert_eq!(declared.permits[0].verbs.len(), 3);
        assert_eq!(declared.permits[0].hidden.len(), 1);
        let owed = &declared.accumulators[0];
        assert_eq!((owed.name.to_string().as_str(), owed.by.len()), ("owed", 2));
        assert_eq!(
            owed.when.as_ref().map(|when| when.value()).as_deref(),
            Some("state == 'posted'")
        );
        let required: Vec<bool> = declared.fields.iter().map(|field| field.required).collect();
        assert_eq!(required, [true, false]);
        assert!(declared.fields[0].kind.to_string().contains("\"operations.customer\""));
        let reference = declared.fields[0].reference.as_ref().map(ToString::to_string);
        assert_eq!(reference.as_deref(), Some(":: contracts :: operations :: customer_ref"));
        assert!(declared.fields[1].reference.is_none());
    }

    #[test]
    fn what_is_wrong_is_said_in_words() {
        let documented = |body: &str| format!("/// A thing.\npub struct Thing {{ {body} }}");
        for (arguments, item, expected) in [
            (HEAD, "pub struct T { /// N.\n name: Text }".to_owned(), "say in a comment what T is"),
            (HEAD, documented("name: Text"), "say in a comment what name means"),
            (HEAD, documented("/// N.\n name: String"), "String is not a field type"),
            (HEAD, documented("/// N.\n name: Choice"), "needs its names"),
            (HEAD, documented("/// N.\n name: Decimal<9>"), "0 to 8"),
            (HEAD, documented("/// N.\n name: Link<7>"), "Link takes an entity"),
            (
                HEAD,
                documented("/// N.\n #[field(on_delete = cascade)] name: Link<hr::EmployeeRef>"),
                "restricts",
            ),
            (HEAD, documented("/// N.\n name: Link<hr::Employee>"), "as SERVICE::EntityRef"),
            (HEAD, documented("/// N.\n #[field(uniq)] name: Text"), "a field has no uniq"),
            (HEAD, documented("/// N.\n #[field(default = soon)] name: Text"), "a default is"),
            (HEAD, documented("/// N.\n #[serde(x)] name: Text"), "a field takes only"),
            (HEAD, documented("/// N.\n id: Text"), "from the kernel"),
            (HEAD, documented("/// N.\n code: Text"), "there is no field name"),
            ("prefix = \"x\"", documented("/// N.\n name: Text"), "name the owning service"),
            ("service = \"x\"", documented("/// N.\n name: Text"), "name the prefix"),
            ("colour = 1", documented("/// N.\n name: Text"), "an entity has no colour"),
            ("kind = leaf", documented("/// N.\n name: Text"), "a kind is child"),
            (
                HEAD,
                format!("#[states(Draft -> Posted)] {}", documented("/// N.\n name: Text")),
                "say which act leads to Posted",
            ),
            (
                HEAD,
                format!(
                    "#[permit(Clerk: update while Gone)] {}",
                    documented("/// N.\n name: Text")
                ),
                "there is no state Gone",
            ),
            (
                HEAD,
                format!("#[permit(Clerk: read, hide(age))] {}", documented("/// N.\n name: Text")),
                "there is no field age",
            ),
            (
                HEAD,
                format!("#[accumulate(all, sum = (age))] {}", documented("/// N.\n name: Text")),
                "there is no field age",
            ),
            (
                HEAD,
                format!("#[accumulate(all, of = age)] {}", documented("/// N.\n name: Text")),
                "a sum has no of",
            ),
            (HEAD, "/// A thing.\npub struct T(u8);".to_owned(), "named fields"),
        ] {
            let error = read(arguments, &item)
                .err()
                .map(|e| e.into_iter().map(|e| e.to_string()).collect::<Vec<_>>().join("\n"));
            let error = error.unwrap_or_else(|| panic!("accepted: {item}"));
            assert!(error.contains(expected), "{item}: {error}");
        }
    }

    #[test]
    fn all_errors_are_said_together() {
        let item = "pub struct T { a: Text, b: Nothing }";
        let error = read(HEAD, item).err().unwrap();
        assert_eq!(error.into_iter().count(), 5);
    }
}
