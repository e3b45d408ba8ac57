//! Retention of a snapshot: a number and a unit, as in the service.
//!
//! Months and years are calendar units, not a number of days, so they are never converted.

use std::{fmt, num::NonZeroU32, str::FromStr};

use atlas_backup_generated::types::BackupSnapshotRetentionUnit as Unit;

use crate::model::{
    error::{Error, Result},
    error_kind::ErrorKind,
    text_form::serde_as_text,
};

/// Retention of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Retention {
    value: u32,
    unit: RetentionUnit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum RetentionUnit {
    Days,
    Weeks,
    Months,
    Years,
}

impl Retention {
    /// A number of days. The minimum is one day, so 0 is refused on use.
    #[must_use]
    pub const fn days(days: u32) -> Self {
        Retention { value: days, unit: RetentionUnit::Days }
    }

    /// A number of weeks, at least one.
    #[must_use]
    pub const fn weeks(weeks: u32) -> Self {
        Retention { value: weeks, unit: RetentionUnit::Weeks }
    }

    /// A number of months, at least one.
    #[must_use]
    pub const fn months(months: u32) -> Self {
        Retention { value: months, unit: RetentionUnit::Months }
    }

    /// A number of years, at least one.
    #[must_use]
    pub const fn years(years: u32) -> Self {
        Retention { value: years, unit: RetentionUnit::Years }
    }

    /// The unit and the number in a request.
    pub(super) fn checked(self) -> Result<(Unit, i64)> {
        let value = NonZeroU32::new(self.value).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, "invalid retention: a snapshot is kept for at least one day")
        })?;
        let unit = match self.unit {
            RetentionUnit::Days => Unit::Days,
            RetentionUnit::Weeks => Unit::Weeks,
            RetentionUnit::Months => Unit::Months,
            RetentionUnit::Years => Unit::Years,
        };
        Ok((unit, i64::from(value.get())))
    }

    /// The number of days, for requests without a unit.
    pub(super) fn in_days(self) -> Result<i64> {
        match self.checked()? {
            (Unit::Days, days) => Ok(days),
            (Unit::Weeks, weeks) => Ok(weeks * 7),
            _ => Err(Error::new(
                ErrorKind::InvalidInput,
                format!(
                    "invalid retention {self} for a new snapshot: expected days or weeks; change its retention later"
                ),
            )),
        }
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            RetentionUnit::Days => "days",
            RetentionUnit::Weeks => "weeks",
            RetentionUnit::Months => "months",
            RetentionUnit::Years => "years",
        };
        write!(f, "{} {unit}", self.value)
    }
}

impl FromStr for Retention {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let invalid = || {
            let message =
                format!("invalid retention {text:?}: expected a number and a unit, such as 7 days or 3 months");
            Error::new(ErrorKind::InvalidInput, message)
        };
        let (value, unit) = text.trim().split_once(' ').ok_or_else(invalid)?;
        let value = value.parse().map_err(|_| invalid())?;
        let unit = match unit.trim() {
            "day" | "days" => RetentionUnit::Days,
            "week" | "weeks" => RetentionUnit::Weeks,
            "month" | "months" => RetentionUnit::Months,
            "year" | "years" => RetentionUnit::Years,
            _ => return Err(invalid()),
        };
        Ok(Retention { value, unit })
    }
}

serde_as_text!(Retention);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retention_in_months_or_zero_has_no_days() {
        assert_eq!(Retention::months(0).checked().expect_err("nothing").kind(), ErrorKind::InvalidInput);
        assert_eq!(Retention::days(u32::MAX).in_days().expect("days"), i64::from(u32::MAX));
        assert_eq!(Retention::weeks(2).in_days().expect("days"), 14);
        for refused in [Retention::months(1), Retention::years(1), Retention::days(0)] {
            assert_eq!(refused.in_days().expect_err("no days").kind(), ErrorKind::InvalidInput, "{refused}");
        }
    }
}
