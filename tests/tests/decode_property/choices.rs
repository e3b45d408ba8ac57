//! A row of choices from which a body is drawn.
//!
//! Every draw takes the next choice; behind the last one all are 0, and 0 always means the least there can be: absent,
//! empty, the first. So a shorter or smaller row is a smaller body, and shrinking needs no extra rules.

/// Choices not yet made use of.
pub(crate) struct Choices<'a>(std::slice::Iter<'a, u16>);

impl<'a> Choices<'a> {
    /// These choices.
    pub(crate) fn new(choices: &'a [u16]) -> Self {
        Self(choices.iter())
    }

    /// A number below `end`; 0 if `end` is.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.next().map_or(0, |choice| usize::from(*choice) % end.max(1))
    }

    /// Whether something happens that does so `times` out of `of` times.
    pub(crate) fn happens(&mut self, times: usize, of: usize) -> bool {
        self.below(of) >= of - times
    }

    /// One of these.
    pub(crate) fn one_of<'b, T>(&mut self, all: &'b [T]) -> Option<&'b T> {
        all.get(self.below(all.len()))
    }
}
