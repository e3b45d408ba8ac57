//! What a body and its re-encoding differ in.
//!
//! Null is the same as absent, numbers are compared by value, and a point in time may come back without a fraction
//! that was zero. Everything else counts: a value that changed is as lost as one that is missing. In the pointers `*`
//! stands for any index of a list, so that a page of 500 items makes one finding and not 500.

use serde_json::{Number, Value};

/// Pointers of what is in `body` and not, or not as it was, in `written`.
#[must_use]
pub fn lost(body: &Value, written: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(body, written, &mut String::new(), &mut found);
    found
}

/// Pointers of what is in `written` and not in `body`, save what is empty: a page without a list reads as one with an
/// empty list.
#[must_use]
pub fn invented(body: &Value, written: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let is_empty = |value: &Value| match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    added(written, body, &is_empty, &mut String::new(), &mut found);
    found
}

/// Pointers of what is in `whole` and not in `part`, which is `whole` with fields left out.
#[must_use]
pub fn left_out(whole: &Value, part: &Value) -> Vec<String> {
    let mut found = Vec::new();
    added(whole, part, &|_| false, &mut String::new(), &mut found);
    found
}

/// The pointer to a field of the document itself.
pub(super) fn pointer_to(key: &str) -> String {
    let (mut pointer, mut found) = (String::new(), String::new());
    within(&mut pointer, key, |pointer| found.clone_from(pointer));
    found
}

fn walk(body: &Value, written: &Value, pointer: &mut String, found: &mut Vec<String>) {
    match (body, written) {
        (Value::Object(fields), Value::Object(others)) => {
            for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                within(pointer, key, |pointer| match others.get(key) {
                    Some(other) => walk(value, other, pointer, found),
                    None => found.push(pointer.clone()),
                });
            }
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            for (item, other) in items.iter().zip(others) {
                within(pointer, "*", |pointer| walk(item, other, pointer, found));
            }
        }
        _ if is_equal(body, written) => {}
        _ => found.push(pointer.clone()),
    }
}

/// Collects the fields of `more` that `less` lacks and `may_come` does not excuse; what differs otherwise is left to
/// [`walk`].
fn added(more: &Value, less: &Value, may_come: &dyn Fn(&Value) -> bool, pointer: &mut String, found: &mut Vec<String>) {
    match (more, less) {
        (Value::Object(fields), Value::Object(others)) => {
            for (key, value) in fields.iter().filter(|(_, value)| !value.is_null() && !may_come(value)) {
                within(pointer, key, |pointer| match others.get(key) {
                    Some(other) if !other.is_null() => added(value, other, may_come, pointer, found),
                    _ => found.push(pointer.clone()),
                });
            }
        }
        (Value::Array(items), Value::Array(others)) => {
            for (item, other) in items.iter().zip(others) {
                within(pointer, "*", |pointer| added(item, other, may_come, pointer, found));
            }
        }
        _ => {}
    }
}

fn within(pointer: &mut String, key: &str, step: impl FnOnce(&mut String)) {
    let length = pointer.len();
    pointer.push('/');
    for c in key.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
    step(pointer);
    pointer.truncate(length);
}

fn is_equal(body: &Value, written: &Value) -> bool {
    match (body, written) {
        (Value::Number(left), Value::Number(right)) => is_equal_number(left, right),
        (Value::String(left), Value::String(right)) => left == right || is_same_moment(left, right),
        _ => body == written,
    }
}

/// Whole numbers are compared as such: beyond 2^53 two of them can share one floating-point value.
fn is_equal_number(left: &Number, right: &Number) -> bool {
    match (as_integer(left), as_integer(right)) {
        (Some(left), Some(right)) => left == right,
        _ => left.as_f64() == right.as_f64(),
    }
}

fn as_integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// Whether two RFC 3339 texts differ in nothing but the zeros of their fraction.
fn is_same_moment(left: &str, right: &str) -> bool {
    match (without_zeros(left), without_zeros(right)) {
        (Some(left), Some(right)) => left == right,
        _ => false,
    }
}

/// The parts of a point in time: up to the seconds, the digits of the fraction without zeros at the end, the offset.
fn without_zeros(text: &str) -> Option<(&str, &str, &str)> {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let (moment, rest) = text.split_at_checked(SHAPE.len())?;
    let fits = |(c, shape): (u8, &u8)| if *shape == b'0' { c.is_ascii_digit() } else { c == *shape };
    if !moment.bytes().zip(SHAPE).all(fits) {
        return None;
    }
    let Some(fraction) = rest.strip_prefix('.') else { return Some((moment, "", rest)) };
    let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
    Some((moment, fraction[..end].trim_end_matches('0'), &fraction[end..]))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{invented, left_out, lost};

    #[test]
    fn comparison_treats_null_as_absent_and_numbers_by_value() {
        let body = json!({ "a": null, "b": 10, "c": 2.0, "d": 9_007_199_254_740_993_i64, "e": [null] });
        let written = json!({ "b": 10.0, "c": 2, "d": 9_007_199_254_740_993_i64, "e": [null] });
        assert!(lost(&body, &written).is_empty());
        assert!(invented(&body, &written).is_empty());
        assert_eq!(lost(&json!([9_007_199_254_740_993_i64]), &json!([9_007_199_254_740_992_i64])), ["/*"]);
    }

    #[test]
    fn comparison_ignores_only_zero_fraction() {
        let same = [
            ("2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05Z"),
            ("2026-01-02T03:04:05.120Z", "2026-01-02T03:04:05.12Z"),
        ];
        for (body, written) in same {
            assert!(lost(&json!([body]), &json!([written])).is_empty(), "{body}");
        }
        let other = [
            ("2026-01-02T03:04:05.001Z", "2026-01-02T03:04:05Z"),
            ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z"),
            ("1.0", "1"),
            ("version 1.000Z", "version 1Z"),
        ];
        for (body, written) in other {
            assert_eq!(lost(&json!([body]), &json!([written])), ["/*"], "{body}");
        }
    }

    #[test]
    fn comparison_names_missing_and_changed_values_by_pointer() {
        let body = json!({ "a/b": { "~": 1 }, "list": [{ "x": 1 }, { "x": 2 }], "short": [1, 2], "t": "a" });
        let written = json!({ "a/b": {}, "list": [{}, { "x": 3 }], "short": [1], "t": 1 });
        assert_eq!(lost(&body, &written), ["/a~1b/~0", "/list/*/x", "/list/*/x", "/short", "/t"]);
    }

    #[test]
    fn only_non_empty_additions_count_as_invented() {
        assert_eq!(invented(&json!({ "a": null }), &json!({ "a": 1, "results": [], "b": {} })), ["/a"]);
        assert_eq!(left_out(&json!({ "a": [{ "b": 1 }], "c": [] }), &json!({ "a": [{}] })), ["/a/*/b", "/c"]);
        assert!(left_out(&Value::Null, &json!({ "a": 1 })).is_empty());
    }
}
