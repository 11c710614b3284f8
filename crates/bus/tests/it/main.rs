//! The bus between services at work.

mod delivery;
