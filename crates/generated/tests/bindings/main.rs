//! The bindings of whatever document they were generated from, all of them, held to the rules.
//!
//! Nothing here names an operation or a type: which there are is written by the generator, so that these tests compile
//! and mean the same with every revision of the specification. What is known about single operations is tested in the
//! workspace's package of tests.
#![allow(clippy::unwrap_used, reason = "a test that can't set itself up should fail where it stands")]

mod calls;
#[allow(deprecated, reason = "older versions and retired operations are bindings too")]
#[rustfmt::skip]
#[path = "generated/trials.rs"]
mod generated;
mod minimums;
mod sample;
mod table;
mod trial;
mod types;
