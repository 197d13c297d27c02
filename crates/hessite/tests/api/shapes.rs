//! Misuse while recording: shapes that do not fit, handles of another graph, declarations that can't be. Operators
//! return no error; `function` does, in words and with the lines of this file.
// References as operands are among what is tested.
#![allow(clippy::op_ref, clippy::needless_borrows_for_generic_args)]

use hessite::{Error, Graph, Matrix, Scalar};
use nalgebra::DMatrix;

/// The words of the shape error of `output`.
#[track_caller]
fn words<'g>(g: &'g Graph, output: impl Into<Matrix<'g>>) -> String {
    match g.function(output) {
        Err(e @ Error::Shape { .. }) => e.to_string(),
        other => panic!("expected a shape error, got {other:?}"),
    }
}

#[test]
fn a_product_that_does_not_fit_says_so_with_all_lines() {
    let g = Graph::new();
    let (x, lx) = (g.matrix("X", 3, 2), line!());
    let (y, ly) = (g.matrix("Y", 4, 4), line!());
    let (z, lz) = (x * y, line!());
    let at = |line: u32| format!("{}:{line}", file!());
    assert_eq!(
        words(&g, z.norm()),
        format!(
            "X*Y: X is 3x2, Y is 4x4 (inner 2 != 4); X declared at {}, Y declared at {}, product at {}",
            at(lx),
            at(ly),
            at(lz)
        )
    );
    // The failure is carried along; what is not on the way to it is well.
    assert_eq!(words(&g, (z + z).transpose().sum() * 2.0), words(&g, z));
    assert!(g.function(x.sum() + y.sum()).is_ok());
}

#[test]
fn the_first_of_several_faults_is_reported() {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 3, 2), g.matrix("Y", 4, 4));
    let first = x + y;
    let second = first * x.transpose() * y;
    assert!(words(&g, second).starts_with("X+Y: X is 3x2, Y is 4x4 (the shapes differ); X declared at "));
}

#[test]
fn a_result_is_named_by_its_operation_and_line() {
    let g = Graph::new();
    let x = g.matrix("X", 3, 2);
    let (e, le) = (x.exp(), line!());
    let (bad, lb) = (e * e, line!());
    assert_eq!(
        words(&g, bad),
        format!(
            "[exp]*[exp]: [exp] is 3x2 (inner 2 != 3); [exp] recorded at {f}:{le}, product at {f}:{lb}",
            f = file!()
        )
    );
}

#[test]
fn every_binary_operation_checks_its_shapes_and_names_its_line() {
    type Binary = for<'g> fn(Matrix<'g>, Matrix<'g>) -> Matrix<'g>;
    let cases: [(&str, Binary, u32); 18] = [
        ("add", |x, y| x + y, line!()),
        ("sub", |x, y| x - y, line!()),
        ("product", |x, y| x * y, line!()),
        ("product", |x, y| x.tr_mul(y), line!()),
        ("mul", |x, y| x.component_mul(y), line!()),
        ("div", |x, y| x.component_div(y), line!()),
        ("max", |x, y| x.sup(y), line!()),
        ("min", |x, y| x.inf(y), line!()),
        ("pow", |x, y| x.component_pow(y), line!()),
        ("atan2", |x, y| x.atan2(y), line!()),
        ("hypot", |x, y| x.hypot(y), line!()),
        ("rel_entr", |x, y| x.rel_entr(y), line!()),
        ("at_least", |x, y| x.at_least(y), line!()),
        ("gate", |x, y| x.select(y, x), line!()),
        ("gate", |x, y| x.select(x, y), line!()),
        ("dot", |x, y| x.dot(y).to_matrix(), line!()),
        ("concatenation", |x, y| x.vcat(y), line!()),
        ("concatenation", |x, y| x.hcat(y), line!()),
    ];
    for (name, f, line) in cases {
        let g = Graph::new();
        let (x, y) = (g.matrix("X", 3, 2), g.matrix("Y", 4, 5));
        let message = words(&g, f(x, y));
        for part in ["3x2", "4x5", "declared at", &format!("{name} at {}:{line}", file!())] {
            assert!(message.contains(part), "{name}: {part:?} is missing in {message:?}");
        }
    }
}

