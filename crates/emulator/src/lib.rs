//! MongoDB Atlas's backup API on localhost, for tests and rehearsals.
