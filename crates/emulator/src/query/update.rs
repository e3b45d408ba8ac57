//! Updates: replacement documents and update operators.

use bson::{Bson, Document};

use crate::query::{
    error::{
        BAD_VALUE, CONFLICTING_UPDATE_OPERATORS, CommandError, FAILED_TO_PARSE, IMMUTABLE_FIELD, PATH_NOT_VIABLE,
        Result, TYPE_MISMATCH,
    },
    filter::{Condition, Filter, as_integer, element_conditions, is_true},
    key::rank,
    order::{compare, equal},
    paths::{Path, path},
};

#[derive(Debug)]
pub(crate) enum Update {
    Replacement(Document),
    /// In the order of their paths, in which the server adds new fields.
    Operators(Vec<(Operator, Path)>),
}

#[derive(Debug)]
pub(crate) enum Operator {
    Set(Bson),
    SetOnInsert(Bson),
    Unset,
    Increment(Bson),
    Multiply(Bson),
    Least(Bson),
    Greatest(Bson),
    Rename(Path),
    Push(Vec<Bson>),
    AddToSet(Vec<Bson>),
    Pull(Pulled),
    Pop { first: bool },
    CurrentDate,
}

/// The elements that `$pull` removes.
#[derive(Debug)]
pub(crate) enum Pulled {
    Documents(Filter),
    Values(Vec<Condition>),
}

/// Array elements that an update may add as padding, and parts of a path, as in the server.
const MAX_PADDING: usize = 1_500_000;
const MAX_PARTS: usize = 100;

impl Update {
    pub(crate) fn parse(update: &Bson) -> Result<Self> {
        let Bson::Document(update) = update else {
            return Err(CommandError::not_implemented("updates with a pipeline"));
        };
        if !update.keys().any(|name| name.starts_with('$')) {
            return Ok(Self::Replacement(update.clone()));
        }
        let mut operators = Vec::new();
        for (name, fields) in update {
            if !name.starts_with('$') {
                let message = format!(
                    "Unknown modifier: {name}. Expected a valid update modifier or pipeline-style update specified as an array"
                );
                return Err(CommandError::new(FAILED_TO_PARSE, message));
            }
            let Bson::Document(fields) = fields else {
                let message = format!("Modifiers operate on fields but we found another type for {name}");
                return Err(CommandError::new(FAILED_TO_PARSE, message));
            };
            for (field, value) in fields {
                let path = updatable(field)?;
                operators.push((operator(name, field, value)?, path));
            }
        }
        operators.sort_by(|(_, left), (_, right)| left.cmp(right));
        let mut paths: Vec<&Path> = operators.iter().map(|(_, path)| path).collect();
        let renamed = operators.iter().filter_map(|(operator, _)| match operator {
            Operator::Rename(to) => Some(to),
            _ => None,
        });
        paths.extend(renamed);
        paths.sort();
        if let Some(pair) = paths.windows(2).find(|pair| pair[1].starts_with(pair[0])) {
            let (within, at) = (pair[1].join("."), pair[0].join("."));
            let message = format!("Updating the path '{within}' would create a conflict at '{at}'");
            return Err(CommandError::new(CONFLICTING_UPDATE_OPERATORS, message));
        }
        Ok(Self::Operators(operators))
    }

    /// The document after the update. An upsert inserts a document that may have no `_id` yet.
    pub(crate) fn apply(&self, document: &Document, inserting: bool, now: bson::DateTime) -> Result<Document> {
        let id = document.get("_id");
        let updated = match self {
            Self::Replacement(replacement) => {
                let id = replacement.get("_id").or(id).cloned();
                let id = id.into_iter().map(|id| ("_id".to_owned(), id));
                id.chain(replacement.clone().into_iter().filter(|(name, _)| name != "_id")).collect()
            }
            Self::Operators(operators) => {
                let mut value = Bson::Document(document.clone());
                for (operator, path) in operators {
                    operator.apply(&mut value, path, inserting, now)?;
                }
                match value {
                    Bson::Document(updated) => updated,
                    _ => Document::new(),
                }
            }
        };
        let same = match (id, updated.get("_id")) {
            (Some(before), Some(after)) => equal(before, after),
            (before, _) => before.is_none(),
        };
        if same {
            return Ok(updated);
        }
        let message = "Performing an update on the path '_id' would modify the immutable field '_id'";
        Err(CommandError::new(IMMUTABLE_FIELD, message))
    }
}

