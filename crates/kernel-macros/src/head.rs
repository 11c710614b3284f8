//! What the attributes of the struct say: entity, states, number, permits.

use crate::names;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Token};

/// The arguments of `#[entity(…)]`.
#[derive(Default)]
pub struct Head {
    /// The owning service.
    pub service: Option<LitStr>,
    /// The prefix of ids.
    pub prefix: Option<LitStr>,
    /// The plural in paths; formed from the name when none is given.
    pub plural: Option<LitStr>,
    /// The field that titles a record.
    pub title: Option<Ident>,
    /// Whether each record belongs to a company.
    pub per_company: bool,
    /// Whether records live in the system organisation.
    pub system: bool,
    /// What sort of records it has.
    pub kind: Kind,
}

/// What sort of records an entity has.
#[derive(Default)]
pub enum Kind {
    /// Records on their own.
    #[default]
    Normal,
    /// Lines of another record.
    Child,
    /// One record in each organisation.
    Singleton,
    /// Records that never change.
    AppendOnly,
    /// Records with a parent, which this field links to.
    Tree(Ident),
}

impl Parse for Head {
    fn parse(input: ParseStream<'_>) -> syn::Result<Head> {
        let mut head = Head::default();
        while !input.is_empty() {
            let name = input.call(Ident::parse_any)?;
            match name.to_string().as_str() {
                "service" => head.service = Some(value(input)?),
                "prefix" => head.prefix = Some(value(input)?),
                "plural" => head.plural = Some(value(input)?),
                "title" => head.title = Some(value(input)?),
                "kind" => head.kind = value(input)?,
                "per_company" => head.per_company = true,
                "system" => head.system = true,
                other => {
                    let text = format!(
                        "an entity has no {other}; it takes service, prefix, title, plural, \
                         per_company, system and kind"
                    );
                    return Err(syn::Error::new(name.span(), text));
                }
            }
            comma(input)?;
        }
        Ok(head)
    }
}

impl Parse for Kind {
    fn parse(input: ParseStream<'_>) -> syn::Result<Kind> {
        let name: Ident = input.parse()?;
        match name.to_string().as_str() {
            "child" => Ok(Kind::Child),
            "singleton" => Ok(Kind::Singleton),
            "append_only" => Ok(Kind::AppendOnly),
            "tree" => {
                let parent;
                syn::parenthesized!(parent in input);
                Ok(Kind::Tree(parent.parse()?))
            }
            _ => {
                let text = "a kind is child, singleton, append_only or tree(FIELD)";
                Err(syn::Error::new(name.span(), text))
            }
        }
    }
}

/// States in the order they are first named, and the moves between them.
#[derive(Default)]
pub struct States {
    /// Names in snake case.
    pub names: Vec<String>,
    /// From, act, to.
    pub moves: Vec<[String; 3]>,
}

impl States {
    /// The state of a name, added if it is new.
    fn state(&mut self, name: &Ident) -> String {
        let name = names::snake(&name.to_string());
        if !self.names.contains(&name) {
            self.names.push(name.clone());
        }
        name
    }
}

impl Parse for States {
    fn parse(input: ParseStream<'_>) -> syn::Result<States> {
        let mut states = States::default();
        while !input.is_empty() {
            let mut from = states.state(&input.parse()?);
            while input.peek(Token![->]) {
                input.parse::<Token![->]>()?;
                let target: Ident = input.parse()?;
                let to = states.state(&target);
                let via = input.parse::<Ident>().ok().filter(|word| word == "via");
                if via.is_none() {
                    let text = format!("say which act leads to {target}: `-> {target} via ACT`");
                    return Err(syn::Error::new(target.span(), text));
                }
                let act = input.parse::<Ident>()?.to_string();
                states.moves.push([from, act, to.clone()]);
                from = to;
            }
            comma(input)?;
        }
        Ok(states)
    }
}

