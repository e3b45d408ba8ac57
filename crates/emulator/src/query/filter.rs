//! Filters: which documents a query selects.

use std::cmp::Ordering;

use bson::{Bson, Document};
use regex::Regex;

use crate::query::{
    error::{CommandError, Result},
    key::rank,
    order::{compare, equal},
    paths::{Path, find, find_with_elements, path},
    pattern,
};

/// A parsed filter.
#[derive(Debug)]
pub(crate) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Nor(Vec<Filter>),
    Field(Path, Condition),
}

/// A condition on the values at one path.
#[derive(Debug)]
pub(crate) enum Condition {
    Equal(Bson),
    Less(Bson),
    LessOrEqual(Bson),
    Greater(Bson),
    GreaterOrEqual(Bson),
    In(Vec<Condition>),
    Exists,
    Type(Vec<u8>),
    Matches(Regex, Bson),
    Size(i64),
    Modulo(i64, i64),
    /// An element that is a document and matches.
    ElementDocument(Box<Filter>),
    /// An element that meets all conditions.
    Element(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
}

impl Filter {
    pub(crate) fn parse(filter: &Document) -> Result<Self> {
        let mut all = Vec::new();
        for (name, value) in filter {
            match name.as_str() {
                "$and" => all.push(Self::And(list(name, value)?)),
                "$or" => all.push(Self::Or(list(name, value)?)),
                "$nor" => all.push(Self::Nor(list(name, value)?)),
                "$comment" => {}
                operator if operator.starts_with('$') => {
                    return Err(CommandError::bad_value(format!(
                        "unknown top level operator: {operator}. If you have a field name that starts with a '$' symbol, \
                         consider using $getField or $setField."
                    )));
                }
                field => {
                    let conditions = conditions(value)?;
                    all.extend(conditions.into_iter().map(|condition| Self::Field(path(field), condition)));
                }
            }
        }
        Ok(Self::And(all))
    }

    pub(crate) fn matches(&self, document: &Document) -> bool {
        match self {
            Self::And(all) => all.iter().all(|filter| filter.matches(document)),
            Self::Or(any) => any.iter().any(|filter| filter.matches(document)),
            Self::Nor(none) => !none.iter().any(|filter| filter.matches(document)),
            Self::Field(path, condition) => condition.holds(document, path),
        }
    }

    /// The value of `_id`, if the filter selects exactly one.
    pub(crate) fn id(&self) -> Option<&Bson> {
        match self {
            Self::And(all) => all.iter().find_map(Self::id),
            Self::Field(path, Condition::Equal(id))
                if *path == ["_id"] && !matches!(id, Bson::Array(_) | Bson::Null) =>
            {
                Some(id)
            }
            _ => None,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::And(all) if all.is_empty())
    }