/// The parts of a path that an update may name.
fn updatable(field: &str) -> Result<Path> {
    let parts = path(field);
    if parts.len() > MAX_PARTS {
        return Err(CommandError::new(15, "FieldPath is too long"));
    }
    if parts.iter().any(String::is_empty) {
        let message = format!("The update path '{field}' contains an empty field name, which is not allowed.");
        return Err(CommandError::new(56, message));
    }
    if parts.iter().any(|part| part.starts_with('$')) {
        return Err(CommandError::not_implemented("positional operators"));
    }
    Ok(parts)
}

fn operator(name: &str, field: &str, value: &Bson) -> Result<Operator> {
    let number = |verb: &str| {
        if rank(value) == 3 {
            return Ok(value.clone());
        }
        Err(CommandError::new(TYPE_MISMATCH, format!("Cannot {verb} with non-numeric argument: {{{field}: {value}}}")))
    };
    Ok(match name {
        "$set" => Operator::Set(value.clone()),
        "$setOnInsert" => Operator::SetOnInsert(value.clone()),
        "$unset" => Operator::Unset,
        "$inc" => Operator::Increment(number("increment")?),
        "$mul" => Operator::Multiply(number("multiply")?),
        "$min" => Operator::Least(value.clone()),
        "$max" => Operator::Greatest(value.clone()),
        "$rename" => match value {
            Bson::String(to) => Operator::Rename(updatable(to)?),
            _ => return Err(CommandError::bad_value("The 'to' field for $rename must be a string")),
        },
        "$push" => Operator::Push(items(name, value)?),
        "$addToSet" => Operator::AddToSet(items(name, value)?),
        "$pull" => Operator::Pull(match value {
            Bson::Document(fields) if !fields.keys().any(|name| name.starts_with('$')) => {
                Pulled::Documents(Filter::parse(fields)?)
            }
            other => Pulled::Values(element_conditions(other)?),
        }),
        "$pop" => match as_integer(value) {
            Some(1) => Operator::Pop { first: false },
            Some(-1) => Operator::Pop { first: true },
            _ => return Err(CommandError::new(FAILED_TO_PARSE, "$pop expects 1 or -1")),
        },
        "$currentDate" => match value {
            Bson::Boolean(true) => Operator::CurrentDate,
            Bson::Document(kind) if kind.len() == 1 && kind.get_str("$type").is_ok_and(|kind| kind == "date") => {
                Operator::CurrentDate
            }
            _ => return Err(CommandError::not_implemented("$currentDate with this argument")),
        },
        other => {
            let message = format!(
                "Unknown modifier: {other}. Expected a valid update modifier or pipeline-style update specified as an array"
            );
            return Err(CommandError::new(FAILED_TO_PARSE, message));
        }
    })
}

/// The values that `$push` and `$addToSet` add.
fn items(operator: &str, value: &Bson) -> Result<Vec<Bson>> {
    match value {
        Bson::Document(fields) if fields.contains_key("$each") => match (fields.get("$each"), fields.len()) {
            (Some(Bson::Array(items)), 1) => Ok(items.clone()),
            (Some(Bson::Array(_)), _) => Err(CommandError::not_implemented(&format!("modifiers of {operator}"))),
            _ => Err(CommandError::bad_value(format!("The argument to $each in {operator} must be an array"))),
        },
        value => Ok(vec![value.clone()]),
    }
}

