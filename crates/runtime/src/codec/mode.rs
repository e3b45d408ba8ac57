//! Codec mode of this thread: strict or lenient, with or without undocumented fields.

use std::cell::Cell;

thread_local! {
    static LENIENT: Cell<bool> = const { Cell::new(false) };
}

/// Reads JSON leniently: a value that does not fit its field is kept in `extra` and the field is absent.
///
/// # Errors
/// Returns an error if the text is not JSON, or if the document itself, an item of a page or a required field does not
/// fit.
pub(super) fn lenient<T, E>(read: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    /// Ends lenient mode also if reading panics.
    struct Strict;
    impl Drop for Strict {
        fn drop(&mut self) {
            LENIENT.set(false);
        }
    }
    LENIENT.set(true);
    let _strict = Strict;
    read()
}

/// Whether reading is lenient on this thread.
#[inline]
pub(super) fn is_lenient() -> bool {
    LENIENT.get()
}
