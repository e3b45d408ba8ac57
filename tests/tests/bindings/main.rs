//! What is known about single bindings and types; the rules for all of them are tested in the generated crate.

mod calls;
mod reading;