impl Operator {
    fn apply(&self, document: &mut Bson, path: &[String], inserting: bool, now: bson::DateTime) -> Result<()> {
        let at = path.join(".");
        let mut with = |create: bool, change: &mut Change<'_>| modify(document, path, create, change);
        match self {
            Self::Set(value) => with(true, &mut |_| Ok(Some(value.clone()))),
            Self::SetOnInsert(value) if inserting => with(true, &mut |_| Ok(Some(value.clone()))),
            Self::SetOnInsert(_) => Ok(()),
            Self::Unset => with(false, &mut |_| Ok(None)),
            Self::Increment(by) => with(true, &mut |known| match known {
                None => Ok(Some(by.clone())),
                Some(known) => arithmetic("$inc", &at, &known, by).map(Some),
            }),
            Self::Multiply(by) => with(true, &mut |known| match known {
                None => arithmetic("$mul", &at, &Bson::Int32(0), by).map(Some),
                Some(known) => arithmetic("$mul", &at, &known, by).map(Some),
            }),
            Self::Least(value) => with(true, &mut |known| {
                Ok(Some(known.filter(|known| compare(known, value).is_le()).unwrap_or_else(|| value.clone())))
            }),
            Self::Greatest(value) => with(true, &mut |known| {
                Ok(Some(known.filter(|known| compare(known, value).is_ge()).unwrap_or_else(|| value.clone())))
            }),
            Self::Rename(to) => {
                let mut taken = None;
                refuse_arrays(document, path)?;
                refuse_arrays(document, to)?;
                modify(document, path, false, &mut |known| {
                    taken = known;
                    Ok(None)
                })?;
                match taken {
                    Some(value) => modify(document, to, true, &mut |_| Ok(Some(value.clone()))),
                    None => Ok(()),
                }
            }
            Self::Push(added) => with(true, &mut |known| {
                let mut items = array(&at, known)?;
                items.extend(added.iter().cloned());
                Ok(Some(Bson::Array(items)))
            }),
            Self::AddToSet(added) => with(true, &mut |known| {
                let mut items = array(&at, known)?;
                for value in added {
                    if !items.iter().any(|known| equal(known, value)) {
                        items.push(value.clone());
                    }
                }
                Ok(Some(Bson::Array(items)))
            }),
            Self::Pull(pulled) => with(false, &mut |known| {
                let Some(known) = known else { return Ok(None) };
                let mut items = array(&at, Some(known))?;
                items.retain(|item| !pulled.includes(item));
                Ok(Some(Bson::Array(items)))
            }),
            Self::Pop { first } => with(false, &mut |known| {
                let Some(known) = known else { return Ok(None) };
                let mut items = array(&at, Some(known))?;
                match first {
                    _ if items.is_empty() => {}
                    true => drop(items.remove(0)),
                    false => drop(items.pop()),
                }
                Ok(Some(Bson::Array(items)))
            }),
            Self::CurrentDate => with(true, &mut |_| Ok(Some(Bson::DateTime(now)))),
        }
    }
}

impl Pulled {
    fn includes(&self, item: &Bson) -> bool {
        match (self, item) {
            (Self::Documents(filter), Bson::Document(document)) => filter.matches(document),
            (Self::Documents(_), _) => false,
            (Self::Values(conditions), item) => conditions.iter().all(|condition| condition.holds_for(Some(item))),
        }
    }
}

fn array(path: &str, known: Option<Bson>) -> Result<Vec<Bson>> {
    match known {
        None => Ok(Vec::new()),
        Some(Bson::Array(items)) => Ok(items),
        Some(_) => {
            Err(CommandError::new(BAD_VALUE, format!("The field '{path}' must be an array but is of another type")))
        }
    }
}

