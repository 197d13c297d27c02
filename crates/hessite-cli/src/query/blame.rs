//! Where in the expression a number stopped being finite, an operation has no result, or a kink is.

use crate::error::{Error, Marked};
use crate::expression::{Lowered, Span, Tree};
use hessite::{Binding, Function, Graph, Matrix, Mode, Phase, bind};
use nalgebra::DMatrix;

/// Looking at each operation by itself takes time; longer expressions have to do without.
const MOST_STEPS: usize = 500;

/// An error with its place in the expression, where [`place`] knows it.
pub(super) fn locate(
    error: hessite::Error,
    tree: &Tree<'_>,
    graph: &Graph,
    lowered: &Lowered<'_>,
    bindings: &[Binding<'_>],
) -> Error {
    match place(&error, tree, graph, lowered, bindings) {
        Some(marked) => Error::Expression(marked),
        None => error.into(),
    }
}

/// The place of a number that is not finite, of an operation without a result, or of a kink: the first operation at which it occurs when every operation
/// is looked at by itself. Other errors have none, nor those that no operation has alone.
pub(super) fn place(
    error: &hessite::Error,
    tree: &Tree<'_>,
    graph: &Graph,
    lowered: &Lowered<'_>,
    bindings: &[Binding<'_>],
) -> Option<Marked> {
    if lowered.steps.len() > MOST_STEPS {
        return None;
    }
    let first = |guilty: &dyn Fn(Matrix<'_>, &Function) -> bool| {
        let of = |&&(x, _): &&(Matrix<'_>, Span)| graph.function(x).is_ok_and(|f| guilty(x, &f));
        lowered.steps.iter().find(of).map(|&(_, at)| at)
    };
    let found = match error {
        hessite::Error::NonFinite { phase, value, .. } => {
            let why = format!("{phase} is not finite: this gives {value}; --mode ieee lets it pass");
            first(&|x, f| not_finite(graph, x, f, *phase, bindings)).map(|at| (why, at))
        }
        hessite::Error::Kink { index: (i, j), .. } => {
            let why = format!("not differentiable here, at entry ({i}, {j})");
            let kink = |f: &Function| {
                matches!(f.with_mode(Mode::Strict).at(bindings), Err(hessite::Error::Kink { .. }))
            };
            first(&|_, f| kink(f)).map(|at| (why, at))
        }
        _ => no_result(error).and_then(|why| {
            let fails = |f: hessite::Result<Function>| {
                let run = f.and_then(|f| f.at(bindings)?.gradient().map(|_| ()));
                run.is_err_and(|e| std::mem::discriminant(&e) == std::mem::discriminant(error))
            };
            first(&|x, _| fails(graph.function(x.sum()))).map(|at| (why, at))
        }),
    };
    found.map(|(why, at)| Marked::new(why, tree.text, at))
}

/// Why an operation has no result, in words for its place.
fn no_result(error: &hessite::Error) -> Option<String> {
    Some(match error {
        hessite::Error::Singular { rcond, .. } => {
            format!("the matrix is singular (reciprocal condition {rcond:.1e})")
        }
        hessite::Error::NotPositiveDefinite { minor, .. } => {
            format!("the matrix is not positive definite: its leading minor of size {minor} is not positive")
        }
        hessite::Error::NotSymmetric { index: (i, j), .. } => format!(
            "the matrix is not symmetric: entries ({i}, {j}) and ({j}, {i}) differ; sym(X) is its symmetric part"
        ),
        hessite::Error::Domain { needs, value, .. } => format!("this needs {needs}, not {value}"),
        hessite::Error::RankDeficient { rank, .. } => {
            format!("the matrix has rank {rank}, and full rank is needed")
        }
        hessite::Error::Degenerate { gap, .. } => {
            format!("two values are {gap:.1e} apart and can't be told from each other")
        }
        _ => return None,
    })
}

/// Whether this step has a number that is not finite in the given pass. A directional derivative is tried along a
/// direction without zeros.
fn not_finite(graph: &Graph, x: Matrix<'_>, f: &Function, phase: Phase, bindings: &[Binding<'_>]) -> bool {
    let bad = |m: &DMatrix<f64>| m.iter().any(|x| !x.is_finite());
    let found = || -> hessite::Result<bool> {
        let at = f.with_mode(Mode::Ieee).at(bindings)?;
        if phase == Phase::Value {
            return Ok(bad(&at.value_matrix()));
        }
        let at = graph.function(x.sum())?.with_mode(Mode::Ieee).at(bindings)?;
        let gradient = at.gradient()?;
        if phase == Phase::Gradient {
            return Ok(gradient.iter().any(|(_, g)| bad(g)));
        }
        let ones: Vec<(&str, DMatrix<f64>)> =
            gradient.iter().map(|(name, g)| (name, DMatrix::repeat(g.nrows(), g.ncols(), 1.0))).collect();
        let v: Vec<Binding<'_>> = ones.iter().map(|(name, m)| bind(*name, m)).collect();
        Ok(at.hvp(&v)?.iter().any(|(_, h)| bad(h)))
    };
    found().unwrap_or(false)
}
