//! The server's order and equality of values.

use std::cmp::Ordering;

use bson::{Bson, Document};

use crate::query::{
    decimal::Number,
    key::{bytes, rank},
};

/// Compares as the server does: by type, then by value.
pub(crate) fn compare(left: &Bson, right: &Bson) -> Ordering {
    rank(left).cmp(&rank(right)).then_with(|| match (left, right) {
        (Bson::Int32(l), Bson::Int32(r)) => l.cmp(r),
        (Bson::Int64(l), Bson::Int64(r)) => l.cmp(r),
        (Bson::Document(l), Bson::Document(r)) => compare_documents(l, r),
        (Bson::Array(l), Bson::Array(r)) => {
            let different = l.iter().zip(r).map(|(l, r)| compare(l, r)).find(|order| order.is_ne());
            different.unwrap_or_else(|| l.len().cmp(&r.len()))
        }
        (Bson::Binary(l), Bson::Binary(r)) => {
            let key = |b: &bson::Binary| (b.bytes.len(), u8::from(b.subtype));
            key(l).cmp(&key(r)).then_with(|| l.bytes.cmp(&r.bytes))
        }
        (Bson::ObjectId(l), Bson::ObjectId(r)) => l.cmp(r),
        (Bson::Boolean(l), Bson::Boolean(r)) => l.cmp(r),
        (Bson::DateTime(l), Bson::DateTime(r)) => l.cmp(r),
        (Bson::Timestamp(l), Bson::Timestamp(r)) => (l.time, l.increment).cmp(&(r.time, r.increment)),
        (Bson::RegularExpression(l), Bson::RegularExpression(r)) => {
            (l.pattern.as_str(), l.options.as_str()).cmp(&(r.pattern.as_str(), r.options.as_str()))
        }
        (Bson::JavaScriptCode(l), Bson::JavaScriptCode(r)) => l.cmp(r),
        (Bson::JavaScriptCodeWithScope(l), Bson::JavaScriptCodeWithScope(r)) => {
            l.code.cmp(&r.code).then_with(|| compare_documents(&l.scope, &r.scope))
        }
        (Bson::DbPointer(_), Bson::DbPointer(_)) => bytes(left).cmp(&bytes(right)),
        _ => match (Number::of(left), Number::of(right)) {
            (Some(l), Some(r)) => compare_numbers(&l, &r),
            // Strings and symbols are one type in this order.
            _ => text(left).cmp(text(right)),
        },
    })
}

fn compare_documents(left: &Document, right: &Document) -> Ordering {
    let different = left.iter().zip(right).map(|((left_name, l), (right_name, r))| {
        rank(l).cmp(&rank(r)).then_with(|| left_name.cmp(right_name)).then_with(|| compare(l, r))
    });
    different.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| left.len().cmp(&right.len()))
}

/// Position between minus and plus infinity: NaN first, as the server sorts.
fn sign(number: &Number) -> i8 {
    match number {
        Number::NaN => -3,
        Number::Infinite { negative: true } => -2,
        Number::Finite { digits, .. } if digits.is_empty() => 0,
        Number::Finite { negative: true, .. } => -1,
        Number::Finite { .. } => 1,
        Number::Infinite { negative: false } => 2,
    }
}

fn compare_numbers(left: &Number, right: &Number) -> Ordering {
    sign(left).cmp(&sign(right)).then_with(|| match (left, right) {
        (
            Number::Finite { negative, digits, exponent },
            Number::Finite { digits: other_digits, exponent: other_exponent, .. },
        ) => {
            let size = exponent.cmp(other_exponent).then_with(|| digits.cmp(other_digits));
            if *negative { size.reverse() } else { size }
        }
        _ => Ordering::Equal,
    })
}

pub(crate) fn equal(left: &Bson, right: &Bson) -> bool {
    compare(left, right).is_eq()
}

fn text(value: &Bson) -> &str {
    match value {
        Bson::String(text) | Bson::Symbol(text) => text,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;
    use crate::query::key::key;

    #[test]
    fn values_are_ordered_as_by_the_server() {
        let decimal = |text: &str| Bson::Decimal128(text.parse().unwrap());
        let ascending = [
            Bson::MinKey,
            Bson::Null,
            Bson::Double(f64::NAN),
            Bson::Double(f64::NEG_INFINITY),
            Bson::Int64(i64::MIN),
            Bson::Double(-1.5),
            Bson::Int32(-1),
            decimal("-1E-30"),
            Bson::Int32(0),
            Bson::Double(f64::MIN_POSITIVE),
            decimal("0.1"),
            Bson::Double(0.1),
            Bson::Int32(9),
            decimal("9.00000001"),
            Bson::Int64(10),
            Bson::Double(9_007_199_254_740_992.0),
            Bson::Int64(9_007_199_254_740_993),
            decimal("1E+300"),
            Bson::Double(f64::INFINITY),
            Bson::String("a".to_owned()),
            doc! {"a": 1}.into(),
            doc! {"b": 1}.into(),
            doc! {"a": "x"}.into(),
            Bson::Array(vec![]),
            Bson::Array(vec![Bson::Int32(1)]),
            Bson::Boolean(false),
            Bson::MaxKey,
        ];
        for (n, left) in ascending.iter().enumerate() {
            for (m, right) in ascending.iter().enumerate() {
                assert_eq!(compare(left, right), n.cmp(&m), "{left:?} {right:?}");
                assert_eq!(key(left) == key(right), n == m, "{left:?} {right:?}");
            }
        }
        for (left, right) in [
            (Bson::Int32(1), Bson::Double(1.0)),
            (Bson::Int64(100), decimal("1.00E+2")),
            (Bson::Double(-0.0), Bson::Int32(0)),
            (decimal("0.50"), Bson::Double(0.5)),
            (doc! {"a": 1_i64}.into(), doc! {"a": 1.0}.into()),
        ] {
            assert!(equal(&left, &right) && key(&left) == key(&right), "{left:?} {right:?}");
        }
        assert!(!equal(&doc! {"a": 1, "b": 2}.into(), &doc! {"b": 2, "a": 1}.into()));
    }
}
