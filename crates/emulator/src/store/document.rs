//! The whole state as one JSON document, to read, edit or move.
//!
//! Everything is checked before anything is imported. Errors name the path of the invalid value in the document. A
//! document of another schema is refused.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    domain::{clock_record::ClockRecord, ids::ObjectId},
    state::{
        collection::{RawRow, Rows},
        tables::{Meta, SCHEMA, State},
    },
    store::{clock::Clock, error::ImportError, journal::Ticket, shared_state::Store},
};

const FORMAT: &str = "atlas-backup-state";

const CLOCK: &str = "clock";

/// The state of `store` at the time of `clock`.
pub(crate) fn export(store: &Store, clock: &Clock) -> Value {
    store.read(|state| {
        let collection = |rows: &dyn Rows| {
            let rows = rows.export().unwrap_or_default().into_iter();
            rows.map(|row| json!({"id": row.id, "parent": row.place.0, "record": row.record})).collect::<Value>()
        };
        let names = State::COLLECTIONS.iter().map(|name| (*name).to_owned());
        let collections: Map<String, Value> = names.zip(state.collections().map(collection)).collect();
        let mut meta = json!(state.meta);
        if let Some(meta) = meta.as_object_mut() {
            // Its wall clock time has no meaning elsewhere.
            meta.remove(CLOCK);
        }
        json!({
            "format": FORMAT,
            "schema": SCHEMA,
            "meta": meta,
            "clock": {"now": clock.now(), "unscaled": clock.unscaled()},
            "collections": collections,
        })
    })
}

/// Replaces the state of `store` by `document`, including the clock's time.
///
/// # Errors
/// Returns an error that names the path of the first invalid value. The state is then unchanged.
pub(crate) fn import(store: &Store, clock: &Clock, document: Value) -> Result<Ticket, ImportError> {
    let state = read(document)?;
    let record = state.meta.clock.clone();
    let ((), ticket) = store.write(|known| known.replace(state));
    if let Some(record) = record {
        clock.set_from_record(&record);
    }
    Ok(ticket.max(store.latest()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportedState {
    #[serde(rename = "format")]
    _format: String,
    #[serde(rename = "schema")]
    _schema: u64,
    #[serde(default)]
    meta: Meta,
    #[serde(default)]
    clock: Option<ExportedClock>,
    collections: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportedClock {
    now: chrono::DateTime<chrono::Utc>,
    unscaled: chrono::DateTime<chrono::Utc>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: ObjectId,
    parent: ObjectId,
    record: Value,
}

/// The state in `document`.
///
/// # Errors
/// Returns an error that names the path of the first invalid value.
pub(crate) fn read(document: Value) -> Result<State, ImportError> {
    if document["format"] != FORMAT {
        return Err(ImportError::new("format", format!("is not `{FORMAT}`: not an exported state")));
    }
    if document["schema"] != SCHEMA {
        let what = format!("is {}, but this version of the emulator reads only schema {SCHEMA}", document["schema"]);
        return Err(ImportError::new("schema", what));
    }
    let whole: ExportedState = typed("", document)?;
    let clock = whole.clock.map(|times| ClockRecord::from(times.now, times.unscaled));
    if clock.as_ref().is_some_and(|clock| !clock.is_in_range()) {
        return Err(ImportError::new("clock", "is outside of the supported dates"));
    }
    let mut state = State::default();
    state.meta = Meta { clock, ..whole.meta };
    for (name, rows) in whole.collections {
        let place = format!("collections.{name}");
        if !State::COLLECTIONS.contains(&name.as_str()) {
            return Err(ImportError::new(place, "is not a known collection"));
        }
        let Value::Array(rows) = rows else { return Err(ImportError::new(place, "is not a list")) };
        for (number, row) in rows.into_iter().enumerate() {
            let place = format!("{place}[{number}]");
            let row: Row = typed(&place, row)?;
            let record = row.record.to_string();
            let raw = RawRow { place: (row.parent, number as u64), id: row.id, record: record.as_bytes() };
            state.load(&name, raw).map_err(|(field, what)| ImportError::new(join(&place, &field), what))?;
        }
    }
    state.check().map_err(|orphan| ImportError::new(format!("collections.{}", orphan.path()), orphan.reason()))?;
    Ok(state)
}

fn typed<T: serde::de::DeserializeOwned>(place: &str, value: Value) -> Result<T, ImportError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let field = error.path().to_string();
        ImportError::new(join(place, &field), error.into_inner())
    })
}

fn join(place: &str, field: &str) -> String {
    match (place, field) {
        (place, "" | ".") => place.to_owned(),
        ("", field) => field.to_owned(),
        (place, field) => format!("{place}.{field}"),
    }
}
