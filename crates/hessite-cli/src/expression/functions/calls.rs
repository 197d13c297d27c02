//! Functions whose arguments are more than one matrix, or have to be looked at first.

use super::{Call, is_vector, scalar};
use crate::error::Marked;
use crate::expression::lower::Operand;
use hessite::{Matrix, Scalar};

pub(super) fn norm<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    let Some(&kind) = call.arguments.get(1) else { return scalar(x.norm()) };
    let (p, word) = match call.lowering.value(kind) {
        Operand::Number(p) => (Some(p), ""),
        Operand::Text(at) => (None, call.lowering.piece(at)),
        Operand::Array(_) => (None, ""),
    };
    match p.or_else(|| word.eq_ignore_ascii_case("inf").then_some(f64::INFINITY)) {
        None if word.eq_ignore_ascii_case("fro") => scalar(x.norm()),
        Some(p) if is_vector(x) && p >= 1.0 => scalar(x.lp_norm(p)),
        None if word.eq_ignore_ascii_case("nuc") => scalar(x.nuclear_norm()),
        Some(2.0) => scalar(x.spectral_norm()),
        Some(1.0) => scalar(x.one_norm()),
        Some(f64::INFINITY) => scalar(x.infinity_norm()),
        _ => call.lowering.fail_at(
            kind,
            "the kind of norm is 'fro', 'nuc', 1, 2 or inf; of a vector also another number from 1 on",
        ),
    }
}

pub(super) fn trace<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    if x.nrows() == x.ncols() { scalar(x.trace()) } else { call.misfit("a square matrix is needed") }
}

pub(super) fn dot<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let (x, y) = (call.array(0)?, call.array(1)?);
    if x.shape() == y.shape() {
        return scalar(x.dot(y));
    }
    if is_vector(x) && is_vector(y) && x.shape() == (y.ncols(), y.nrows()) {
        return scalar(x.dot(y.transpose()));
    }
    call.misfit("the shapes must be equal")
}

/// max and min: of one matrix, or of two entry by entry.
fn extremum<'g>(
    call: &Call<'_, '_, 'g>,
    of_one: fn(Matrix<'g>) -> Scalar<'g>,
    of_two: fn(Matrix<'g>, Matrix<'g>) -> Matrix<'g>,
) -> Result<Operand<'g>, Marked> {
    if call.arguments.len() == 2 {
        let [x, y] = call.expanded()?;
        return Ok(Operand::Array(of_two(x, y)));
    }
    let x = call.array(0)?;
    if x.nrows() == 0 || x.ncols() == 0 { call.misfit("an empty matrix has none") } else { scalar(of_one(x)) }
}

pub(super) fn max<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    extremum(call, |x| x.max(), |x, y| x.sup(y))
}

pub(super) fn min<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    extremum(call, |x| x.min(), |x, y| x.inf(y))
}

pub(super) fn power<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let ids = [call.arguments[0], call.arguments[1]];
    call.lowering.power_each(ids, [call.array(0)?, call.array(1)?], call.name)
}

pub(super) fn clamp<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    match (call.number(1), call.number(2)) {
        (Some(low), Some(high)) if low <= high => Ok(Operand::Array(x.clamp(low, high))),
        (Some(_), Some(_)) => call.fail("the lower bound must not be above the upper one"),
        _ => call.fail("the bounds must be constants; min(max(X, L), H) takes matrices"),
    }
}

pub(super) fn select<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let arrays = [call.array(0)?, call.array(1)?, call.array(2)?];
    // A condition repeated over both, so that each part has the full shape.
    let [mut rows, mut cols] = [1, 1];
    for x in arrays {
        let (r, c) = x.shape();
        if (rows != 1 && r != 1 && r != rows) || (cols != 1 && c != 1 && c != cols) {
            return call.misfit("the shapes must be equal, or 1 where they differ");
        }
        rows = if rows == 1 { r } else { rows };
        cols = if cols == 1 { c } else { cols };
    }
    let [c, x, y] = arrays.map(|x| if x.shape() == (rows, cols) { x } else { x.broadcast(rows, cols) });
    Ok(Operand::Array(c.select(x, y)))
}
