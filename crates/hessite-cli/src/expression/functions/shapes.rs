//! Functions of rows, columns and shapes. Dimension 1 runs down the rows and 2 along the columns, as in MATLAB;
//! entries are numbered column by column.

use super::{Call, Function, Rule, is_vector, row, scalar};
use crate::error::Marked;
use crate::expression::lower::Operand;
use hessite::Matrix;

pub(super) static SHAPES: &[Function] = &[
    row(&["transpose"], "X", "X'", Rule::Each(|x| x.transpose())),
    row(
        &["colsums", "colsum"],
        "X",
        "sum(X,1): a row with the sum of each column",
        Rule::Each(|x| x.row_sum()),
    ),
    row(
        &["rowsums", "rowsum"],
        "X",
        "sum(X,2): a column with the sum of each row",
        Rule::Each(|x| x.column_sum()),
    ),
    row(
        &["softmax"],
        "X",
        "exp(X)/sum(exp(X)) of a vector; softmax(X,1) of each column, (X,2) of each row",
        Rule::Call(1, 2, softmax),
    ),
    row(
        &["diag"],
        "X",
        "matrix with this vector as diagonal; the diagonal of a square matrix",
        Rule::Call(1, 1, diag),
    ),
    row(&["vec"], "X", "all entries as a column, column by column: X(:)", Rule::Call(1, 1, vec)),
    row(
        &["reshape"],
        "X, m, n",
        "the same entries, column by column, as an m x n matrix",
        Rule::Call(3, 3, reshape),
    ),
    row(
        &["hcat", "horzcat", "hstack"],
        "X, Y, ...",
        "side by side: [X, Y]",
        Rule::Call(1, usize::MAX, |c| join(c, false)),
    ),
    row(
        &["vcat", "vertcat", "vstack"],
        "X, Y, ...",
        "one under the other: [X; Y]",
        Rule::Call(1, usize::MAX, |c| join(c, true)),
    ),
    row(
        &["broadcast", "broadcast_to"],
        "X, m, n",
        "a scalar, row or column repeated to m x n",
        Rule::Call(3, 3, broadcast),
    ),
    row(&["eye", "identity"], "n", "identity matrix", Rule::Call(1, 1, eye)),
    row(&["ones"], "m, n", "matrix of ones; ones(n) is square", Rule::Call(1, 2, |c| filled(c, 1.0))),
    row(&["zeros"], "m, n", "matrix of zeros; zeros(n) is square", Rule::Call(1, 2, |c| filled(c, 0.0))),
    row(
        &["rows"],
        "X",
        "number of rows",
        Rule::Call(1, 1, |c| Ok(Operand::Number(c.array(0)?.nrows() as f64))),
    ),
    row(
        &["columns", "cols"],
        "X",
        "number of columns",
        Rule::Call(1, 1, |c| Ok(Operand::Number(c.array(0)?.ncols() as f64))),
    ),
    row(&["numel"], "X", "number of entries", Rule::Call(1, 1, numel)),
];

/// Which way a function goes through a matrix.
pub(super) enum Along {
    All,
    Columns,
    Rows,
}

pub(super) fn along(call: &Call<'_, '_, '_>) -> Result<Along, Marked> {
    match call.arguments.get(1) {
        None => Ok(Along::All),
        Some(&id) => match call.number(1) {
            Some(1.0) => Ok(Along::Columns),
            Some(2.0) => Ok(Along::Rows),
            _ => call.lowering.fail_at(id, "the dimension is 1 (down each column) or 2 (along each row)"),
        },
    }
}

pub(super) fn sum<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    match along(call)? {
        Along::All => scalar(x.sum()),
        Along::Columns => Ok(Operand::Array(x.row_sum())),
        Along::Rows => Ok(Operand::Array(x.column_sum())),
    }
}

