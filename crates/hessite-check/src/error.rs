//! Every way in which a call can fail, in words.

/// What every fallible call returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong, and what to do about it. A derivative that does not fit is no error but a finding of the
/// report.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A slice of the wrong length.
    #[error("{what}: expected {expected} numbers, got {got}; the point has {dimension} coordinates")]
    Length {
        /// The argument.
        what: &'static str,
        /// The length wanted.
        expected: usize,
        /// The length given.
        got: usize,
        /// Coordinates of the point.
        dimension: usize,
    },
    /// A NaN or infinity at the point itself.
    #[error("{what}[{index}] is {value} at the point; choose a point where value and derivatives are finite")]
    NonFinite {
        /// The point, the value, the gradient or the product.
        what: &'static str,
        /// Which entry.
        index: usize,
        /// What stands there.
        value: f64,
    },
    /// An option or step that can't be.
    #[error("{what} is {value}; it must be positive and finite")]
    Option {
        /// The option.
        what: &'static str,
        /// Its value.
        value: f64,
    },
}
