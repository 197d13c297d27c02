//! What a certificate is asked for.

use crate::error::{Error, Result};

/// How a point is checked; `Options::default()` suits most functions.
///
/// ```
/// use hessite_check::Options;
/// let thorough = Options { directions: 16, ..Options::default() };
/// # let _ = thorough;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The relative disagreement that is accepted on top of the expected error of a difference; 1e-6 at first. It is
    /// also the resolution that the differences must reach before noise counts as harmless.
    pub tolerance: f64,
    /// Random directions; 4 at first, 1024 at most.
    pub directions: usize,
    /// Coordinate directions: all of them when the dimension is no larger than this, else a random choice of so many;
    /// 32 at first.
    pub coordinates: usize,
    /// The magnitude of a variable that happens to be zero or tiny: steps along xᵢ are fractions of
    /// max(|xᵢ|, typical). 1 at first.
    pub typical: f64,
    /// What the random directions and coordinates are made of; the same seed gives the same report, bit by bit.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options { tolerance: 1e-6, directions: 4, coordinates: 32, typical: 1.0, seed: 0x5eed }
    }
}

impl Options {
    pub(crate) fn validate(&self) -> Result<()> {
        for (what, value) in [("tolerance", self.tolerance), ("typical", self.typical)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::Option { what, value });
            }
        }
        Ok(())
    }
}
