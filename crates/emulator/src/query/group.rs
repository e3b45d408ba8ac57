//! The stage `$group` and its accumulators.

use std::collections::HashMap;

use bson::{Bson, Document};

use crate::query::{
    error::{CommandError, Result},
    expression::Expression,
    key::key,
    order::compare,
};

#[derive(Debug)]
pub(crate) struct Group {
    id: Expression,
    fields: Vec<(String, Kind, Expression)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Sum,
    Average,
    Least,
    Greatest,
    First,
    Last,
}

impl Group {
    pub(crate) fn parse(stage: &Bson) -> Result<Self> {
        let Bson::Document(stage) = stage else {
            return Err(CommandError::new(15947, "a group's fields must be specified in an object"));
        };
        let id =
            stage.get("_id").ok_or_else(|| CommandError::new(15955, "a group specification must include an _id"))?;
        let fields = stage.iter().filter(|(name, _)| *name != "_id").map(|(name, value)| {
            let not_object = || CommandError::new(40234, format!("The field '{name}' must be an accumulator object"));
            let Bson::Document(accumulator) = value else { return Err(not_object()) };
            let mut operators = accumulator.iter();
            let (Some((operator, operand)), None) = (operators.next(), operators.next()) else {
                return Err(CommandError::new(40238, format!("The field '{name}' must specify one accumulator")));
            };
            let kind = match operator.as_str() {
                "$sum" => Kind::Sum,
                "$count" => {
                    if !matches!(operand, Bson::Document(none) if none.is_empty()) {
                        return Err(CommandError::new(9, "$count takes no arguments, i.e. $count:{}"));
                    }
                    return Ok((name.clone(), Kind::Sum, Expression::Constant(Bson::Int32(1))));
                }
                "$avg" => Kind::Average,
                "$min" => Kind::Least,
                "$max" => Kind::Greatest,
                "$first" => Kind::First,
                "$last" => Kind::Last,
                other => return Err(CommandError::new(15952, format!("unknown group operator '{other}'"))),
            };
            Ok((name.clone(), kind, Expression::parse(operand)?))
        });
        Ok(Self { id: Expression::parse(id)?, fields: fields.collect::<Result<_>>()? })
    }

    pub(crate) fn apply(&self, documents: impl Iterator<Item = Document>) -> Result<Vec<Document>> {
        let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut groups: Vec<(Bson, Vec<Accumulator>)> = Vec::new();
        for document in documents {
            let id = self.id.evaluate(&document).unwrap_or(Bson::Null);
            let place = *places.entry(key(&id)).or_insert_with(|| {
                groups.push((id, self.fields.iter().map(|(_, kind, _)| Accumulator::new(*kind)).collect()));
                groups.len() - 1
            });
            for (accumulator, (_, _, expression)) in groups[place].1.iter_mut().zip(&self.fields) {
                accumulator.add(expression.evaluate(&document))?;
            }
        }
        let result = groups.into_iter().map(|(id, accumulators)| {
            let mut document = Document::new();
            document.insert("_id", id);
            for ((name, _, _), accumulator) in self.fields.iter().zip(accumulators) {
                document.insert(name, accumulator.finish());
            }
            document
        });
        Ok(result.collect())
    }
}

#[derive(Debug)]
enum Accumulator {
    Sum(Sum),
    Average(Sum),
    Chosen(Kind, Option<Bson>),
}

impl Accumulator {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Sum => Self::Sum(Sum::default()),
            Kind::Average => Self::Average(Sum::default()),
            kind => Self::Chosen(kind, None),
        }
    }

    fn add(&mut self, value: Option<Bson>) -> Result<()> {
        match self {
            Self::Sum(sum) | Self::Average(sum) => return sum.add(value.as_ref()),
            Self::Chosen(Kind::First, chosen) => {
                chosen.get_or_insert(value.unwrap_or(Bson::Null));
            }
            Self::Chosen(Kind::Last, chosen) => *chosen = Some(value.unwrap_or(Bson::Null)),
            Self::Chosen(kind, chosen) => {
                // Missing values and null do not count.
                let Some(value) = value.filter(|value| !matches!(value, Bson::Null | Bson::Undefined)) else {
                    return Ok(());
                };
                let better = chosen.as_ref().is_none_or(|known| {
                    let order = compare(&value, known);
                    if *kind == Kind::Least { order.is_lt() } else { order.is_gt() }
                });
                if better {
                    *chosen = Some(value);
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> Bson {
        match self {
            Self::Sum(sum) => sum.total(),
            Self::Average(sum) => sum.average(),
            Self::Chosen(_, chosen) => chosen.unwrap_or(Bson::Null),
        }
    }
}

/// A sum of numbers of all types but Decimal128.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    whole: i128,
    /// Sum of the doubles and what rounding has lost.
    double: (f64, f64),
    has_double: bool,
    has_long: bool,
    count: i64,
}

impl Sum {
    pub(crate) fn add(&mut self, value: Option<&Bson>) -> Result<()> {
        match value {
            Some(Bson::Int32(n)) => self.whole += i128::from(*n),
            Some(Bson::Int64(n)) => {
                self.has_long = true;
                self.whole += i128::from(*n);
            }
            Some(Bson::Double(n)) => {
                self.has_double = true;
                self.add_double(*n);
            }
            Some(Bson::Decimal128(_)) => return Err(CommandError::not_implemented("arithmetic on Decimal128")),
            _ => return Ok(()),
        }
        self.count += 1;
        Ok(())
    }

    /// Compensated addition, as in the server.
    fn add_double(&mut self, n: f64) {
        let (sum, lost) = self.double;
        let total = sum + n;
        let error = if sum.abs() >= n.abs() { (sum - total) + n } else { (n - total) + sum };
        self.double = (total, if error.is_finite() { lost + error } else { lost });
    }

    fn as_double(&self) -> f64 {
        let mut with_whole = Self { double: self.double, ..Self::default() };
        // In two halves, so that nothing of a large number is lost.
        #[expect(clippy::cast_precision_loss, reason = "both halves fit a double")]
        for half in [(self.whole >> 40) << 40, self.whole & ((1 << 40) - 1)] {
            with_whole.add_double(half as f64);
        }
        with_whole.double.0 + with_whole.double.1
    }

    pub(crate) fn total(&self) -> Bson {
        match (i32::try_from(self.whole), i64::try_from(self.whole)) {
            _ if self.has_double => Bson::Double(self.as_double()),
            (Ok(n), _) if !self.has_long => Bson::Int32(n),
            (_, Ok(n)) => Bson::Int64(n),
            _ => Bson::Double(self.as_double()),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "no collection has that many documents")]
    fn average(&self) -> Bson {
        if self.count == 0 { Bson::Null } else { Bson::Double(self.as_double() / self.count as f64) }
    }
}
