//! Writes the code of a declaration: builder calls that make the schema, and constants.

use crate::declare::{Declared, DeclaredField};
use crate::head::{Accumulate, Kind, Permit, States};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// The unit struct, its constants and its `kernel::Declare`.
pub fn emit(declared: &Declared) -> TokenStream {
    let Declared { visibility, ident, comment, names, doc, .. } = declared;
    let [service, name, plural, prefix] = names;
    let [summary, detail] = doc;
    let full_name = format!("{service}.{name}");
    let fields = declared.fields.iter().map(field);
    let slots = declared.fields.iter().enumerate().map(|(place, field)| slot(place, field));
    let flags = head(declared);
    let states = declared.states.as_ref().map(states);
    let number = declared.number.as_ref().map(|number| {
        let (pattern, at) = (&number.pattern, number.at.to_string());
        quote!(.numbered(#pattern, #at))
    });
    let permits = declared.permits.iter().map(permit);
    let accumulators = declared.accumulators.iter().map(accumulate);
    let tree = match &declared.head.kind {
        Kind::Tree(parent) => {
            let parent = parent.to_string();
            Some(quote!(.tree(#parent)))
        }
        _ => None,
    };
    let title = declared.head.title.as_ref().map(|title| {
        let title = title.to_string();
        quote!(.title(#title))
    });
    let references: Vec<_> = declared.fields.iter().filter_map(|f| f.reference.as_ref()).collect();
    let references = (!references.is_empty()).then(|| {
        quote! {
            fn references() -> Vec<::kernel::mirror::Reference> {
                vec![#(#references()),*]
            }
        }
    });
    quote! {
        #(#comment)*
        #[derive(Clone, Copy, Debug)]
        #visibility struct #ident;

        impl #ident {
            /// The entity's full name.
            pub const ENTITY: &'static str = #full_name;
            #(#slots)*
        }

        impl ::kernel::Declare for #ident {
            fn entity() -> ::kernel::Entity {
                ::kernel::Entity::new(#service, #name, #plural, #prefix)
                    .doc(#summary, #detail)
                    #flags
                    #(#fields)*
                    #tree
                    #states
                    #number
                    #(#permits)*
                    #(#accumulators)*
                    #title
            }
            #references
        }
    }
}

/// The flags of the entity; a tree names its parent once the fields are there.
fn head(declared: &Declared) -> TokenStream {
    let head = &declared.head;
    let per_company = head.per_company.then(|| quote!(.per_company()));
    let system = head.system.then(|| quote!(.system()));
    let kind = match &head.kind {
        Kind::Normal | Kind::Tree(_) => None,
        Kind::Child => Some(quote!(.kind(::kernel::schema::EntityKind::Child))),
        Kind::Singleton => Some(quote!(.kind(::kernel::schema::EntityKind::Singleton))),
        Kind::AppendOnly => Some(quote!(.kind(::kernel::schema::EntityKind::AppendOnly))),
    };
    quote!(#per_company #system #kind)
}

fn slot(place: usize, field: &DeclaredField) -> TokenStream {
    let name = Ident::new(&field.ident.to_string().to_uppercase(), field.ident.span());
    let comment = format!("The slot of `{}`: {}", field.ident, field.help);
    quote! {
        #[doc = #comment]
        pub const #name: usize = ::kernel::schema::slot::FIRST + #place;
    }
}

fn field(field: &DeclaredField) -> TokenStream {
    let DeclaredField { ident, help, required, kind, default, flags, .. } = field;
    let name = ident.to_string();
    let required = required.then(|| quote!(.required()));
    let plain = flags.plain.iter();
    let default = default.as_ref().map(|default| quote!(.default(#default)));
    let computed = flags.computed.as_ref().map(|rule| quote!(.computed(#rule)));
    let conditions = flags.conditions.iter().map(|(rule, text)| quote!(.#rule(#text)));
    quote! {
        .field(
            ::kernel::Field::new(#name, #kind, #help)
                #required #(.#plain())* #default #computed #(#conditions)*
        )
    }
}

fn states(states: &States) -> TokenStream {
    let names = &states.names;
    let moves = states.moves.iter().map(|[from, act, to]| {
        quote!(::kernel::schema::Move {
            from: #from.to_owned(),
            act: #act.to_owned(),
            to: #to.to_owned(),
        })
    });
    quote! {
        .states(::kernel::schema::States {
            names: vec![#(#names.to_owned()),*],
            moves: vec![#(#moves),*],
        })
    }
}

fn permit(permit: &Permit) -> TokenStream {
    let role = &permit.role;
    let grants = permit.verbs.iter().map(|(verb, state)| {
        let verb = verb.to_string();
        let state = state.as_ref().map(|state| {
            let state = crate::names::snake(&state.to_string());
            format!("state == '{state}'")
        });
        let condition = permit.condition.as_ref().map(syn::LitStr::value);
        let all: Vec<String> = state.into_iter().chain(condition).collect();
        let condition = match all.as_slice() {
            [one] => one.clone(),
            all => all.iter().map(|one| format!("({one})")).collect::<Vec<_>>().join(" && "),
        };
        quote!(.permit_where(#role, #verb, #condition))
    });
    let hidden = permit.hidden.iter().map(Ident::to_string);
    let hide = (!permit.hidden.is_empty()).then(|| quote!(.hide(#role, &[#(#hidden),*])));
    quote!(#(#grants)* #hide)
}

fn accumulate(all: &Accumulate) -> TokenStream {
    let texts = |names: &[Ident]| {
        let names = names.iter().map(Ident::to_string);
        quote!(vec![#(#names.to_owned()),*])
    };
    let (name, by, sums) = (all.name.to_string(), texts(&all.by), texts(&all.sums));
    let over = match &all.over {
        Some(over) => {
            let over = over.to_string();
            quote!(Some(#over.to_owned()))
        }
        None => quote!(None),
    };
    let when = all.when.as_ref().map(syn::LitStr::value).unwrap_or_default();
    quote! {
        .accumulate(::kernel::schema::Accumulator {
            name: #name.to_owned(),
            by: #by,
            over: #over,
            sums: #sums,
            when: #when.to_owned(),
            bounds: Vec::new(),
        })
    }
}