#[test]
fn rows_and_columns_are_not_repeated_by_operators() {
    let g = Graph::new();
    let (x, row, column) = (g.matrix("X", 3, 2), g.matrix("r", 1, 2), g.matrix("c", 3, 1));
    assert!(words(&g, x + row).contains("the shapes differ"));
    assert!(words(&g, x.component_mul(column)).contains("the shapes differ"));
    assert!(words(&g, x + g.matrix("s", 1, 1)).contains("X+s: X is 3x2, s is 1x1 (the shapes differ)"));
    // Said aloud it is fine.
    assert!(g.function(x + row.broadcast(3, 2) + column.broadcast(3, 2)).is_ok());
}

#[test]
fn operations_on_one_matrix_check_its_shape() {
    type Unary = for<'g> fn(Matrix<'g>) -> Matrix<'g>;
    let cases: [(&str, &str, Unary, u32); 10] = [
        ("diagonal", "a square matrix is needed", |x| x.trace().to_matrix(), line!()),
        ("diagonal", "a square matrix is needed", |x| x.diagonal(), line!()),
        ("from_diagonal", "a column is needed", |x| x.from_diagonal(), line!()),
        ("reshape", "6 entries can't be arranged as 4x2", |x| x.reshape(4, 2), line!()),
        ("broadcast", "3x2 can't be repeated to 6x2", |x| x.broadcast(6, 2), line!()),
        ("view", "do not lie within 3x2", |x| x.view((1, 1), (1, 2)), line!()),
        ("view", "do not lie within 3x2", |x| x.row(3), line!()),
        ("view", "do not lie within 3x2", |x| x.column(2), line!()),
        ("view", "do not lie within 3x2", |x| x.entry(usize::MAX, 0).to_matrix(), line!()),
        ("view", "do not lie within 3x2", |x| x.rows(1, usize::MAX), line!()),
    ];
    for (name, why, f, line) in cases {
        let g = Graph::new();
        let (x, lx) = (g.matrix("X", 3, 2), line!());
        let message = words(&g, f(x));
        let place = format!("X declared at {}:{lx}, {name} at {}:{line}", file!(), file!());
        for part in ["(X): X is 3x2", why, &place] {
            assert!(message.contains(part), "{name}: {part:?} is missing in {message:?}");
        }
    }
}

#[test]
fn constants_are_checked_like_variables() {
    let g = Graph::new();
    let x = g.matrix("X", 3, 2);
    let c = DMatrix::<f64>::zeros(4, 4);
    assert!(words(&g, &c * x).contains("[data] is 4x4, X is 3x2 (inner 4 != 3)"));
    assert!(words(&g, x - c).contains("X-[data]: X is 3x2, [data] is 4x4"));
}

/// Asserts an Err(MixedGraph) that names `line`.
#[track_caller]
fn mixed(output: Result<hessite::Function, Error>, line: u32) {
    match output {
        Err(Error::MixedGraph { line: at, .. }) => {
            let at = at.location().unwrap();
            assert_eq!((at.file(), at.line()), (file!(), line));
        }
        other => panic!("expected MixedGraph, got {other:?}"),
    }
}

#[test]
fn a_handle_of_another_graph_is_refused_by_every_operation_on_matrices() {
    type Binary = for<'g> fn(Matrix<'g>, Matrix<'g>) -> Matrix<'g>;
    let cases: [(Binary, u32); 30] = [
        (|x, y| x + y, line!()),
        (|x, y| x + &y, line!()),
        (|x, y| &x + y, line!()),
        (|x, y| x - y, line!()),
        (|x, y| x - &y, line!()),
        (|x, y| x * y, line!()),
        (|x, y| x * &y, line!()),
        (|x, y| &x * y, line!()),
        (|x, y| x * y.sum(), line!()),
        (|x, y| x * &y.sum(), line!()),
        (|x, y| x.sum() * y, line!()),
        (|x, y| &x.sum() * &y, line!()),
        (|x, y| x / y.sum(), line!()),
        (|x, y| x.tr_mul(y), line!()),
        (|x, y| x.component_mul(y), line!()),
        (|x, y| x.component_div(y), line!()),
        (|x, y| x.sup(y), line!()),
        (|x, y| x.inf(y), line!()),
        (|x, y| x.component_pow(y), line!()),
        (|x, y| x.atan2(y), line!()),
        (|x, y| x.hypot(y), line!()),
        (|x, y| x.rel_entr(y), line!()),
        (|x, y| x.at_least(y), line!()),
        (|x, y| x.select(y, x), line!()),
        (|x, y| x.select(x, y), line!()),
        (|x, y| x.dot(y).to_matrix(), line!()),
        (|x, y| x.vcat(y), line!()),
        (|x, y| x.hcat(y), line!()),
        (|x, y| x.add_scalar(y.sum()), line!()),
        (|x, y| x.add_scalar(&y.sum()), line!()),
    ];
    for (f, line) in cases {
        let (g, other) = (Graph::new(), Graph::new());
        mixed(record(&g, &other, f), line);
        // Both graphs go on as if nothing had been.
        assert!(g.function(g.matrix("A", 2, 2).sum()).is_ok());
        assert!(other.function(other.matrix("B", 2, 2).sum()).is_ok());
    }
}