/// The arguments of `#[number(…)]`.
pub struct Number {
    /// The pattern.
    pub pattern: LitStr,
    /// The act that draws the number.
    pub at: Ident,
}

impl Parse for Number {
    fn parse(input: ParseStream<'_>) -> syn::Result<Number> {
        let pattern: LitStr = input.parse()?;
        input.parse::<Token![,]>()?;
        let at: Ident = input.parse()?;
        if at != "at" {
            return Err(syn::Error::new(at.span(), "say when the number is drawn: `at = ACT`"));
        }
        Ok(Number { pattern, at: value(input)? })
    }
}

/// The arguments of `#[accumulate(…)]`: a name, what tells sums apart, and what is summed.
pub struct Accumulate {
    /// The name within the entity.
    pub name: Ident,
    /// The fields that tell one sum from another.
    pub by: Vec<Ident>,
    /// The date that places a record in time.
    pub over: Option<Ident>,
    /// The numbers that are summed.
    pub sums: Vec<Ident>,
    /// Which records count.
    pub when: Option<LitStr>,
}

impl Parse for Accumulate {
    fn parse(input: ParseStream<'_>) -> syn::Result<Accumulate> {
        let name = input.parse()?;
        let mut all = Accumulate { name, by: Vec::new(), over: None, sums: Vec::new(), when: None };
        comma(input)?;
        while !input.is_empty() {
            let name = input.call(Ident::parse_any)?;
            match name.to_string().as_str() {
                "by" => all.by = value::<Fields>(input)?.0,
                "over" => all.over = Some(value(input)?),
                "sum" => all.sums = value::<Fields>(input)?.0,
                "when" => all.when = Some(value(input)?),
                other => {
                    let text = format!("a sum has no {other}; it takes by, over, sum and when");
                    return Err(syn::Error::new(name.span(), text));
                }
            }
            comma(input)?;
        }
        Ok(all)
    }
}

/// Names of fields in parentheses.
struct Fields(Vec<Ident>);

impl Parse for Fields {
    fn parse(input: ParseStream<'_>) -> syn::Result<Fields> {
        let names;
        syn::parenthesized!(names in input);
        let names = Punctuated::<Ident, Token![,]>::parse_terminated(&names)?;
        Ok(Fields(names.into_iter().collect()))
    }
}

/// The arguments of `#[permit(…)]`: a role, its verbs, each with an optional state; after a
/// semicolon, an expression that must hold for the record.
pub struct Permit {
    /// The role in snake case.
    pub role: String,
    /// Verbs, and the state in which alone they are allowed.
    pub verbs: Vec<(Ident, Option<Ident>)>,
    /// Fields that the role does not see.
    pub hidden: Vec<Ident>,
    /// What must hold for the record.
    pub condition: Option<syn::LitStr>,
}

impl Parse for Permit {
    fn parse(input: ParseStream<'_>) -> syn::Result<Permit> {
        let role: Ident = input.parse()?;
        input.parse::<Token![:]>()?;
        let (mut verbs, mut hidden, mut condition) = (Vec::new(), Vec::new(), None);
        while !input.is_empty() {
            if input.parse::<Option<Token![;]>>()?.is_some() {
                condition = Some(input.parse()?);
                break;
            }
            let verb = input.call(Ident::parse_any)?;
            if verb == "hide" && input.peek(syn::token::Paren) {
                hidden.extend(input.parse::<Fields>()?.0);
            } else {
                let state = match input.parse::<Option<Token![while]>>()? {
                    Some(_) => Some(input.parse()?),
                    None => None,
                };
                verbs.push((verb, state));
            }
            if !input.peek(Token![;]) {
                comma(input)?;
            }
        }
        Ok(Permit { role: names::snake(&role.to_string()), verbs, hidden, condition })
    }
}

/// What stands after an equals sign.
pub fn value<T: Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

/// A comma, unless the arguments end here.
pub fn comma(input: ParseStream<'_>) -> syn::Result<()> {
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(())
}
