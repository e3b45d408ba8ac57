//! Each pass on a tiny fixture.
