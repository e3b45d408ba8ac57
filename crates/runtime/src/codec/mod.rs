//! JSON codec of the bindings' types: one mechanism for every object, string enum and union.
//!
//! Derived implementations would compile to twice the code, drop unknown fields and fail on a new enum value. Here each
//! type states only its own part ([`Record`], [`Text`], [`Union`]). Reading, keeping unknown fields and writing them
//! back is shared. The rules:
//!
//! - Null is the same as absent unless the field is a [`Nullable`].
//! - The last of duplicate keys wins.
//! - A field that the document does not define is kept in `extra` and written back.
//! - A page without a list of items is an error, and so is one with more items than were asked for.
//! - A document that takes far more memory than text is an error.
//! - A point in time whose text would be written differently is kept in `extra` too, and written as it came.
//! - A list or a string instead of an object is an error that names the type.
//!
//! A field whose value is not of the documented type must not fail the whole response. Reading is strict first; if that
//! fails, [`decode`] reads again and keeps such a value in `extra` under the field's own name.

mod bounds;
mod debug;
mod decode;
mod items;
mod macros;
mod mode;
mod no_content;
mod nullable;
mod query;
#[cfg(feature = "dispatch")]
mod recode;
mod record;
mod text;
mod time;
mod union;

pub use bounds::{AnyJson, MAX_UNPAGED_ITEMS};
pub use debug::debug;
pub use decode::{decode, decode_at_most};
pub use no_content::NoContent;
pub use nullable::Nullable;
pub use query::{PageQuery, Query, QueryValue};
#[cfg(feature = "dispatch")]
pub use recode::{Recoded, recode};
pub use record::{Extra, Fields, Record, member, put, read, required, write};
pub use text::{Text, read_text};
pub use union::{Union, nested, read_union, unknown, write_unknown};
