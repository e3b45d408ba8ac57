//! The state in a file: a table per collection, a row per record, and a table with the owner and schema of the file.
//!
//! A folder is locked by one process at a time. Its content is read completely and checked before the first change. A
//! foreign or damaged file, or one of another schema, is refused unchanged. No path comes from a request: there is one
//! file with a fixed name.

use std::{
    collections::BTreeMap,
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition, TableHandle,
    WriteTransaction, backends::FileBackend,
};
use serde_json::Value;

use crate::{
    domain::ids::ObjectId,
    state::{
        collection::{RawRow, RowKey, Saved},
        tables::{Changes, Meta, SCHEMA, State},
    },
    store::{
        atomic_file::publish,
        error::{ImportError, OpenError},
        guard::{Guarded, Release},
    },
};

const FILE: &str = "state.redb";
/// Temporary name of an initial state, so that an incomplete one is never used.
const UNFINISHED: &str = "state.redb.new";
const LOCK: &str = "lock";
/// Cache size of the database. The state is in memory anyway.
const CACHE: usize = 8 << 20;

/// Owner and schema of the file, and the state outside of collections.
const METADATA_TABLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("atlas-backup-state");
/// The same table in files of versions that were never released.
const FORMER_METADATA_TABLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("atlas-backup-emulator");
const SCHEMA_KEY: &str = "schema";
const META: &str = "meta";

type Rows<'a> = TableDefinition<'a, &'static [u8], &'static [u8]>;

fn rows(collection: &str) -> Rows<'_> {
    TableDefinition::new(collection)
}

/// Changes to save. Of several at one position only the last counts.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) rows: BTreeMap<(usize, RowKey), Saved>,
    pub(crate) meta: Option<Meta>,
}

impl Batch {
    pub(crate) fn add(&mut self, changes: Changes) {
        self.rows.extend(changes.rows.into_iter().map(|(index, (place, row))| ((index, place), row)));
        self.meta = changes.meta.or(self.meta.take());
    }
}

/// An open data folder.
#[derive(Debug)]
pub(crate) struct Disk {
    file: PathBuf,
    /// `None` after a failure, until it can be opened again.
    database: Option<Database>,
    /// Closing it releases the folder. It is the last field, so that the database is closed first.
    _lock: File,
}

impl Disk {
    /// Opens `folder`, or initializes it with the state that `first` returns.
    pub(crate) fn open(
        folder: &Path,
        first: impl FnOnce() -> Result<State, ImportError>,
    ) -> Result<(Self, State), OpenError> {
        let lock = lock(folder)?;
        let file = folder.join(FILE);
        let (database, state) = match fs::symlink_metadata(&file) {
            Ok(_) => existing(&file)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut state = first()
                    .map_err(|error| OpenError::new(&file, format!("cannot start with the given state: {error}")))?;
                let database = create(folder, &file, &mut state)?;
                (database, state)
            }
            Err(error) => return Err(OpenError::new(&file, error)),
        };
        Ok((Self { file, database: Some(database), _lock: lock }, state))
    }

    /// Writes `batch`. When this returns, it is on disk.
    ///
    /// # Errors
    /// Nothing of it is on disk, such as where the disk is full. The next call tries again.
    pub(crate) fn save(&mut self, batch: &Batch) -> Result<(), String> {
        let database = match self.database.take() {
            Some(database) => database,
            // After an error a database writes nothing more until it is opened again.
            None => existing(&self.file).map_err(|error| error.to_string())?.0,
        };
        commit(&database, batch).map_err(|error| error.to_string())?;
        self.database = Some(database);
        Ok(())
    }

    /// The state that is on disk after a failure; writes nothing.
    pub(crate) fn saved_state(&self) -> Result<State, OpenError> {
        open(&self.file).map(|opened| opened.state)
    }
}

fn commit(database: &Database, batch: &Batch) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    write(&transaction, batch)?;
    Ok(transaction.commit()?)
}