    /// The fields that the filter sets to one value, which an upsert inserts.
    pub(crate) fn equalities(&self) -> Vec<(&Path, &Bson)> {
        match self {
            Self::And(all) => all.iter().flat_map(Self::equalities).collect(),
            Self::Field(path, Condition::Equal(value)) => vec![(path, value)],
            _ => Vec::new(),
        }
    }
}

fn list(operator: &str, value: &Bson) -> Result<Vec<Filter>> {
    let Bson::Array(items) = value else {
        return Err(CommandError::bad_value(format!("{operator} must be an array")));
    };
    if items.is_empty() {
        return Err(CommandError::bad_value("$and/$or/$nor must be a nonempty array"));
    }
    let item = |item: &Bson| match item {
        Bson::Document(filter) => Filter::parse(filter),
        _ => Err(CommandError::bad_value("$or/$and/$nor entries need to be full objects")),
    };
    items.iter().map(item).collect()
}

/// Whether a document consists of operators, as in `{"$gt": 1}`.
fn has_operators(value: &Document) -> bool {
    value.keys().next().is_some_and(|name| name.starts_with('$') && name != "$ref" && name != "$id" && name != "$db")
}

/// The conditions in the value of a field.
fn conditions(value: &Bson) -> Result<Vec<Condition>> {
    match value {
        Bson::Document(operators) if has_operators(operators) => {
            let options = operators.get("$options");
            if options.is_some() && !operators.contains_key("$regex") {
                return Err(CommandError::bad_value("$options needs a $regex"));
            }
            let conditions = operators.iter().filter(|(name, _)| *name != "$options");
            conditions.map(|(operator, operand)| condition(operator, operand, options)).collect()
        }
        value => Ok(vec![equality(value)?]),
    }
}

/// The conditions that an element meets if `$pull` removes it.
pub(crate) fn element_conditions(operand: &Bson) -> Result<Vec<Condition>> {
    conditions(operand)
}

/// Equality, or a match if the value is a regular expression.
fn equality(value: &Bson) -> Result<Condition> {
    match value {
        Bson::RegularExpression(regex) => {
            let compiled = pattern::compile(regex.pattern.as_str(), regex.options.as_str())?;
            Ok(Condition::Matches(compiled, value.clone()))
        }
        Bson::Undefined => Err(CommandError::bad_value("cannot compare to undefined")),
        value => Ok(Condition::Equal(value.clone())),
    }
}

fn condition(operator: &str, operand: &Bson, options: Option<&Bson>) -> Result<Condition> {
    let not = |condition| Condition::Not(Box::new(condition));
    let comparison = |make: fn(Bson) -> Condition| match operand {
        Bson::RegularExpression(_) => Err(CommandError::bad_value(format!("Can't have RegEx as arg to {operator}"))),
        operand => Ok(make(operand.clone())),
    };
    Ok(match operator {
        "$eq" => comparison(Condition::Equal)?,
        "$ne" => not(comparison(Condition::Equal)?),
        "$lt" => comparison(Condition::Less)?,
        "$lte" => comparison(Condition::LessOrEqual)?,
        "$gt" => comparison(Condition::Greater)?,
        "$gte" => comparison(Condition::GreaterOrEqual)?,
        "$in" => Condition::In(members(operator, operand)?),
        "$nin" => not(Condition::In(members(operator, operand)?)),
        "$exists" if is_true(operand) => Condition::Exists,
        "$exists" => not(Condition::Exists),
        "$type" => Condition::Type(types(operand)?),
        "$regex" => regex(operand, options)?,
        "$size" => match as_integer(operand) {
            Some(size) if size >= 0 => Condition::Size(size),
            _ => return Err(CommandError::bad_value("Failed to parse $size. Expected a non-negative integer")),
        },
        "$mod" => modulo(operand)?,
        "$elemMatch" => match operand {
            Bson::Document(inner) if has_operators(inner) && !is_logical(inner) => {
                Condition::Element(conditions(operand)?)
            }
            Bson::Document(inner) => Condition::ElementDocument(Box::new(Filter::parse(inner)?)),
            _ => return Err(CommandError::bad_value("$elemMatch needs an Object")),
        },
        "$all" => Condition::All(members(operator, operand)?),
        "$not" => match operand {
            Bson::Document(inner) if has_operators(inner) => not(Condition::All(conditions(operand)?)),
            Bson::RegularExpression(_) => not(equality(operand)?),
            _ => return Err(CommandError::bad_value("$not needs a regex or a document")),
        },
        other => return Err(CommandError::bad_value(format!("unknown operator: {other}"))),
    })
}

fn is_logical(document: &Document) -> bool {
    document.keys().next().is_some_and(|name| ["$and", "$or", "$nor"].contains(&name.as_str()))
}

/// The operands of `$in`, `$nin` and `$all`.
fn members(operator: &str, operand: &Bson) -> Result<Vec<Condition>> {
    let Bson::Array(items) = operand else {
        return Err(CommandError::bad_value(format!("{operator} needs an array")));
    };
    let member = |item: &Bson| match item {
        Bson::Document(inner) if operator == "$all" && inner.contains_key("$elemMatch") && inner.len() == 1 => {
            Ok(conditions(item)?.remove(0))
        }
        Bson::Document(inner) if has_operators(inner) => {
            Err(CommandError::bad_value(format!("cannot nest $ under {operator}")))
        }
        item => equality(item),
    };
    items.iter().map(member).collect()
}

fn regex(operand: &Bson, options: Option<&Bson>) -> Result<Condition> {
    let given = match options {
        None => None,
        Some(Bson::String(options)) => Some(options.as_str()),
        Some(_) => return Err(CommandError::bad_value("$options has to be a string")),
    };
    let (text, options) = match operand {
        Bson::String(text) => (text.as_str(), given.unwrap_or_default()),
        Bson::RegularExpression(regex) => match (regex.options.as_str(), given) {
            (own, None) => (regex.pattern.as_str(), own),
            ("", Some(given)) => (regex.pattern.as_str(), given),
            _ => return Err(CommandError::new(51075, "options set in both $regex and $options")),
        },
        _ => return Err(CommandError::bad_value("$regex has to be a string")),
    };
    Ok(Condition::Matches(pattern::compile(text, options)?, Bson::Undefined))
}

fn modulo(operand: &Bson) -> Result<Condition> {
    let Bson::Array(items) = operand else {
        return Err(CommandError::bad_value("malformed mod, needs to be an array"));
    };
    match items.iter().map(as_integer).collect::<Option<Vec<_>>>().as_deref() {
        Some([0, _]) => Err(CommandError::bad_value("divisor cannot be 0")),
        Some([divisor, remainder]) => Ok(Condition::Modulo(*divisor, *remainder)),
        _ => Err(CommandError::bad_value("malformed mod, needs two whole numbers")),
    }
}

/// A whole number in any numeric type but Decimal128.
pub(crate) fn as_integer(value: &Bson) -> Option<i64> {
    match value {
        Bson::Int32(n) => Some(i64::from(*n)),
        Bson::Int64(n) => Some(*n),
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        Bson::Double(n) if n.fract() == 0.0 && n.abs() < 9e18 => Some(*n as i64),
        _ => None,
    }
}

/// Truth of a value, as in the server: everything but false, zero, null and undefined.
pub(crate) fn is_true(value: &Bson) -> bool {
    let zero = rank(value) == 3 && equal(value, &Bson::Int32(0));
    !zero && !matches!(value, Bson::Boolean(false) | Bson::Null | Bson::Undefined)
}

/// The type codes of BSON with their aliases. 0 stands for all numbers.
const TYPES: [(&str, u8); 22] = [
    ("number", 0),
    ("double", 1),
    ("string", 2),
    ("object", 3),
    ("array", 4),
    ("binData", 5),
    ("undefined", 6),
    ("objectId", 7),
    ("bool", 8),
    ("date", 9),
    ("null", 10),
    ("regex", 11),
    ("dbPointer", 12),
    ("javascript", 13),
    ("symbol", 14),
    ("javascriptWithScope", 15),
    ("int", 16),
    ("timestamp", 17),
    ("long", 18),
    ("decimal", 19),
    ("maxKey", 127),
    ("minKey", 255),
];

fn types(operand: &Bson) -> Result<Vec<u8>> {
    let one = |value: &Bson| match value {
        Bson::String(alias) => TYPES
            .iter()
            .find(|(name, _)| name == alias)
            .map(|(_, code)| *code)
            .ok_or_else(|| CommandError::bad_value(format!("Unknown type name alias: {alias}"))),
        number => {
            let code = as_integer(number).map(|code| if code == -1 { 255 } else { code });
            let known = code.and_then(|code| TYPES.iter().skip(1).find(|(_, known)| i64::from(*known) == code));
            known.map(|(_, code)| *code).ok_or_else(|| CommandError::bad_value("Invalid numerical type code"))
        }
    };
    match operand {
        Bson::Array(items) if items.is_empty() => {
            Err(CommandError::new(crate::query::error::FAILED_TO_PARSE, "$type must match at least one type"))
        }
        Bson::Array(items) => items.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}

impl Condition {
    fn holds(&self, document: &Document, path: &[String]) -> bool {
        match self {
            Self::Exists => find(document, path).iter().any(|found| found.value().is_some()),
            Self::Size(size) => arrays(document, path).any(|items| i64::try_from(items.len()) == Ok(*size)),
            Self::Element(_) | Self::ElementDocument(_) => {
                arrays(document, path).any(|items| items.iter().any(|item| self.holds_for(Some(item))))
            }
            Self::All(all) => !all.is_empty() && all.iter().all(|condition| condition.holds(document, path)),
            Self::Not(condition) => !condition.holds(document, path),
            single => find_with_elements(document, path).into_iter().any(|value| single.holds_for(value)),
        }
    }

    /// Whether it holds for a single value. For `$elemMatch`, the value is the element.
    pub(crate) fn holds_for(&self, value: Option<&Bson>) -> bool {
        let compared = |operand: &Bson, accepted: &[Ordering]| {
            let null = matches!(operand, Bson::Null);
            let Some(value) = value else { return null && accepted.contains(&Ordering::Equal) };
            // `undefined` equals null. Other types are not comparable, but for the ends of the order.
            if null && matches!(value, Bson::Undefined) {
                return accepted.contains(&Ordering::Equal);
            }
            let comparable = rank(value) == rank(operand) || matches!(operand, Bson::MinKey | Bson::MaxKey);
            // NaN is equal to itself only.
            let nan = |value: &Bson| rank(value) == 3 && !equal(value, &Bson::Double(f64::NAN));
            let ordered = rank(value) != 3 || rank(operand) != 3 || nan(value) == nan(operand);
            comparable && ordered && accepted.contains(&compare(value, operand))
        };
        match self {
            Self::Equal(operand) => compared(operand, &[Ordering::Equal]),
            Self::Less(operand) => compared(operand, &[Ordering::Less]),
            Self::LessOrEqual(operand) => compared(operand, &[Ordering::Less, Ordering::Equal]),
            Self::Greater(operand) => compared(operand, &[Ordering::Greater]),
            Self::GreaterOrEqual(operand) => compared(operand, &[Ordering::Greater, Ordering::Equal]),
            Self::In(any) => any.iter().any(|condition| condition.holds_for(value)),
            Self::Exists => value.is_some(),
            Self::Type(codes) => value.is_some_and(|value| {
                let code = value.element_type() as u8;
                codes.contains(&code) || codes.contains(&0) && rank(value) == 3
            }),
            Self::Matches(regex, itself) => match value {
                Some(Bson::String(text) | Bson::Symbol(text)) => regex.is_match(text),
                Some(other @ Bson::RegularExpression(_)) => equal(other, itself),
                _ => false,
            },
            Self::Modulo(divisor, remainder) => {
                let truncated = match value {
                    Some(Bson::Double(n)) => as_integer(&Bson::Double(n.trunc())),
                    Some(value) => as_integer(value),
                    None => None,
                };
                truncated.is_some_and(|n| n.checked_rem(*divisor).unwrap_or_default() == *remainder)
            }
            Self::Size(size) => match value {
                Some(Bson::Array(items)) => i64::try_from(items.len()) == Ok(*size),
                _ => false,
            },
            Self::Element(all) => all.iter().all(|condition| condition.holds_for(value)),
            Self::ElementDocument(filter) => match value {
                Some(Bson::Document(inner)) => filter.matches(inner),
                _ => false,
            },
            Self::All(all) => !all.is_empty() && all.iter().all(|condition| condition.holds_for(value)),
            Self::Not(condition) => !condition.holds_for(value),
        }
    }
}

fn arrays<'d>(document: &'d Document, path: &[String]) -> impl Iterator<Item = &'d Vec<Bson>> {
    find(document, path).into_iter().filter_map(|found| match found.value() {
        Some(Bson::Array(items)) => Some(items),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;

    #[test]
    fn filter_selects_as_the_server_does() {
        let documents = [
            doc! {"_id": 0, "a": 1},
            doc! {"_id": 1, "a": [1, 2]},
            doc! {"_id": 2, "a": [{"b": 1}, {"b": 3}]},
            doc! {"_id": 3, "a": {"b": [5, 7]}},
            doc! {"_id": 4, "a": Bson::Null},
            doc! {"_id": 5},
            doc! {"_id": 6, "a": "text"},
            doc! {"_id": 7, "a": [[1, 2]]},
            doc! {"_id": 8, "a": f64::NAN},
            doc! {"_id": 9, "a": []},
        ];
        for (filter, expected) in [
            (doc! {}, vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
            (doc! {"a": 1.0}, vec![0, 1]),
            (doc! {"a": [1, 2]}, vec![1, 7]),
            (doc! {"a": Bson::Null}, vec![4, 5]),
            (doc! {"a": {"$ne": Bson::Null}}, vec![0, 1, 2, 3, 6, 7, 8, 9]),
            (doc! {"a": {"$exists": false}}, vec![5]),
            (doc! {"a.b": Bson::Null}, vec![0, 4, 5, 6, 8]),
            (doc! {"a.b": {"$exists": true}}, vec![2, 3]),
            (doc! {"a.b": {"$gt": 2}}, vec![2, 3]),
            (doc! {"a.b": {"$gt": 2, "$lt": 2}}, vec![2]),
            (doc! {"a.b": {"$elemMatch": {"$gt": 5, "$lt": 8}}}, vec![3]),
            (doc! {"a": {"$elemMatch": {"b": {"$gt": 1}}}}, vec![2]),
            (doc! {"a.1": 2}, vec![1]),
            (doc! {"a.0.b": 1}, vec![2]),
            (doc! {"a": {"$gte": 2}}, vec![1]),
            (doc! {"a": {"$lt": 2}}, vec![0, 1]),
            (doc! {"a": {"$lte": f64::NAN}}, vec![8]),
            (doc! {"a": {"$gt": "a"}}, vec![6]),
            (doc! {"a": {"$size": 2}}, vec![1, 2]),
            (doc! {"a": {"$type": "array"}}, vec![1, 2, 7, 9]),
            (doc! {"a": {"$type": ["string", "null"]}}, vec![4, 6]),
            (doc! {"a": {"$type": "number"}}, vec![0, 1, 8]),
            (doc! {"a": {"$in": [2, "text", Bson::Null]}}, vec![1, 4, 5, 6]),
            (doc! {"a": {"$nin": [1, Bson::Null]}}, vec![2, 3, 6, 7, 8, 9]),
            (doc! {"a": {"$all": [1, 2]}}, vec![1]),
            (doc! {"a": {"$all": []}}, vec![]),
            (doc! {"a": {"$regex": "^T", "$options": "i"}}, vec![6]),
            (doc! {"a": {"$not": {"$gte": 1}}}, vec![2, 3, 4, 5, 6, 7, 8, 9]),
            (doc! {"a": {"$mod": [2, 0]}}, vec![1]),
            (doc! {"$or": [{"_id": 0}, {"a": "text"}]}, vec![0, 6]),
            (doc! {"$nor": [{"_id": {"$lt": 9}}]}, vec![9]),
            (doc! {"$and": [{"_id": {"$gt": 0}}, {"a": 1}]}, vec![1]),
        ] {
            let parsed = Filter::parse(&filter).unwrap();
            let matching = documents.iter().filter(|document| parsed.matches(document));
            let matching: Vec<i32> = matching.map(|document| document.get_i32("_id").unwrap()).collect();
            assert_eq!(matching, expected, "{filter}");
        }
    }
}