pub(super) fn mean<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    let (r, c) = x.shape();
    if r == 0 || c == 0 {
        return call.misfit("an empty matrix has none");
    }
    match along(call)? {
        Along::All => scalar(x.mean()),
        Along::Columns => Ok(Operand::Array(x.row_sum() * (1.0 / r as f64))),
        Along::Rows => Ok(Operand::Array(x.column_sum() * (1.0 / c as f64))),
    }
}

pub(super) fn logsumexp<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    match along(call)? {
        _ if x.nrows() == 0 || x.ncols() == 0 => call.misfit("an empty matrix has none"),
        Along::All => scalar(x.logsumexp()),
        Along::Columns => Ok(Operand::Array(x.column_logsumexp())),
        Along::Rows => Ok(Operand::Array(x.row_logsumexp())),
    }
}

fn softmax<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    let down = |x: Matrix<'g>| x.transpose().row_softmax().transpose();
    Ok(Operand::Array(match along(call)? {
        Along::All if x.nrows() == 1 => x.row_softmax(),
        Along::All if is_vector(x) => down(x),
        Along::All => {
            return call.misfit("say which way: softmax(X,1) for each column, softmax(X,2) for each row");
        }
        Along::Columns => down(x),
        Along::Rows => x.row_softmax(),
    }))
}

fn diag<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    Ok(Operand::Array(match x.shape() {
        (r, c) if r == c => x.diagonal(),
        (_, 1) => x.from_diagonal(),
        (1, _) => x.transpose().from_diagonal(),
        _ => return call.misfit("a vector or a square matrix is needed"),
    }))
}

fn vec<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    Ok(Operand::Array(x.reshape(x.nrows() * x.ncols(), 1)))
}

/// Argument `k` as a size.
fn size(call: &Call<'_, '_, '_>, k: usize) -> Result<usize, Marked> {
    match call.number(k) {
        Some(n) if n >= 0.0 && n.fract() == 0.0 && n <= u32::MAX.into() => Ok(n as usize),
        _ => call.lowering.fail_at(call.arguments[k], "a size is needed here: a constant 0, 1, 2, ..."),
    }
}

fn reshape<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let (x, rows, cols) = (call.array(0)?, size(call, 1)?, size(call, 2)?);
    let have = x.nrows() * x.ncols();
    if rows.checked_mul(cols) != Some(have) {
        return call.misfit(&format!("{have} entries don't make {rows}x{cols}"));
    }
    Ok(Operand::Array(x.reshape(rows, cols)))
}

fn join<'g>(call: &Call<'_, '_, 'g>, vertical: bool) -> Result<Operand<'g>, Marked> {
    Ok(Operand::Array(call.lowering.join(call.lowering.pieces(call.arguments)?, vertical)?))
}

fn broadcast<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let (x, rows, cols) = (call.array(0)?, size(call, 1)?, size(call, 2)?);
    let (r, c) = x.shape();
    if (r != 1 && r != rows) || (c != 1 && c != cols) {
        return call.misfit(&format!("it can't be repeated to {rows}x{cols}"));
    }
    Ok(Operand::Array(x.broadcast(rows, cols)))
}

fn eye<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let n = size(call, 0)?;
    affordable(call, n, n)?;
    Ok(Operand::Array(call.lowering.graph().identity(n)))
}

fn filled<'g>(call: &Call<'_, '_, 'g>, x: f64) -> Result<Operand<'g>, Marked> {
    let rows = size(call, 0)?;
    let cols = if call.arguments.len() == 2 { size(call, 1)? } else { rows };
    affordable(call, rows, cols)?;
    Ok(Operand::Array(call.lowering.graph().repeat(rows, cols, x)))
}

/// The library keeps the overflow of a size as a fault; here it has a place.
fn affordable(call: &Call<'_, '_, '_>, rows: usize, cols: usize) -> Result<(), Marked> {
    match rows.checked_mul(cols).and_then(|n| n.checked_mul(8)) {
        Some(_) => Ok(()),
        None => call.fail(format!("{rows}x{cols} entries don't fit in memory")),
    }
}

fn numel<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let (rows, cols) = call.array(0)?.shape();
    Ok(Operand::Number((rows * cols) as f64))
}