fn write(transaction: &WriteTransaction, batch: &Batch) -> Result<(), redb::Error> {
    let mut changes = batch.rows.iter().peekable();
    while let Some(((index, _), _)) = changes.peek() {
        let index = *index;
        let mut table = transaction.open_table(rows(State::COLLECTIONS[index]))?;
        while let Some(((_, place), row)) = changes.next_if(|((of, _), _)| *of == index) {
            match row {
                Some((id, record)) => table.insert(&key(*place)[..], &[&id.0[..], record].concat()[..])?,
                None => table.remove(&key(*place)[..])?,
            };
        }
    }
    if let Some(meta) = &batch.meta {
        transaction.open_table(METADATA_TABLE)?.insert(META, &json(meta)?[..])?;
    }
    Ok(())
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, redb::Error> {
    serde_json::to_vec(value).map_err(|error| redb::Error::Io(error.into()))
}

/// Replaces the content of the database by `state` and marks the file as ours.
fn write_all(database: &Database, state: &mut State) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    let known: Vec<_> = transaction.list_tables()?.collect();
    for table in known {
        transaction.delete_table(table)?;
    }
    transaction.open_table(METADATA_TABLE)?.insert(SCHEMA_KEY, &json(&SCHEMA)?[..])?;
    for collection in State::COLLECTIONS {
        transaction.open_table(rows(collection))?;
    }
    state.touch_all();
    let mut batch = Batch::default();
    batch.add(state.take_changes().map_err(|error| redb::Error::Io(error.into()))?);
    batch.meta = Some(state.meta.clone());
    write(&transaction, &batch)?;
    Ok(transaction.commit()?)
}

/// Parent, then order, so that rows are read in insertion order.
fn key((parent, order): RowKey) -> [u8; 20] {
    let mut key = [0; 20];
    key[..12].copy_from_slice(&parent.0);
    key[12..].copy_from_slice(&order.to_be_bytes());
    key
}

fn row_key(key: &[u8]) -> Option<RowKey> {
    let (parent, order) = key.split_at_checked(12)?;
    Some((ObjectId(parent.try_into().ok()?), u64::from_be_bytes(order.try_into().ok()?)))
}

/// Locks `folder`, and creates it if it does not exist.
fn lock(folder: &Path) -> Result<File, OpenError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| OpenError::new(folder, error))?;
    let path = folder.join(LOCK);
    let failed = |error: io::Error| OpenError::new(&path, error);
    let mut file = private(&path).and_then(|mut file| file.truncate(false).open(&path)).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            // The process id is only for the message. The lock is what counts.
            let _told = file.read_to_string(&mut owner);
            let owner = if owner.is_empty() { String::new() } else { format!(" (process {})", owner.trim()) };
            return Err(OpenError::new(folder, format!("the folder is in use by another emulator{owner}")));
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(failed)?;
    Ok(file)
}

/// Options for our file at `path`: only the owner may read it.
///
/// # Errors
/// Something other than a regular file is there: opening a link would overwrite its target.
fn private(path: &Path) -> io::Result<OpenOptions> {
    if std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file; it was left unchanged"));
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options)
}

/// Opens a database behind a guard and checks every page.
fn database(path: &Path, file: File) -> Result<(Database, Release), OpenError> {
    let guarded = FileBackend::new(file).and_then(|file| Ok(Guarded::new(file)?));
    let (guarded, release) = guarded.map_err(|error| refusal(path, error))?;
    let opened =
        Database::builder().set_cache_size(CACHE).set_check_integrity_on_open(true).create_with_backend(guarded);
    Ok((opened.map_err(|error| refusal(path, error))?, release))
}

