//! The `#[entity]` macro: a struct with comments becomes the schema of an entity.
//!
//! It emits data, not logic: an implementation of `kernel::Declare` that builds the schema, and
//! constants for the slots. Everything else interprets that schema at run time.

mod declare;
mod emit;
mod field;
mod head;
mod names;

use proc_macro::TokenStream;

/// Declares an entity; it stands first, the other attributes below it.
///
/// ```text
/// /// A claim for payment sent to a customer.
/// ///
/// /// What stands after the first paragraph is the detail.
/// #[entity(service = "finance", prefix = "inv", title = number, per_company)]
/// #[number("INV-{year}-{seq:5}", at = post)]
/// #[states(Draft -> Posted via post -> Paid via pay, Draft -> Cancelled via cancel)]
/// #[permit(Clerk: read, create, update while Draft)]
/// pub struct Invoice {
///     /// Who owes the money.
///     pub customer: Link<operations::CustomerRef>,
///     /// Lines with tax, in the invoice currency, rounded per line.
///     #[field(computed = rules::total)]
///     pub total: Option<Money>,
/// }
/// ```
///
/// - **entity**: `service` and `prefix` as texts; `title` is a field or `number`; `plural` is
///   formed from the name unless it is given; `per_company`; `system` keeps the records in the
///   system organisation; `kind` is `child`, `singleton`, `append_only` or `tree(FIELD)`, where
///   the field links to the parent.
/// - **states**: the first one named is where records start. Each arrow says through which act:
///   `Draft -> Posted via post`; arrows may be chained, chains are separated by commas.
/// - **number**: the pattern, and the act that draws the number (`create` for at once).
/// - **permit**: a role, its verbs, each with an optional `while STATE`, and `hide(FIELDS)` for
///   what the role does not see. Roles and states are written like types and become snake case.
/// - **accumulate**: sums kept in the same commit: `owed, by = (customer), over = issued_on,
///   sum = (total), when = "state == 'posted'"`. The name stands first; `over` is the date that
///   places a record in time, `when` an expression that says which records count.
/// - **fields**: a plain type is required, `Option<…>` is not. Types: `Text<N>` (1000 if no N is
///   given), `LongText<N>`, `Integer`, `Decimal<SCALE>`, `Percent`, `Price`, `Money`, `Quantity`,
///   `Boolean`, `Date`, `Instant`, `WallTime`, `Duration`, `Choice`, `Link<T>`, `Links<T>`,
///   `Children<T>`, `Json`, `Texts`, `Colour`, `Email`, `Phone`, `Url`, `Address`, `Expression`.
///   `T` is an entity of the same service (`Customer`) or another's reference
///   (`operations::CustomerRef`).
/// - **field**: `unique`, `searchable`, `indexed`, `personal`, `secret`, `read_only`,
///   `default = VALUE` (a literal, a choice's name, or `today`, `now`, `actor`), `computed = PATH`
///   (a `kernel::schema::Compute`), `choice(red, green)`, `min = N` and `max = N` of an integer,
///   `on_delete = restrict | cascade | set_null` of a link.
///
/// The struct itself becomes a unit struct with `ENTITY`, the full name, and for each field a
/// constant with its slot: `Invoice::CUSTOMER`. A missing comment is an error: comments are the
/// help texts and API descriptions.
#[proc_macro_attribute]
pub fn entity(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let declared = declare::declare(arguments.into(), item.into());
    declared
        .map_or_else(|error| error.into_compile_error(), |declared| emit::emit(&declared))
        .into()
}
