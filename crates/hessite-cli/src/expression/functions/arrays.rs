//! Lists of indices, running sums and products, products of two matrices.

use super::shapes::{Along, along};
use super::{Call, Function, Rule, is_vector, row, scalar};
use crate::error::Marked;
use crate::expression::lower::Operand;
use hessite::Matrix;

pub(super) static ARRAYS: &[Function] = &[
    row(
        &["select_rows"],
        "X, i, ...",
        "the rows of a list, such as select_rows(X, 0, 2) or select_rows(X, [0, 2])",
        Rule::Call(2, usize::MAX, |c| selected(c, c.array(0)?.nrows(), |x, list| x.select_rows(list))),
    ),
    row(
        &["select_columns", "select_cols"],
        "X, j, ...",
        "the columns of a list",
        Rule::Call(2, usize::MAX, |c| selected(c, c.array(0)?.ncols(), |x, list| x.select_columns(list))),
    ),
    row(
        &["gather"],
        "X, k, ...",
        "the entries of a list, numbered column by column, as a column",
        Rule::Call(2, usize::MAX, |c| {
            let (rows, cols) = c.array(0)?.shape();
            selected(c, rows * cols, |x, list| x.gather(list))
        }),
    ),
    row(
        &["cumsum"],
        "X",
        "running sums of a vector or down each column; cumsum(X,2) along each row",
        Rule::Call(1, 2, |c| running(c, |x| x.cumulative_sum())),
    ),
    row(
        &["cumprod"],
        "X",
        "running products, likewise",
        Rule::Call(1, 2, |c| running(c, |x| x.cumulative_product())),
    ),
    row(
        &["prod"],
        "X",
        "product of all entries; prod(X,1) of each column, prod(X,2) of each row. Zeros do no harm",
        Rule::Call(1, 2, product),
    ),
    row(
        &["kron"],
        "X, Y",
        "Kronecker product: the blocks X_ij*Y",
        Rule::Call(2, 2, |c| Ok(Operand::Array(c.array(0)?.kronecker(c.array(1)?)))),
    ),
    row(&["cross"], "X, Y", "cross product of vectors of 3", Rule::Call(2, 2, cross)),
    row(
        &["conv", "convolve"],
        "X, H",
        "convolution of two vectors; conv(X,H,'valid') where H lies in X, conv(X,H,'same') the middle part",
        Rule::Call(2, 3, convolve),
    ),
    row(
        &["correlate"],
        "X, H",
        "correlation of a vector with one no longer, where that lies in it",
        Rule::Call(2, 2, correlate),
    ),
    row(
        &["quadform"],
        "X, A",
        "X'*A*X of a column, trace(X'*A*X) of a matrix",
        Rule::Call(2, 2, quadratic_form),
    ),
];

/// Numbers of rows, columns or entries below `n` after the first argument.
fn selected<'g>(
    call: &Call<'_, '_, 'g>,
    n: usize,
    of: fn(Matrix<'g>, &[usize]) -> Matrix<'g>,
) -> Result<Operand<'g>, Marked> {
    let mut list = Vec::new();
    for &id in &call.arguments[1..] {
        for x in call.lowering.numbers(id).unwrap_or(vec![f64::NAN]) {
            match x >= 0.0 && x.fract() == 0.0 {
                true if x < n as f64 => list.push(x as usize),
                true => return call.lowering.fail_at(id, format!("there are {n}, counted from 0")),
                false => return call.lowering.fail_at(id, "an index is a constant 0, 1, 2, ..., or [0, 2]"),
            }
        }
    }
    Ok(Operand::Array(of(call.array(0)?, &list)))
}

fn running<'g>(call: &Call<'_, '_, 'g>, down: fn(Matrix<'g>) -> Matrix<'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    Ok(Operand::Array(match along(call)? {
        Along::All if x.nrows() == 1 => down(x.transpose()).transpose(),
        Along::Rows => down(x.transpose()).transpose(),
        _ => down(x),
    }))
}

fn product<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    match along(call)? {
        Along::All => scalar(x.product()),
        Along::Columns => Ok(Operand::Array(x.row_product())),
        Along::Rows => Ok(Operand::Array(x.column_product())),
    }
}

fn cross<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let (x, y) = (call.array(0)?, call.array(1)?);
    match (x.shape(), y.shape()) {
        ((3, 1), (3, 1)) | ((1, 3), (1, 3)) => Ok(Operand::Array(x.cross(y))),
        _ => call.misfit("two columns or two rows of 3 are needed"),
    }
}

/// Two vectors that have entries.
fn vectors<'g>(call: &Call<'_, '_, 'g>) -> Result<[Matrix<'g>; 2], Marked> {
    let both = [call.array(0)?, call.array(1)?];
    match both.iter().all(|x| is_vector(*x) && x.nrows() * x.ncols() > 0) {
        true => Ok(both),
        false => call.misfit("two vectors that are not empty are needed"),
    }
}

fn convolve<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let [x, h] = vectors(call)?;
    let (m, n) = (x.nrows() * x.ncols(), h.nrows() * h.ncols());
    let kind = match call.arguments.get(2).map(|&id| (id, call.lowering.value(id))) {
        None => "full",
        Some((_, Operand::Text(at))) => call.lowering.piece(at),
        Some(_) => "",
    };
    Ok(Operand::Array(match kind {
        "full" => x.convolve_full(h),
        "valid" if n <= m => x.convolve_valid(h),
        "valid" => return call.misfit("the second is longer than the first"),
        "same" => {
            let full = x.convolve_full(h);
            if x.nrows() == 1 { full.columns(n / 2, m) } else { full.rows(n / 2, m) }
        }
        _ => return call.lowering.fail_at(call.arguments[2], "the part is 'full', 'same' or 'valid'"),
    }))
}

fn correlate<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let [x, h] = vectors(call)?;
    match h.nrows() * h.ncols() <= x.nrows() * x.ncols() {
        true => Ok(Operand::Array(x.correlate(h))),
        false => call.misfit("the second is longer than the first"),
    }
}

fn quadratic_form<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let (x, a) = (call.array(0)?, call.array(1)?);
    match a.shape() == (x.nrows(), x.nrows()) {
        true => scalar(x.quadratic_form(a)),
        false => call.misfit("a square matrix with as many rows as the first is needed"),
    }
}
