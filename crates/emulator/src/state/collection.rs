//! Records by id below a parent, in insertion order.
//!
//! A collection tracks which rows were touched since the last call, so that a write to disk has the size of the change.
//! Reading is not a change.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::{
    ids::ObjectId,
    record::{Checks, Record},
};

/// Position of a row: below its parent, after all rows added before it.
pub(crate) type RowKey = (ObjectId, u64);

/// One row: its id and its record, which need not repeat the id.
#[derive(Debug)]
struct Row<T> {
    id: ObjectId,
    record: T,
}

/// Rows by id below parents, in insertion order.
#[derive(Debug)]
pub(crate) struct Collection<T> {
    rows: BTreeMap<RowKey, Row<T>>,
    row_keys: HashMap<ObjectId, RowKey>,
    next: u64,
    touched: BTreeSet<RowKey>,
}

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), row_keys: HashMap::new(), next: 0, touched: BTreeSet::new() }
    }
}

impl<T> Collection<T> {
    pub(crate) fn insert(&mut self, parent: ObjectId, id: ObjectId, record: T) {
        self.remove(id);
        let place = (parent, self.next);
        self.put(place, id, record);
        self.touched.insert(place);
    }

    fn put(&mut self, place: RowKey, id: ObjectId, record: T) {
        self.next = self.next.max(place.1.saturating_add(1));
        self.row_keys.insert(id, place);
        self.rows.insert(place, Row { id, record });
    }

    /// The row with this id, below any parent.
    pub(crate) fn get(&self, id: ObjectId) -> Option<&T> {
        self.rows.get(self.row_keys.get(&id)?).map(|row| &row.record)
    }

    /// The row with this id, if it is below `parent`.
    pub(crate) fn get_below(&self, parent: ObjectId, id: ObjectId) -> Option<&T> {
        let place = self.row_keys.get(&id).filter(|place| place.0 == parent)?;
        self.rows.get(place).map(|row| &row.record)
    }

    /// Two numbers that change whenever a row is added or removed.
    pub(crate) fn version(&self) -> (usize, u64) {
        (self.rows.len(), self.next)
    }

    /// The parent of the row with this id.
    pub(crate) fn parent(&self, id: ObjectId) -> Option<ObjectId> {
        self.row_keys.get(&id).map(|place| place.0)
    }

    /// The row with this id, for changes.
    pub(crate) fn get_mut(&mut self, id: ObjectId) -> Option<&mut T> {
        let place = *self.row_keys.get(&id)?;
        self.touched.insert(place);
        self.rows.get_mut(&place).map(|row| &mut row.record)
    }

    pub(crate) fn remove(&mut self, id: ObjectId) -> Option<T> {
        let place = self.row_keys.remove(&id)?;
        self.touched.insert(place);
        self.rows.remove(&place).map(|row| row.record)
    }

    /// The rows below `parent`, oldest first.
    pub(crate) fn below(&self, parent: ObjectId) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.range((parent, 0)..=(parent, u64::MAX)).map(|(_, row)| &row.record)
    }

    /// The rows below `parent` from this order number on, each with its number.
    pub(crate) fn below_from(&self, parent: ObjectId, order: u64) -> impl Iterator<Item = (u64, &T)> {
        self.rows.range((parent, order)..=(parent, u64::MAX)).map(|((_, order), row)| (*order, &row.record))
    }

    /// The row at this position.
    pub(crate) fn at(&self, place: RowKey) -> Option<&T> {
        self.rows.get(&place).map(|row| &row.record)
    }

    /// All rows, by parent.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values().map(|row| &row.record)
    }
}

/// A row to save: its id and its record in JSON, or `None` if it was removed.
pub(crate) type Saved = Option<(ObjectId, Vec<u8>)>;

/// The current content of a touched position.
pub(crate) type Change = (RowKey, Saved);

