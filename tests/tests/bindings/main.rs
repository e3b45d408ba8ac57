//! Facts about single bindings and types. The rules that hold for all of them are tested in the generated crate.

mod calls;
mod canned;
mod odd_values;
mod requests;
