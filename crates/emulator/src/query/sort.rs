//! The order of results.

use std::cmp::Ordering;

use bson::{Bson, Document};

use crate::query::{
    error::{CommandError, Result},
    filter::as_integer,
    order::compare,
    paths::{Path, find, path},
};

/// Fields with their directions.
#[derive(Debug)]
pub(crate) struct Sort(Vec<(Path, bool)>);

impl Sort {
    pub(crate) fn parse(sort: &Document) -> Result<Self> {
        let field = |(name, direction): (&String, &Bson)| match as_integer(direction) {
            _ if name.starts_with('$') => Err(CommandError::not_implemented(&format!("sorting by {name}"))),
            Some(1) => Ok((path(name), true)),
            Some(-1) => Ok((path(name), false)),
            _ => Err(CommandError::new(15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)")),
        };
        Ok(Self(sort.iter().map(field).collect::<Result<_>>()?))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn apply(&self, documents: &mut Vec<Document>) {
        let taken = std::mem::take(documents).into_iter();
        let mut keyed: Vec<_> = taken.map(|document| (self.keys(&document), document)).collect();
        keyed.sort_by(|(left, _), (right, _)| {
            let fields = self.0.iter().zip(left.iter().zip(right));
            let compared = fields.map(|((_, ascending), (left, right))| {
                let order = compare(left, right);
                if *ascending { order } else { order.reverse() }
            });
            compared.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
        documents.extend(keyed.into_iter().map(|(_, document)| document));
    }

    /// The sort keys of a document: of an array its least element, or its greatest if descending.
    fn keys(&self, document: &Document) -> Vec<Bson> {
        let key = |(path, ascending): &(Path, bool)| {
            let mut values = Vec::new();
            for found in find(document, path) {
                match found.value() {
                    Some(Bson::Array(items)) if items.is_empty() => values.push(&Bson::Undefined),
                    Some(Bson::Array(items)) => values.extend(items),
                    Some(value) => values.push(value),
                    None => values.push(&Bson::Null),
                }
            }
            let order = |left: &&&Bson, right: &&&Bson| compare(left, right);
            let chosen = if *ascending { values.iter().min_by(order) } else { values.iter().max_by(order) };
            chosen.map_or(Bson::Null, |value| (*value).clone())
        };
        self.0.iter().map(key).collect()
    }
}
