//! Keys of values: bytes that are equal for values that the server considers equal.

use bson::{Bson, RawDocumentBuf, doc};

use crate::query::decimal::Number;

/// Position of the value's type in the order of types. Types that compare by value share one.
pub(crate) fn rank(value: &Bson) -> u8 {
    match value {
        Bson::MinKey => 0,
        Bson::Undefined => 1,
        Bson::Null => 2,
        Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) | Bson::Decimal128(_) => 3,
        Bson::String(_) | Bson::Symbol(_) => 4,
        Bson::Document(_) => 5,
        Bson::Array(_) => 6,
        Bson::Binary(_) => 7,
        Bson::ObjectId(_) => 8,
        Bson::Boolean(_) => 9,
        Bson::DateTime(_) => 10,
        Bson::Timestamp(_) => 11,
        Bson::RegularExpression(_) => 12,
        Bson::DbPointer(_) => 13,
        Bson::JavaScriptCode(_) => 14,
        Bson::JavaScriptCodeWithScope(_) => 15,
        Bson::MaxKey => 16,
    }
}

pub(crate) fn bytes(value: &Bson) -> Vec<u8> {
    RawDocumentBuf::try_from(&doc! {"": value}).map(RawDocumentBuf::into_bytes).unwrap_or_default()
}

/// Bytes that are equal for values that the server considers equal, and only for those.
pub(crate) fn key(value: &Bson) -> Vec<u8> {
    let mut key = vec![rank(value)];
    match value {
        Bson::ObjectId(id) => key.extend(id.bytes()),
        Bson::String(text) | Bson::Symbol(text) => key.extend(text.as_bytes()),
        Bson::Document(fields) => {
            for (name, value) in fields {
                nested(&mut key, name.as_bytes());
                nested(&mut key, &self::key(value));
            }
        }
        Bson::Array(items) => items.iter().for_each(|item| nested(&mut key, &self::key(item))),
        other => match Number::of(other) {
            Some(number) => key.extend(number.key().into_bytes()),
            None => key.extend(bytes(other)),
        },
    }
    key
}

fn nested(key: &mut Vec<u8>, part: &[u8]) {
    key.extend((part.len() as u64).to_be_bytes());
    key.extend(part);
}
