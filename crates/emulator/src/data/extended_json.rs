//! Canonical extended JSON that keeps the order of fields.
//!
//! The order of fields is part of a BSON document, and it defines the keys of an index. A [`serde_json::Value`] sorts
//! fields, so no document that leaves as text may pass through one.

use bson::{Bson, Document, RawDocumentBuf};
use serde::{Serialize, Serializer};

/// A value as canonical extended JSON.
pub(crate) struct Canonical<'b>(pub(crate) &'b Bson);

impl Serialize for Canonical<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Bson::Document(document) => serializer.collect_map(document.iter().map(|(name, v)| (name, Canonical(v)))),
            Bson::Array(items) => serializer.collect_seq(items.iter().map(Canonical)),
            scalar => scalar.clone().into_canonical_extjson().serialize(serializer),
        }
    }
}

/// A document as a line of text.
///
/// # Errors
/// Returns an error if it is not BSON.
pub(crate) fn text(document: &RawDocumentBuf) -> std::io::Result<String> {
    let document = Document::try_from(document).map_err(std::io::Error::other)?;
    Ok(serde_json::to_string(&Canonical(&Bson::Document(document)))?)
}

/// Reads extended JSON, canonical or relaxed.
///
/// # Errors
/// Returns an error if it is not JSON or not an object.
pub(crate) fn read(text: &str) -> Result<RawDocumentBuf, String> {
    let document: Document = serde_json::from_str(text).map_err(|e| e.to_string())?;
    RawDocumentBuf::try_from(&document).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::templates::Template;

    #[test]
    fn extended_json_keeps_types_and_field_order() {
        for template in Template::ALL {
            let document = RawDocumentBuf::try_from(&template.document(1, 1)).unwrap();
            assert_eq!(read(&text(&document).unwrap()).unwrap(), document, "{template:?}");
        }
        for line in
            [r#"{"z":{"$numberInt":"1"},"a":[{"y":null,"b":true}]}"#, r#"{"_id":"x","Z":{"$numberDouble":"1.0"}}"#]
        {
            assert_eq!(text(&read(line).unwrap()).unwrap(), line);
        }
        assert!(read("[]").is_err() && read("{").is_err());
    }
}
