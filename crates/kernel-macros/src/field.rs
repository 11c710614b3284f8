//! What one field of the struct says: its kind from its type, its flags from `#[field(…)]`.

use crate::head::{comma, value};
use crate::names;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Expr, GenericArgument, Ident, Lit, LitInt, LitStr, Path, PathArguments, PathSegment, Token,
    Type,
};

/// The most code points of a text that names no number.
const TEXT: u32 = 1_000;
/// The most code points of a long text that names no number.
const LONG_TEXT: u32 = 100_000;

/// A type as it stands at a field: `Option` taken off, its name and its argument.
pub struct Shape {
    /// Whether the field must not be empty.
    pub required: bool,
    /// `Text`, `Link`, …
    pub name: Ident,
    argument: Option<GenericArgument>,
}

impl Shape {
    /// Takes a field's type apart.
    pub fn of(ty: &Type) -> syn::Result<Shape> {
        let segment = last_segment(ty)?;
        if segment.ident != "Option" {
            let argument = argument(segment);
            return Ok(Shape { required: true, name: segment.ident.clone(), argument });
        }
        match argument(segment) {
            Some(GenericArgument::Type(inner)) => {
                Ok(Shape { required: false, ..Shape::of(&inner)? })
            }
            _ => Err(syn::Error::new(segment.ident.span(), "Option takes a field type")),
        }
    }

    /// The number in angle brackets, or the one that holds without.
    fn number(&self, otherwise: u32) -> syn::Result<u32> {
        match &self.argument {
            None => Ok(otherwise),
            Some(GenericArgument::Const(Expr::Lit(literal))) => match &literal.lit {
                Lit::Int(number) => number.base10_parse(),
                other => Err(syn::Error::new(other.span(), "a whole number is expected here")),
            },
            Some(_) => Err(self.error("takes a whole number")),
        }
    }

    /// The full name of the entity in angle brackets.
    fn target(&self, service: &str) -> syn::Result<String> {
        let Some(GenericArgument::Type(Type::Path(target))) = &self.argument else {
            return Err(self.error("takes an entity, as in Link<Customer>"));
        };
        let parts: Vec<String> =
            target.path.segments.iter().map(|part| part.ident.to_string()).collect();
        match parts.as_slice() {
            [entity] => Ok(format!("{service}.{}", names::snake(entity))),
            [owner, reference] => match reference.strip_suffix("Ref") {
                Some(entity) => Ok(format!("{owner}.{}", names::snake(entity))),
                None => Err(self.error("names another service's record as SERVICE::EntityRef")),
            },
            _ => Err(self.error("takes an entity, or SERVICE::EntityRef")),
        }
    }

