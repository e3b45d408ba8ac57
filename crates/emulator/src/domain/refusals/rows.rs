//! The form of the rows of the table.

/// Rows of the table; one with a name in front is not its code's only one.
macro_rules! refusals {
    ($($topic:literal of $operations:tt {
        $($name:ident $(is $code:literal)? $status:literal $source:ident $condition:literal $(never $reason:literal)?;)*
    })*) => {
        $($(
            #[doc = $condition]
            pub(crate) const $name: Refusal = Refusal {
                code: refusals!(@first $($code,)? stringify!($name)),
                status: $status,
                topic: $topic,
                operations: &$operations,
                condition: $condition,
                source: Source::$source,
                not_modelled: refusals!(@reason $($reason)?),
            };
        )*)*

        pub(super) const ROWS: &[&Refusal] = &[$($(&$name,)*)*];
    };
    (@first $first:expr $(, $rest:expr)*) => { $first };
    (@reason) => { None };
    (@reason $reason:literal) => { Some($reason) };
}