/// A row to load or export.
#[derive(Debug)]
pub(crate) struct RawRow<R> {
    pub(crate) place: RowKey,
    pub(crate) id: ObjectId,
    pub(crate) record: R,
}

/// A collection of any record type. Saving, loading, exporting and importing use this trait.
pub(crate) trait Rows: Send + Sync {
    /// The rows touched since the last call, in order of their keys.
    ///
    /// # Errors
    /// Returns an error if a record cannot be written as JSON.
    fn take_changes(&mut self) -> Result<Vec<Change>, serde_json::Error>;

    /// Clears the touched rows.
    fn forget_changes(&mut self);

    /// Adds a saved or exported row. It does not count as touched.
    ///
    /// # Errors
    /// Returns an error with the path inside the row and the reason.
    fn load(&mut self, row: RawRow<&[u8]>) -> Result<(), (String, String)>;

    /// All rows, by parent and in order.
    ///
    /// # Errors
    /// Returns an error if a record cannot be written as JSON.
    fn export(&self) -> Result<Vec<RawRow<serde_json::Value>>, serde_json::Error>;

    /// Marks all rows as touched, and all keys of `before`, which this collection replaces.
    fn touch_all(&mut self, before: &[RowKey]);

    /// The keys of all rows.
    fn row_keys(&self) -> Vec<RowKey>;

    /// Whether there is a row with this id.
    fn contains(&self, id: ObjectId) -> bool;

    /// Removes the row with this id.
    fn remove_row(&mut self, id: ObjectId);

    /// The ids of the rows below `parent`.
    fn ids_below(&self, parent: ObjectId) -> Vec<ObjectId>;
}

/// The path of a field of the record, relative to the row.
fn record_field(field: &str) -> String {
    if matches!(field, "" | ".") { "record".to_owned() } else { format!("record.{field}") }
}

impl<T: Record> Rows for Collection<T> {
    fn take_changes(&mut self) -> Result<Vec<Change>, serde_json::Error> {
        let change = |place| {
            let row = self.rows.get(&place);
            let row = row.map(|row| serde_json::to_vec(&row.record).map(|json| (row.id, json)));
            Ok((place, row.transpose()?))
        };
        std::mem::take(&mut self.touched).into_iter().map(change).collect()
    }

    fn forget_changes(&mut self) {
        self.touched.clear();
    }

    fn load(&mut self, RawRow { place, id, record }: RawRow<&[u8]>) -> Result<(), (String, String)> {
        let mut reader = serde_json::Deserializer::from_slice(record);
        let record: T = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| (record_field(&error.path().to_string()), error.into_inner().to_string()))?;
        let mut checks = Checks::default();
        record.check(id, place.0, &mut checks);
        checks.finish().map_err(|(field, what)| (record_field(&field), what))?;
        if self.row_keys.contains_key(&id) {
            return Err(("id".to_owned(), format!("{id} is duplicated")));
        }
        self.put(place, id, record);
        Ok(())
    }

    fn export(&self) -> Result<Vec<RawRow<serde_json::Value>>, serde_json::Error> {
        let export = |(place, row): (&RowKey, &Row<T>)| {
            Ok(RawRow { place: *place, id: row.id, record: serde_json::to_value(&row.record)? })
        };
        self.rows.iter().map(export).collect()
    }

    fn touch_all(&mut self, before: &[RowKey]) {
        self.touched.extend(before);
        self.touched.extend(self.rows.keys());
    }

    fn row_keys(&self) -> Vec<RowKey> {
        self.rows.keys().copied().collect()
    }

    fn contains(&self, id: ObjectId) -> bool {
        self.row_keys.contains_key(&id)
    }

    fn remove_row(&mut self, id: ObjectId) {
        self.remove(id);
    }

    fn ids_below(&self, parent: ObjectId) -> Vec<ObjectId> {
        self.rows.range((parent, 0)..=(parent, u64::MAX)).map(|(_, row)| row.id).collect()
    }
}
