//! Plans in words.

use super::function::Function;
use super::plan::Kind;
use crate::error::Result;
use crate::program::split::{Piece, Pieces, Vector};
use std::fmt::Write;

impl Function {
    /// How each block of the Hessian is computed, in words: the seeded side, what is computed once for a point and what
    /// for each direction, the estimate by which this way was chosen, and what the results are made of.
    ///
    /// Directions that are unit matrices are kept as outer products for as long as the operations allow, where that is
    /// estimated to take less; a result is then a sum of dense arrays, multiples of arrays, and single entries, columns,
    /// rows or rank-one matrices, or of entries of such a sum.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let (x, y) = (g.matrix("X", 8, 8), g.matrix("Y", 8, 8));
    /// let f = g.function((x * x * y).norm())?;
    /// assert!(f.plan()?.contains("d2L/dY dY: 64 unit matrices of Y"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The function is not scalar.
    pub fn plan(&self) -> Result<String> {
        self.scalar("plan")?;
        let f = &*self.inner;
        let mut words = String::new();
        for (a, row) in f.variables.list.iter().enumerate() {
            for (b, col) in f.variables.list.iter().enumerate().skip(a) {
                let (seed, wanted) = if f.seeds_second(a, b) { (b, a) } else { (a, b) };
                let n = f.variables.len_of(seed);
                let plan = f.plan(Kind::Hvp, &[seed as u32][..].into(), &[wanted as u32][..].into(), n)?;
                let placed = plan.placed(f, true);
                let how = if plan.parts.units.is_some() {
                    "unit matrices"
                } else {
                    "unit matrices, as dense lanes,"
                };
                let result = sum(&plan.parts.results[0]);
                // Writing to a String does not fail.
                let _ = writeln!(
                    words,
                    "d2L/d{} d{}: {n} {how} of {}; {} instructions for a point, {} for {} directions, {:.0} ns for each by estimate; result: {result}",
                    row.name,
                    col.name,
                    f.variables.list[seed].name,
                    placed.schedule.instructions(),
                    placed.lanes.instructions(),
                    placed.lanes.width,
                    plan.parts.cost,
                );
            }
        }
        Ok(words)
    }
}

fn sum(pieces: &Pieces<usize>) -> String {
    let words = |pieces: &[Piece<usize>]| pieces.iter().map(word).collect::<Vec<_>>().join(" + ");
    let picked = pieces.picked.iter().map(|p| format!("entries of ({})", words(&p.source)));
    let own = (!pieces.own.is_empty()).then(|| words(&pieces.own));
    let all: Vec<String> = own.into_iter().chain(picked).collect();
    if all.is_empty() { "zero".into() } else { all.join(" + ") }
}

fn word(piece: &Piece<usize>) -> &'static str {
    match piece {
        Piece::Array(_) => "dense",
        Piece::Spread { .. } => "number x array",
        Piece::Outer { u: Vector::Unit(_), v: Vector::Unit(_), .. } => "entry",
        Piece::Outer { v: Vector::Unit(_), .. } => "column",
        Piece::Outer { u: Vector::Unit(_), .. } => "row",
        Piece::Outer { .. } => "rank one",
    }
}
