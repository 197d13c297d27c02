//! Inverses, systems of equations, determinants, factorisations.

use super::{Call, Function, Rule, row, scalar};
use crate::error::Marked;
use crate::expression::lower::Operand;
use hessite::{Matrix, Scalar};

pub(super) static LINEAR_ALGEBRA: &[Function] = &[
    row(
        &["inv", "inverse"],
        "X",
        "inverse of a square matrix",
        Rule::Call(1, 1, |c| square(c, |x| x.inverse())),
    ),
    row(
        &["solve"],
        "A, B",
        "A\\B: the X with A*X = B; for A not square the least squares solution",
        Rule::Call(2, 2, |c| divided(c, |a, b| left_division(a, b))),
    ),
    row(
        &["solve_spd"],
        "A, B",
        "A\\B for a positive definite A, by Cholesky",
        Rule::Call(2, 2, |c| of_square(c, |a, b| a.solve_positive_definite(b))),
    ),
    row(
        &["solve_lower"],
        "L, B",
        "L\\B with the lower triangle of L",
        Rule::Call(2, 2, |c| of_square(c, |a, b| a.solve_lower_triangular(b))),
    ),
    row(
        &["solve_upper"],
        "U, B",
        "U\\B with the upper triangle of U",
        Rule::Call(2, 2, |c| of_square(c, |a, b| a.solve_upper_triangular(b))),
    ),
    row(
        &["lstsq", "least_squares"],
        "A, B",
        "the X with the least norm(A*X - B), for A of full rank",
        Rule::Call(2, 2, |c| divided(c, |a, b| a.least_squares(b))),
    ),
    row(&["pinv"], "X", "pseudo-inverse of a matrix of full rank", Rule::Each(|x| x.pseudo_inverse())),
    row(
        &["det", "determinant"],
        "X",
        "determinant; derivatives are exact at singular matrices too",
        Rule::Call(1, 1, |c| number(c, |x| x.determinant())),
    ),
    row(
        &["logdet"],
        "X",
        "log of the determinant, which has to be positive",
        Rule::Call(1, 1, |c| number(c, |x| x.log_determinant())),
    ),
    row(
        &["logabsdet"],
        "X",
        "log of the absolute value of the determinant",
        Rule::Call(1, 1, |c| number(c, |x| x.log_abs_determinant())),
    ),
    row(
        &["logdet_spd"],
        "X",
        "log of the determinant of a positive definite matrix, by Cholesky",
        Rule::Call(1, 1, |c| number(c, |x| x.log_determinant_positive_definite())),
    ),
    row(
        &["chol", "cholesky"],
        "X",
        "lower triangular L with L*L' = X for a positive definite X (MATLAB's chol(X)')",
        Rule::Call(1, 1, |c| square(c, |x| x.cholesky())),
    ),
    row(
        &["qr_q"],
        "X",
        "Q of X = Q*R: orthonormal columns, for X of full column rank",
        Rule::Call(1, 1, |c| tall(c, |x| x.qr().0)),
    ),
    row(
        &["qr_r"],
        "X",
        "R of X = Q*R: upper triangular with a positive diagonal",
        Rule::Call(1, 1, |c| tall(c, |x| x.qr().1)),
    ),
    row(&["tril"], "X", "entries on and below the diagonal, zeros above", Rule::Each(|x| x.lower_triangle())),
    row(&["triu"], "X", "entries on and above the diagonal, zeros below", Rule::Each(|x| x.upper_triangle())),
    row(
        &["sym", "symmetric_part"],
        "X",
        "(X + X')/2 of a square matrix",
        Rule::Call(1, 1, |c| square(c, |x| x.symmetric_part())),
    ),
];

/// A⁻¹B, or what makes AX nearest to B.
pub fn left_division<'g>(a: Matrix<'g>, b: Matrix<'g>) -> Matrix<'g> {
    if a.nrows() == a.ncols() { a.solve(b) } else { a.least_squares(b) }
}

fn square<'g>(call: &Call<'_, '_, 'g>, f: fn(Matrix<'g>) -> Matrix<'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    if x.nrows() == x.ncols() { Ok(Operand::Array(f(x))) } else { call.misfit("a square matrix is needed") }
}

fn number<'g>(call: &Call<'_, '_, 'g>, f: fn(Matrix<'g>) -> Scalar<'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    if x.nrows() == x.ncols() { scalar(f(x)) } else { call.misfit("a square matrix is needed") }
}

fn tall<'g>(call: &Call<'_, '_, 'g>, f: fn(Matrix<'g>) -> Matrix<'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    match x.nrows() >= x.ncols() {
        true => Ok(Operand::Array(f(x))),
        false => call.misfit("as many rows as columns or more are needed"),
    }
}

fn divided<'g>(
    call: &Call<'_, '_, 'g>,
    f: fn(Matrix<'g>, Matrix<'g>) -> Matrix<'g>,
) -> Result<Operand<'g>, Marked> {
    let (a, b) = (call.array(0)?, call.array(1)?);
    match a.nrows() == b.nrows() {
        true => Ok(Operand::Array(f(a, b))),
        false => call.misfit(&format!("{} rows != {}", a.nrows(), b.nrows())),
    }
}

fn of_square<'g>(
    call: &Call<'_, '_, 'g>,
    f: fn(Matrix<'g>, Matrix<'g>) -> Matrix<'g>,
) -> Result<Operand<'g>, Marked> {
    let a = call.array(0)?;
    if a.nrows() == a.ncols() { divided(call, f) } else { call.misfit("a square matrix is needed") }
}
