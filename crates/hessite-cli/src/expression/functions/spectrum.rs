//! Functions of the eigenvalues and singular values of a matrix.

use super::{Call, Function, Rule, row, scalar};
use crate::error::Marked;
use crate::expression::lower::Operand;
use hessite::{Matrix, Spectral};

pub(super) static SPECTRUM: &[Function] = &[
    row(&["expm"], "X", "matrix exponential", Rule::Call(1, 1, |c| square(c, |x| x.expm()))),
    row(
        &["logm"],
        "X",
        "matrix logarithm of a symmetric positive definite matrix",
        Rule::Call(1, 1, |c| symmetric(c, |s| s.ln())),
    ),
    row(
        &["sqrtm"],
        "X",
        "matrix square root of a symmetric positive semidefinite matrix",
        Rule::Call(1, 1, |c| symmetric(c, |s| s.sqrt())),
    ),
    row(
        &["invsqrtm"],
        "X",
        "inverse square root of a symmetric positive definite matrix",
        Rule::Call(1, 1, |c| symmetric(c, |s| s.powf(-0.5))),
    ),
    row(&["absm"], "X", "sqrtm(X^2) of a symmetric matrix", Rule::Call(1, 1, |c| symmetric(c, |s| s.abs()))),
    row(
        &["eigvals", "eigvalsh", "eig"],
        "X",
        "eigenvalues of a symmetric matrix, rising; derivatives where they are distinct",
        Rule::Call(1, 1, |c| symmetric(c, |s| s.eigenvalues())),
    ),
    row(
        &["eigvecs"],
        "X",
        "eigenvectors of a symmetric matrix, as columns; derivatives where eigenvalues are distinct",
        Rule::Call(1, 1, |c| symmetric(c, |s| s.eigenvectors())),
    ),
    row(
        &["lambda_max", "eigmax"],
        "X",
        "largest eigenvalue of a symmetric matrix",
        Rule::Call(1, 1, largest),
    ),
    row(
        &["svdvals", "svd"],
        "X",
        "singular values, falling; derivatives where they are distinct and not 0",
        Rule::Call(1, 1, |c| Ok(Operand::Array(c.array(0)?.singular_values()))),
    ),
    row(
        &["nuclear", "normnuc", "norm_nuc"],
        "X",
        "nuclear norm, the sum of the singular values; norm(X,'nuc') too",
        Rule::Whole(|x| x.nuclear_norm()),
    ),
];

fn square<'g>(call: &Call<'_, '_, 'g>, f: fn(Matrix<'g>) -> Matrix<'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    if x.nrows() == x.ncols() { Ok(Operand::Array(f(x))) } else { call.misfit("a square matrix is needed") }
}

fn symmetric<'g>(call: &Call<'_, '_, 'g>, f: fn(Spectral<'g>) -> Matrix<'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    if x.nrows() != x.ncols() {
        return call.misfit("a square matrix is needed");
    }
    Ok(Operand::Array(f(x.spectral())))
}

fn largest<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let x = call.array(0)?;
    match x.shape() {
        (0, 0) => call.misfit("an empty matrix has none"),
        (m, n) if m == n => scalar(x.spectral().largest_eigenvalue()),
        _ => call.misfit("a square matrix is needed"),
    }
}
