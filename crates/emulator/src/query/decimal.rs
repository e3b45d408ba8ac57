//! Numbers of all BSON types as exact decimal digits, so that equal ones can be found across types.

use bson::Bson;

/// A number: not a number, infinite, or 0.DIGITS times ten to the power of the exponent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Number {
    NaN,
    Infinite { negative: bool },
    Finite { negative: bool, digits: String, exponent: i64 },
}

impl Number {
    /// The number in `value`, if it is one.
    pub(crate) fn of(value: &Bson) -> Option<Self> {
        match value {
            Bson::Int32(n) => Some(Self::parse(&n.to_string())),
            Bson::Int64(n) => Some(Self::parse(&n.to_string())),
            // The longest exact expansion of a double has 1074 decimals.
            Bson::Double(n) if n.fract() == 0.0 => Some(Self::parse(&format!("{n:.0}"))),
            Bson::Double(n) => Some(Self::parse(&format!("{n:.1074}"))),
            Bson::Decimal128(n) => Some(Self::parse(&n.to_string())),
            _ => None,
        }
    }

    /// Reads digits with an optional sign, point and exponent.
    fn parse(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let lower = text.trim_start_matches('+').to_ascii_lowercase();
        if lower.starts_with("nan") {
            return Self::NaN;
        }
        if lower.starts_with("inf") {
            return Self::Infinite { negative };
        }
        let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0');
        let leading = i64::try_from(all.len() - digits.len()).unwrap_or(i64::MAX);
        let digits = digits.trim_end_matches('0').to_owned();
        let point = i64::try_from(whole.len()).unwrap_or(i64::MAX);
        let exponent = exponent.trim_start_matches('+').parse::<i64>().unwrap_or_default();
        if digits.is_empty() {
            return Self::Finite { negative: false, digits, exponent: 0 };
        }
        Self::Finite { negative, exponent: exponent.saturating_add(point).saturating_sub(leading), digits }
    }

    /// A text that is equal for equal numbers only.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::NaN => "nan".to_owned(),
            Self::Infinite { negative } => format!("inf{negative}"),
            Self::Finite { negative, digits, exponent } => {
                format!("{}{digits}e{exponent}", if *negative { "-" } else { "" })
            }
        }
    }
}
