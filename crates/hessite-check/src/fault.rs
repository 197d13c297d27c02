//! Who is likely at fault.

use std::fmt;

/// Who is likely at fault when a point is not certified, and how it is told.
///
/// φ is f, or a component of ∇f, along a direction; e what is claimed for φ′, D its extrapolated difference with an error
/// from truncation and noise. When several apply, the first of this order is named: what is refuted with no kink to
/// explain it is wrong, whatever else is the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The gradient: differences of the value converge, within their error, to something else, and e does not lie between
    /// the one-sided slopes of a kink. Found along a random direction alone, the entry is sought by halving. When the
    /// Hessian fits the gradient, the value may be the one that is wrong.
    WrongGradient,
    /// The Hessian: the gradient fits the value, and differences of the gradient converge to something else; or uᵀHv and
    /// vᵀHu differ by more than rounding.
    WrongHessian,
    /// The function is not smooth within about ∛ε = 6·10⁻⁶ of the scale of a direction. The difference of the one-sided
    /// slopes, (φ(h) − 2φ(0) + φ(−h))/h, goes to 0 with h where φ is smooth, and to the jump of the slope at a kink;
    /// φ(h) − φ(−h) goes to the jump of φ itself, so that D grows like 1/h, as for the gradient of |x|. Claims between the
    /// one-sided slopes (any claim where φ jumps) are not held wrong. A kink further away than that is left behind by
    /// smaller steps, and no fault.
    NearbyKink,
    /// The function carries noise far beyond rounding (10⁴ times), measured from a difference table that is flat: k-th
    /// differences do not shrink with k as those of a smooth function do. And the noise keeps differences along random
    /// directions from reaching the tolerance; lesser noise is no fault.
    Noise,
    /// No one step serves all variables: the steps at which differences are best lie 10⁷ apart or more, while derivatives
    /// differ by more than 1/ε, or rounding of the value hides the change of a variable over a whole step. Or the value is
    /// so large that rounding hides its change along all directions. The derivatives may be right.
    BadScaling,
    /// The differences neither confirm nor refute: they do not converge at any step, or the function is finite on one side
    /// of the point alone.
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
