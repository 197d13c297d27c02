//! What a check found, as data and as a few lines of text.

use crate::fault::Fault;
use std::fmt;

/// What a derivative was taken along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Along {
    /// The coordinate xⱼ.
    Coordinate(usize),
    /// A random direction, by its number.
    Direction(usize),
}

impl fmt::Display for Along {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Along::Coordinate(j) => write!(f, "x[{j}]"),
            Along::Direction(k) => write!(f, "random direction {k}"),
        }
    }
}

/// An entry of the gradient (no row) or of the Hessian (row i), or its derivative along a random direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Row i of the Hessian; `None` for the gradient.
    pub row: Option<usize>,
    /// The column j, or a direction.
    pub along: Along,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.row, self.along) {
            (None, Along::Coordinate(j)) => write!(f, "g[{j}]"),
            (None, along) => write!(f, "g along {along}"),
            (Some(i), Along::Coordinate(j)) => write!(f, "H[({i},{j})]"),
            (Some(i), along) => write!(f, "row {i} of H along {along}"),
        }
    }
}

/// An exact derivative beside its difference.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// Which one.
    pub place: Place,
    /// The value that was claimed.
    pub exact: f64,
    /// The limit of differences.
    pub difference: f64,
    /// A bound for the error to be expected of the difference: truncation, rounding and noise, with a safety factor.
    pub expected: f64,
    /// |exact − difference| in units of what is allowed: the expected error and the tolerance. Over 1 they disagree.
    pub ratio: f64,
}

impl Comparison {
    /// |exact − difference|.
    pub fn error(&self) -> f64 {
        (self.exact - self.difference).abs()
    }

    /// Whether the two agree.
    pub fn agrees(&self) -> bool {
        self.ratio <= 1.0
    }
}

/// |uᵀHv − vᵀHu| where it is worst.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Symmetry {
    /// u and v.
    pub at: (Along, Along),
    /// |uᵀHv − vᵀHu|.
    pub residual: f64,
    /// What rounding explains, with a safety factor.
    pub expected: f64,
    /// The residual in units of what is allowed. Over 1 the Hessian is not symmetric.
    pub ratio: f64,
}

/// How often each closure was called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evaluations {
    /// The value.
    pub value: usize,
    /// The gradient.
    pub gradient: usize,
    /// The Hessian, or its product.
    pub hessian: usize,
}

/// The certificate of a point: what was compared, and who is likely at fault.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// Coordinates of the point.
    pub dimension: usize,
    /// The coordinates that were checked one by one.
    pub coordinates: usize,
    /// The random directions that were checked.
    pub directions: usize,
    /// f at the point.
    pub value: f64,
    /// Noise of f: three standard deviations, rounding included.
    pub noise: f64,
    /// The entry of the gradient that fits least; `None` for no variables.
    pub gradient: Option<Comparison>,
    /// The entry of the Hessian that fits least; `None` for no variables or no Hessian.
    pub hessian: Option<Comparison>,
    /// The symmetry of the Hessian; `None` for no Hessian or fewer than two variables.
    pub symmetry: Option<Symmetry>,
    /// Who is likely at fault; `None` when everything fits.
    pub fault: Option<Fault>,
    /// Where the fault shows best.
    pub suspect: Option<Place>,
    /// The numbers that speak for the fault, in words; empty without one.
    pub evidence: String,
    /// Where the function breaks, when that is the fault: between x − displacement and x + displacement.
    pub displacement: Option<Vec<f64>>,
    /// What it took.
    pub evaluations: Evaluations,
}

impl Report {
    /// Whether value, gradient and Hessian fit together: no fault.
    pub fn passed(&self) -> bool {
        self.fault.is_none()
    }

    /// Writes the report with names for places and directions, as [`Display`](fmt::Display) does with indices.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(
        &self,
        f: &mut dyn fmt::Write,
        name: &dyn Fn(Place) -> String,
        along: &dyn Fn(Along) -> String,
    ) -> fmt::Result {
        let compared = [("gradient", &self.gradient), ("Hessian", &self.hessian)];
        let rows = compared.iter().filter_map(|(what, c)| c.map(|c| (*what, name(c.place), c)));
        let rows: Vec<(&str, String, Comparison)> = rows.collect();
        let width = rows.iter().map(|(_, name, _)| name.chars().count()).max().unwrap_or(0);
        for (what, name, c) in &rows {
            let (exact, difference, error, expected) = (c.exact, c.difference, c.error(), c.expected);
            writeln!(
                f,
                "  {what:<10} worst {name:<width$}  exact {exact:>16.9e}  difference {difference:>16.9e}  \
                 error {error:.1e} (expected ≤ {expected:.1e})  {}",
                verdict(c.ratio)
            )?;
        }
        if let Some(s) = &self.symmetry {
            let what = match s.at {
                (Along::Coordinate(_), Along::Coordinate(_)) => "max |H - Hᵀ|",
                _ => "max |uᵀHv - vᵀHu|",
            };
            let (u, v, residual, expected) = (along(s.at.0), along(s.at.1), s.residual, s.expected);
            writeln!(
                f,
                "  symmetry   {what} {residual:.1e} at ({u}, {v}) (expected ≤ {expected:.1e})  {}",
                verdict(s.ratio)
            )?;
        }
        let all = if self.coordinates == self.dimension { "all" } else { "a choice of" };
        writeln!(
            f,
            "  along      {all} {} of {} coordinates, {} random directions",
            self.coordinates, self.dimension, self.directions
        )?;
        match self.fault {
            None => write!(f, "  verdict    passed"),
            Some(fault) => {
                write!(f, "  verdict    likely at fault: {fault}")?;
                self.suspect.map_or(Ok(()), |p| write!(f, " at {}", name(p)))?;
                write!(f, "\n             {}", self.evidence)
            }
        }
    }
}

fn verdict(ratio: f64) -> &'static str {
    if ratio <= 1.0 { "ok" } else { "differs" }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, &|p| p.to_string(), &|a| a.to_string())
    }
}