/// The sum or the product, in the wider of both types.
fn arithmetic(operator: &str, path: &str, known: &Bson, by: &Bson) -> Result<Bson> {
    let product = operator == "$mul";
    if rank(known) != 3 {
        let message = format!("Cannot apply {operator} to a value of non-numeric type at '{path}'");
        return Err(CommandError::new(TYPE_MISMATCH, message));
    }
    #[expect(clippy::cast_precision_loss, reason = "as in the server")]
    let double = |value: &Bson| match value {
        Bson::Int32(n) => f64::from(*n),
        Bson::Int64(n) => *n as f64,
        Bson::Double(n) => *n,
        _ => 0.0,
    };
    let integer = |value: &Bson| as_integer(value).unwrap_or_default();
    match (known, by) {
        (Bson::Decimal128(_), _) | (_, Bson::Decimal128(_)) => {
            Err(CommandError::not_implemented("arithmetic on Decimal128"))
        }
        (Bson::Double(_), _) | (_, Bson::Double(_)) => {
            let (left, right) = (double(known), double(by));
            Ok(Bson::Double(if product { left * right } else { left + right }))
        }
        _ => {
            let (left, right) = (integer(known), integer(by));
            let result = if product { left.checked_mul(right) } else { left.checked_add(right) };
            let result = result.ok_or_else(|| {
                CommandError::bad_value(format!("Failed to apply {operator} operations to current value at '{path}'"))
            })?;
            let narrow = matches!((known, by), (Bson::Int32(_), Bson::Int32(_)));
            Ok(i32::try_from(result).ok().filter(|_| narrow).map_or(Bson::Int64(result), Bson::Int32))
        }
    }
}

/// `$rename` does not reach into arrays.
fn refuse_arrays(document: &Bson, path: &[String]) -> Result<()> {
    let mut value = Some(document);
    for part in path {
        value = match value {
            Some(Bson::Document(inner)) => inner.get(part),
            Some(Bson::Array(_)) => return Err(CommandError::bad_value("$rename cannot name an array element")),
            _ => None,
        };
    }
    Ok(())
}

/// From the value at a path to the new one. `None` is a missing field.
type Change<'c> = dyn FnMut(Option<Bson>) -> Result<Option<Bson>> + 'c;

/// Changes the value at a path. Missing documents on the way are created if `create`.
fn modify(value: &mut Bson, path: &[String], create: bool, change: &mut Change<'_>) -> Result<()> {
    let Some((first, rest)) = path.split_first() else { return Ok(()) };
    let inner = |known: Option<Bson>, change: &mut Change<'_>| -> Result<Option<Bson>> {
        if rest.is_empty() {
            return match known {
                None if !create => Ok(None),
                known => change(known),
            };
        }
        match known {
            None if !create => Ok(None),
            known => {
                let mut below = known.unwrap_or_else(|| Bson::Document(Document::new()));
                modify(&mut below, rest, create, change)?;
                Ok(Some(below))
            }
        }
    };
    match value {
        Bson::Document(fields) => {
            let known = fields.get_mut(first).map(|known| std::mem::replace(known, Bson::Null));
            match inner(known, change)? {
                Some(value) => drop(fields.insert(first, value)),
                None => drop(fields.remove(first)),
            }
        }
        Bson::Array(items) => match first.parse::<usize>() {
            Ok(place) => {
                let known = items.get_mut(place).map(|known| std::mem::replace(known, Bson::Null));
                let missing = known.is_none();
                match inner(known, change)? {
                    Some(value) if missing => {
                        if place > items.len() + MAX_PADDING {
                            return Err(CommandError::bad_value("can't backfill more than 1500000 elements"));
                        }
                        items.resize(place, Bson::Null);
                        items.push(value);
                    }
                    Some(value) => items[place] = value,
                    // Removing an element would move the others.
                    None if !missing => items[place] = Bson::Null,
                    None => {}
                }
            }
            Err(_) if create => return Err(not_viable(first)),
            Err(_) => {}
        },
        _ if create => return Err(not_viable(first)),
        _ => {}
    }
    Ok(())
}

fn not_viable(field: &str) -> CommandError {
    CommandError::new(PATH_NOT_VIABLE, format!("Cannot create field '{field}' in an element that is not a document"))
}

/// The fields that an upsert inserts because its filter demands them.
pub(crate) fn inserted(filter: &Filter) -> Result<Document> {
    let mut value = Bson::Document(Document::new());
    for (path, wanted) in filter.equalities() {
        modify(&mut value, path, true, &mut |_| Ok(Some(wanted.clone())))?;
    }
    match value {
        Bson::Document(document) => Ok(document),
        _ => Ok(Document::new()),
    }
}

