//! Who is likely at fault.

use std::fmt;

/// Who is likely at fault when a point is not certified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The gradient: differences of the value converge, to something else.
    WrongGradient,
    /// The Hessian: the gradient fits the value, differences of the gradient converge to something else, or H ≠ Hᵀ.
    WrongHessian,
    /// The function is not smooth within a step of the point.
    NearbyKink,
    /// Variables of so different sizes that no one step serves, or a value so large that rounding hides its change.
    BadScaling,
    /// The function carries noise far beyond rounding.
    Noise,
    /// The differences neither confirm nor refute.
    Unresolved,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::WrongGradient => "wrong gradient",
            Fault::WrongHessian => "wrong Hessian",
            Fault::NearbyKink => "nearby kink",
            Fault::BadScaling => "bad scaling",
            Fault::Noise => "noise in the function",
            Fault::Unresolved => "unresolved",
        })
    }
}
