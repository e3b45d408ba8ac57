//! The files of a dump, in order, with their sizes.
//!
//! The layout is `mongodump`'s: a folder with `prelude.json` and one folder per database. A database folder has two
//! files per collection: the documents, and the options, indexes and UUID.

use std::io;

use bson::{Bson, Document, doc};
use chrono::{DateTime, Utc};

use crate::data::{
    extended_json::Canonical,
    file_names::file_name,
    set::{Collection, DataSet},
};

/// Tool version recorded in the dump.
const TOOLS: &str = "100.13.0";

/// A dump that is not written yet.
#[derive(Debug)]
pub(crate) struct Dump {
    pub(crate) files: Vec<File>,
    /// Modification time of all files.
    pub(crate) taken: DateTime<Utc>,
    data: DataSet,
    shard: Option<(usize, usize)>,
}

/// One entry.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) size: u64,
    pub(crate) content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    Folder,
    Text(Vec<u8>),
    /// The documents of the collection at this index of the data set.
    Documents(usize),
}

impl Dump {
    /// The dump of `data` below the folder `root`. With `shard` (its index and the number of shards), the dump of that
    /// shard. Reads every document once to compute the sizes.
    ///
    /// # Errors
    /// Returns an error if the metadata of a collection cannot be written as JSON.
    pub(crate) fn new(
        root: &str,
        mongodb_version: &str,
        taken: DateTime<Utc>,
        data: DataSet,
        shard: Option<(usize, usize)>,
    ) -> io::Result<Self> {
        let root = file_name(root);
        let mut files = vec![File::folder(&root)];
        let prelude = serde_json::json!({"ServerVersion": mongodb_version, "ToolVersion": TOOLS});
        files.push(File::text(format!("{root}/prelude.json"), prelude.to_string()));
        let mut database = "";
        for (place, collection) in data.collections.iter().enumerate() {
            let folder = format!("{root}/{}", file_name(&collection.name.database));
            if collection.name.database != database {
                database = &collection.name.database;
                files.push(File::folder(&folder));
            }
            let stem = format!("{folder}/{}", file_name(&collection.name.collection));
            let size = collection.documents(shard).map(|document| document.as_bytes().len() as u64).sum();
            files.push(File { path: format!("{stem}.bson"), size, content: Content::Documents(place) });
            files.push(File::text(format!("{stem}.metadata.json"), metadata(collection)?));
        }
        Ok(Self { files, taken, data, shard })
    }

    /// The collection at this index. [`documents`](Self::documents) returns its documents.
    pub(crate) fn collection(&self, place: usize) -> Option<&Collection> {
        self.data.collections.get(place)
    }

    pub(crate) fn shard(&self) -> Option<(usize, usize)> {
        self.shard
    }
}

impl File {
    fn folder(path: &str) -> Self {
        Self { path: format!("{path}/"), size: 0, content: Content::Folder }
    }

    fn text(path: String, text: String) -> Self {
        Self { path, size: text.len() as u64, content: Content::Text(text.into_bytes()) }
    }
}

/// Metadata of a collection in a dump, as canonical extended JSON.
///
/// # Errors
/// Returns an error if it cannot be written as JSON.
pub(crate) fn metadata(collection: &Collection) -> io::Result<String> {
    let mut metadata = Document::new();
    let options = collection.options();
    if !options.is_empty() {
        metadata.insert("options", options);
    }
    metadata.insert("indexes", collection.indexes());
    metadata.insert("uuid", collection.uuid.to_string().replace('-', ""));
    metadata.extend(doc! {"collectionName": &collection.name.collection, "type": "collection"});
    Ok(serde_json::to_string(&Canonical(&Bson::Document(metadata)))?)
}