/// Whether the value of a flag such as `upsert` is true.
pub(crate) fn flag(value: Option<&Bson>) -> bool {
    value.is_some_and(is_true)
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;

    #[test]
    fn update_operators_change_documents_as_the_server_does() {
        let before = doc! {"_id": 1, "n": 5, "l": [1, 2, 3], "d": {"x": 1}, "s": "text"};
        for (update, expected) in [
            (
                doc! {"$set": {"d.y": 2, "a.b": 1}},
                Ok(doc! {"_id": 1, "n": 5, "l": [1, 2, 3], "d": {"x": 1, "y": 2}, "s": "text", "a": {"b": 1}}),
            ),
            (
                doc! {"$set": {"l.4": 9}},
                Ok(doc! {"_id": 1, "n": 5, "l": [1, 2, 3, Bson::Null, 9], "d": {"x": 1}, "s": "text"}),
            ),
            (doc! {"$unset": {"d.x": "", "s": "", "none.x": ""}}, Ok(doc! {"_id": 1, "n": 5, "l": [1, 2, 3], "d": {}})),
            (
                doc! {"$unset": {"l.0": ""}},
                Ok(doc! {"_id": 1, "n": 5, "l": [Bson::Null, 2, 3], "d": {"x": 1}, "s": "text"}),
            ),
            (
                doc! {"$inc": {"n": i32::MAX}},
                Ok(doc! {"_id": 1, "n": i64::from(i32::MAX) + 5, "l": [1, 2, 3], "d": {"x": 1}, "s": "text"}),
            ),
            (
                doc! {"$mul": {"n": 0.5, "m": 3}},
                Ok(doc! {"_id": 1, "n": 2.5, "l": [1, 2, 3], "d": {"x": 1}, "s": "text", "m": 0}),
            ),
            (
                doc! {"$min": {"n": 7}, "$max": {"d.x": 4}},
                Ok(doc! {"_id": 1, "n": 5, "l": [1, 2, 3], "d": {"x": 4}, "s": "text"}),
            ),
            (
                doc! {"$push": {"l": {"$each": [3, 4]}}},
                Ok(doc! {"_id": 1, "n": 5, "l": [1, 2, 3, 3, 4], "d": {"x": 1}, "s": "text"}),
            ),
            (doc! {"$addToSet": {"l": 3_i64}}, Ok(before.clone())),
            (doc! {"$pull": {"l": {"$gte": 2}}}, Ok(doc! {"_id": 1, "n": 5, "l": [1], "d": {"x": 1}, "s": "text"})),
            (doc! {"$pop": {"l": -1}}, Ok(doc! {"_id": 1, "n": 5, "l": [2, 3], "d": {"x": 1}, "s": "text"})),
            (doc! {"$rename": {"n": "d.n"}}, Ok(doc! {"_id": 1, "l": [1, 2, 3], "d": {"x": 1, "n": 5}, "s": "text"})),
            (doc! {"$setOnInsert": {"n": 0}}, Ok(before.clone())),
            (doc! {"other": 1}, Ok(doc! {"_id": 1, "other": 1})),
            (doc! {"$set": {"s.x": 1}}, Err(28)),
            (doc! {"$set": {"l.x": 1}}, Err(28)),
            (doc! {"$set": {"_id": 2}}, Err(66)),
            (doc! {"_id": 2}, Err(66)),
            (doc! {"$set": {"a": 1}, "$inc": {"a.b": 1}}, Err(40)),
            (doc! {"$inc": {"s": 1}}, Err(14)),
            (doc! {"$inc": {"n": "x"}}, Err(14)),
            (doc! {"$push": {"s": 1}}, Err(2)),
            (doc! {"$set": {"a..b": 1}}, Err(56)),
            (doc! {"$bit": {"n": 1}}, Err(9)),
            (doc! {"$rename": {"l.0": "x"}}, Err(2)),
            (doc! {"$mul": {"n": i64::MAX}}, Err(2)),
        ] {
            let applied = Update::parse(&update.clone().into());
            let applied = applied.and_then(|update| update.apply(&before, false, bson::DateTime::from_millis(0)));
            let applied = applied.map(|document| document.to_string()).map_err(|error| error.code);
            assert_eq!(applied, expected.map(|document| document.to_string()), "{update}");
        }
    }
}
