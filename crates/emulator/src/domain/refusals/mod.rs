//! What the service refuses: each code with its status, the operations, the condition, and where it is known from.
//!
//! Every error of the emulator is made from a row of this table. Rows that are not modelled say why; a client can be tested
//! against them with a fault that answers with the code. The README's list is this table, as `refusals` of the program
//! prints it.

#[macro_use]
mod rows;

mod backups;
mod clusters;
mod refusal;
mod requests;
mod restores;
mod table;

#[cfg(feature = "binary")]
pub(crate) use self::table::markdown;
pub(crate) use self::{backups::*, clusters::*, requests::*, restores::*, table::find};
pub use self::{
    refusal::{Refusal, Source},
    table::refusals,
};