    /// The function in `contracts` that gives the reference which a link to another service's
    /// record names: `hr::EmployeeRef` is `contracts::hr::employee_ref`.
    pub fn reference(&self) -> Option<TokenStream> {
        let Some(GenericArgument::Type(Type::Path(target))) = &self.argument else { return None };
        let mut parts = target.path.segments.iter().map(|part| &part.ident);
        let (Some(owner), Some(reference), None) = (parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let name = names::snake(&reference.to_string());
        let function = Ident::new(&name, reference.span());
        Some(quote!(::contracts::#owner::#function))
    }

    fn error(&self, text: &str) -> syn::Error {
        syn::Error::new(self.name.span(), format!("{} {text}", self.name))
    }

    /// The expression that makes the field's kind.
    pub fn kind(&self, service: &str, flags: &Flags) -> syn::Result<TokenStream> {
        let name = self.name.to_string();
        let unit = |name: &str| {
            let name = Ident::new(name, Span::call_site());
            quote!(::kernel::Kind::#name)
        };
        Ok(match name.as_str() {
            "Text" => {
                let max = self.number(TEXT)?;
                quote!(::kernel::Kind::Text { max: #max })
            }
            "LongText" => {
                let max = self.number(LONG_TEXT)?;
                quote!(::kernel::Kind::LongText { max: #max })
            }
            "Integer" => {
                let min = flags.min.as_ref().map_or(quote!(i64::MIN), |n| quote!(#n));
                let max = flags.max.as_ref().map_or(quote!(i64::MAX), |n| quote!(#n));
                quote!(::kernel::Kind::Integer { min: #min, max: #max })
            }
            "Decimal" => {
                let scale = self.number(u32::MAX)?;
                if scale > 8 {
                    return Err(self.error("takes its places after the point, 0 to 8"));
                }
                quote!(::kernel::Kind::Decimal { scale: #scale })
            }
            "Choice" => {
                let choices = &flags.choices;
                if choices.is_empty() {
                    return Err(self.error("needs its names: #[field(choice(red, green))]"));
                }
                quote!(::kernel::Kind::choice(&[#(#choices),*]))
            }
            "Link" => {
                let entity = self.target(service)?;
                let restricts = flags.on_delete.as_deref().is_none_or(|rule| rule == "Restrict");
                if self.reference().is_some() && !restricts {
                    let text = "to another service's record restricts: nothing else can hold there";
                    return Err(self.error(text));
                }
                let on_delete = flags.on_delete.as_deref().unwrap_or("Restrict");
                let on_delete = Ident::new(on_delete, Span::call_site());
                quote!(::kernel::Kind::Link {
                    entity: #entity.to_owned(),
                    on_delete: ::kernel::field::OnDelete::#on_delete,
                })
            }
            "Links" | "Children" => {
                let (variant, entity) = (unit(&name), self.target(service)?);
                quote!(#variant { entity: #entity.to_owned() })
            }
            "Percent" | "Price" | "Money" | "Quantity" | "Boolean" | "Date" | "Instant"
            | "WallTime" | "Duration" | "Json" | "Texts" | "Colour" | "Email" | "Phone" | "Url"
            | "Address" | "Expression" => unit(&name),
            _ => return Err(self.error("is not a field type; the macro's text lists them")),
        })
    }
}

fn last_segment(ty: &Type) -> syn::Result<&PathSegment> {
    let segment = match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    segment.ok_or_else(|| syn::Error::new_spanned(ty, "this is not a field type"))
}

fn argument(segment: &PathSegment) -> Option<GenericArgument> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.first().cloned(),
        _ => None,
    }
}

/// The arguments of `#[field(…)]`.
#[derive(Default)]
pub struct Flags {
    /// Builder calls that take no argument, in the order they are written.
    pub plain: Vec<Ident>,
    /// What a new record starts with.
    pub default: Option<Expr>,
    /// The rule that fills the field.
    pub computed: Option<Path>,
    /// `visible_if`, `required_if` and `read_only_if`, each with its expression.
    pub conditions: Vec<(Ident, LitStr)>,
    /// The names of a choice.
    pub choices: Vec<String>,
    min: Option<LitInt>,
    max: Option<LitInt>,
    on_delete: Option<String>,
}

impl Parse for Flags {
    fn parse(input: ParseStream<'_>) -> syn::Result<Flags> {
        let mut flags = Flags::default();
        while !input.is_empty() {
            let name = input.call(Ident::parse_any)?;
            match name.to_string().as_str() {
                "unique" | "searchable" | "indexed" | "personal" | "secret" | "read_only" => {
                    flags.plain.push(name);
                }
                "visible_if" | "required_if" | "read_only_if" => {
                    let condition = value(input)?;
                    flags.conditions.push((name, condition));
                }
                "default" => flags.default = Some(value(input)?),
                "computed" => flags.computed = Some(value(input)?),
                "min" => flags.min = Some(value(input)?),
                "max" => flags.max = Some(value(input)?),
                "on_delete" => flags.on_delete = Some(on_delete(&value(input)?)?),
                "choice" => {
                    let names;
                    syn::parenthesized!(names in input);
                    let names = names.parse_terminated(Ident::parse_any, Token![,])?;
                    flags.choices = choices(&names);
                }
                other => {
                    let text = format!(
                        "a field has no {other}; it takes unique, searchable, indexed, personal, \
                         secret, read_only, visible_if, required_if, read_only_if, default, \
                         computed, choice, min, max and on_delete"
                    );
                    return Err(syn::Error::new(name.span(), text));
                }
            }
            comma(input)?;
        }
        Ok(flags)
    }
}

fn choices(names: &Punctuated<Ident, Token![,]>) -> Vec<String> {
    names.iter().map(|name| name.unraw().to_string()).collect()
}

fn on_delete(name: &Ident) -> syn::Result<String> {
    let variant = match name.to_string().as_str() {
        "restrict" => "Restrict",
        "cascade" => "Cascade",
        "set_null" => "SetNull",
        _ => return Err(syn::Error::new(name.span(), "restrict, cascade or set_null")),
    };
    Ok(variant.to_owned())
}

impl Flags {
    /// The expression that makes the field's default, if it has one.
    pub fn default_of(&self, shape: &Shape) -> syn::Result<Option<TokenStream>> {
        let Some(default) = &self.default else { return Ok(None) };
        let refused = || {
            let text = "a default is a literal, a choice's name, today, now or actor";
            syn::Error::new_spanned(default, text)
        };
        let tokens = match default {
            Expr::Lit(literal) => fixed(&literal.lit, shape).ok_or_else(refused)?,
            Expr::Path(path) => {
                let name = path.path.get_ident().ok_or_else(refused)?.to_string();
                match name.as_str() {
                    "today" => quote!(::kernel::schema::Default::Today),
                    "now" => quote!(::kernel::schema::Default::Now),
                    "actor" => quote!(::kernel::schema::Default::Actor),
                    choice if self.choices.iter().any(|known| known == choice) => {
                        quote!(::kernel::schema::Default::Value(::types::Value::from(#choice)))
                    }
                    _ => return Err(refused()),
                }
            }
            _ => return Err(refused()),
        };
        Ok(Some(tokens))
    }
}

/// A literal as the default of a field of this shape.
fn fixed(literal: &Lit, shape: &Shape) -> Option<TokenStream> {
    let is_decimal =
        matches!(shape.name.to_string().as_str(), "Decimal" | "Percent" | "Price" | "Quantity");
    let value = match literal {
        Lit::Bool(value) => quote!(::types::Value::Bool(#value)),
        Lit::Int(value) => quote!(::types::Value::Int(#value)),
        Lit::Str(value) if is_decimal => {
            let scale = if shape.name == "Decimal" { shape.number(8).ok()? } else { 6 };
            let text = "a default is a decimal of the field's scale";
            quote!(::types::Value::Decimal(::types::parse_decimal(#value, #scale).expect(#text)))
        }
        Lit::Str(value) => quote!(::types::Value::from(#value)),
        _ => return None,
    };
    Some(quote!(::kernel::schema::Default::Value(#value)))
}