/// `f` of a matrix of each graph, as a function of whichever graph its result went to.
fn record<'g>(
    g: &'g Graph,
    other: &'g Graph,
    f: impl Fn(Matrix<'g>, Matrix<'g>) -> Matrix<'g>,
) -> Result<hessite::Function, Error> {
    let z = f(g.matrix("X", 2, 2), other.matrix("Y", 2, 2));
    match g.function(z) {
        Err(Error::MixedGraph { what, .. }) if what == "the output" => other.function(z),
        result => result,
    }
}

#[test]
fn a_handle_of_another_graph_is_refused_by_every_operation_on_scalars() {
    type Binary = for<'g> fn(Scalar<'g>, Scalar<'g>) -> Scalar<'g>;
    let cases: [(Binary, u32); 12] = [
        (|x, y| x + y, line!()),
        (|x, y| x - y, line!()),
        (|x, y| x * y, line!()),
        (|x, y| x / y, line!()),
        (|x, y| &x + &y, line!()),
        (|x, y| x * &y, line!()),
        (|x, y| x.max(y), line!()),
        (|x, y| x.min(y), line!()),
        (|x, y| x.pow(y), line!()),
        (|x, y| x.atan2(y), line!()),
        (|x, y| x.hypot(y), line!()),
        (|x, y| x.rel_entr(y), line!()),
    ];
    for (f, line) in cases {
        let (g, other) = (Graph::new(), Graph::new());
        mixed(record(&g, &other, |x, y| f(x.sum(), y.sum()).to_matrix()), line);
    }
}

#[test]
fn an_output_of_another_graph_is_refused() {
    let (g, other) = (Graph::new(), Graph::new());
    let z = other.scalar("z");
    let (refused, line) = (g.function(z), line!());
    mixed(refused, line);
}

#[test]
fn declarations_that_can_not_be() {
    let g = Graph::new();
    let (_, first) = (g.matrix("X", 2, 2), line!());
    let (again, second) = (g.vector("X", 3), line!());
    let e = g.function(again.sum()).unwrap_err();
    assert_eq!(
        e.to_string(),
        format!(
            "declaration of \"X\" at {f}:{second}: the name is taken since {f}:{first}; give each variable its own",
            f = file!()
        )
    );
    for (rows, cols) in [(usize::MAX, 2), (usize::MAX, 1), (1 << 62, 1), (1 << 40, 1 << 40)] {
        let g = Graph::new();
        let x = g.matrix("X", rows, cols);
        match g.function(x.sum()).unwrap_err() {
            Error::Declaration { name, why, .. } => {
                assert_eq!((name.as_str(), why), ("X", format!("{rows}x{cols} entries don't fit in memory")));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn results_too_large_to_exist_are_errors_while_recording() {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 1 << 40, 1), g.matrix("Y", 1, 1 << 40));
    assert!(g.function(g.repeat(usize::MAX, 2, 1.0).sum()).is_err());
    assert!(g.function(g.repeat(usize::MAX, 1, 1.0).sum()).is_err());
    assert!(g.function(g.identity(1 << 40).sum()).is_err());
    for (what, line) in
        [((x * y).sum(), line!()), (x.sum().to_matrix().broadcast(1 << 40, 1 << 40).sum(), line!())]
    {
        let message = words(&g, what);
        let place = format!("at {}:{line}", file!());
        assert!(message.contains("do not fit in memory") && message.contains(&place), "{message}");
    }
}
