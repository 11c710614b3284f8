//! The store's tests: what holds on every database ([`suite`], [`lowering`]), and what only one
//! of them can get wrong.

mod ground;
mod linked;
mod lowering;
mod postgres;
mod sqlite;
mod suite;