fn refusal(path: &Path, error: DatabaseError) -> OpenError {
    match error {
        DatabaseError::Storage(StorageError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => foreign(path),
        DatabaseError::Storage(StorageError::Corrupted(what)) => damaged(path, what),
        DatabaseError::UpgradeRequired(_) => {
            damaged(path, "its format is older than any that this program has written")
        }
        DatabaseError::DatabaseAlreadyOpen => OpenError::new(path, "the file is in use by another process"),
        other => OpenError::new(path, other),
    }
}

fn foreign(path: &Path) -> OpenError {
    OpenError::new(path, "not a state of atlas-backup-emulator; it was left unchanged")
}

fn other_schema(folder: &Path, found: &str) -> OpenError {
    OpenError::new(
        folder,
        format!(
            "the state in this folder has {found}, and this version of the emulator reads only schema {SCHEMA}; \
             nothing was changed. Use another folder, the version that wrote this one, or delete it to start from the seed"
        ),
    )
}

fn damaged(path: &Path, what: impl fmt::Display) -> OpenError {
    OpenError::new(path, format!("the file is damaged and was left unchanged: {what}"))
}

/// Writes `state` under a temporary name and renames it when it is complete.
fn create(folder: &Path, path: &Path, state: &mut State) -> Result<Database, OpenError> {
    let unfinished = folder.join(UNFINISHED);
    let failed = |error: io::Error| OpenError::new(&unfinished, error);
    // We hold the folder's lock, so an existing file is a leftover.
    let file = private(&unfinished).and_then(|mut file| file.truncate(true).open(&unfinished)).map_err(failed)?;
    let (database, release) = database(&unfinished, file)?;
    release.release().map_err(failed)?;
    write_all(&database, state).map_err(|error| OpenError::new(&unfinished, error))?;
    publish(&unfinished, path).map_err(failed)?;
    Ok(database)
}

/// Reads and checks what is there, and lets its database write.
fn existing(path: &Path) -> Result<(Database, State), OpenError> {
    let failed = |error: io::Error| OpenError::new(path, error);
    let Opened { database, state, file, release } = open(path)?;
    release.release().map_err(failed)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(failed)?;
    Ok((database, state))
}

/// A database that has been read and may not write yet.
struct Opened {
    database: Database,
    state: State,
    file: File,
    release: Release,
}

/// Reads and checks the content.
fn open(path: &Path) -> Result<Opened, OpenError> {
    let failed = |error: io::Error| OpenError::new(path, error);
    let file = private(path).and_then(|mut file| file.create(false).open(path)).map_err(failed)?;
    if file.metadata().map_err(failed)?.len() == 0 {
        return Err(foreign(path));
    }
    let (database, release) = database(path, file.try_clone().map_err(failed)?)?;
    let state = match read(&database).map_err(|error| damaged(path, error))? {
        StoredState::Current(state) => *state,
        StoredState::OtherSchema(found) => return Err(other_schema(path.parent().unwrap_or(path), &found)),
        StoredState::Foreign => return Err(foreign(path)),
        StoredState::Wrong(what) => return Err(damaged(path, what)),
    };
    Ok(Opened { database, state, file, release })
}

/// Content of a database.
enum StoredState {
    Current(Box<State>),
    /// The schema of the file, which is not ours.
    OtherSchema(String),
    Foreign,
    Wrong(String),
}

fn read(database: &Database) -> Result<StoredState, redb::Error> {
    let transaction = database.begin_read()?;
    let names: Vec<String> = transaction.list_tables()?.map(|table| table.name().to_owned()).collect();
    if names.iter().any(|name| name == FORMER_METADATA_TABLE.name()) {
        return Ok(StoredState::OtherSchema("a schema from before the first release".to_owned()));
    }
    if !names.iter().any(|name| name == METADATA_TABLE.name()) {
        return Ok(StoredState::Foreign);
    }
    let about = transaction.open_table(METADATA_TABLE)?;
    let text =
        |name| Ok::<_, redb::Error>(about.get(name)?.and_then(|v| serde_json::from_slice::<Value>(v.value()).ok()));
    let Some(schema) = text(SCHEMA_KEY)?.and_then(|schema| schema.as_u64()) else {
        return Ok(StoredState::Wrong("no schema".to_owned()));
    };
    if schema != SCHEMA {
        return Ok(StoredState::OtherSchema(format!("schema {schema}")));
    }
    let Some(meta) = text(META)? else {
        return Ok(StoredState::Wrong("the state outside of collections is missing".to_owned()));
    };
    let mut state = State::default();
    for name in names.iter().filter(|name| *name != METADATA_TABLE.name()) {
        let table = transaction.open_table(rows(name))?;
        for row in table.iter()? {
            let (key, value) = row?;
            let parts = row_key(key.value()).zip(value.value().split_at_checked(12));
            let Some((place, (id, record))) =
                parts.and_then(|(p, (id, r))| Some((p, (<[u8; 12]>::try_from(id).ok()?, r))))
            else {
                return Ok(StoredState::Wrong(format!("a row of {name} is too short")));
            };
            let row = RawRow { place, id: ObjectId(id), record };
            if let Err((place, what)) = state.load(name, row) {
                return Ok(StoredState::Wrong(format!("{name}, {}: {place} {what}", ObjectId(id))));
            }
        }
    }
    match serde_json::from_value::<Meta>(meta) {
        Ok(meta) => state.meta = meta,
        Err(error) => return Ok(StoredState::Wrong(format!("{META}: {error}"))),
    }
    match state.check() {
        Ok(()) => {
            state.forget_changes();
            Ok(StoredState::Current(Box::new(state)))
        }
        Err(orphan) => Ok(StoredState::Wrong(format!("{} {}", orphan.path(), orphan.reason()))),
    }
}
