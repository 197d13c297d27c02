//! Operators: by value and by reference, between matrices, scalars, numbers and nalgebra's matrices on either side.
// References as operands are what is tested.
#![allow(clippy::op_ref, clippy::needless_borrows_for_generic_args)]

use hessite::{Function, Graph, Matrix, Scalar};
use nalgebra::{DMatrix, dmatrix};

fn value(f: &Function) -> DMatrix<f64> {
    let (x, y) = (dmatrix![1.0, 2.0; 3.0, 4.0], dmatrix![0.5, -1.0; 1.5, 2.0]);
    let all =
        [hessite::bind("X", &x), hessite::bind("Y", &y), hessite::bind("s", 3.0), hessite::bind("t", -0.5)];
    f.at(&all).unwrap().value_matrix()
}

/// X, Y, s, t at the numbers of [`value`].
fn with<'g>(g: &'g Graph) -> (Matrix<'g>, Matrix<'g>, Scalar<'g>, Scalar<'g>) {
    (g.matrix("X", 2, 2), g.matrix("Y", 2, 2), g.scalar("s"), g.scalar("t"))
}

#[track_caller]
fn all_give<'g>(g: &'g Graph, ways: &[Matrix<'g>], expected: DMatrix<f64>) {
    for (k, way) in ways.iter().enumerate() {
        assert_eq!(value(&g.function(*way).unwrap()), expected, "way {k}");
    }
}

#[test]
fn matrices_with_matrices() {
    let g = Graph::new();
    let (x, y, ..) = with(&g);
    let (a, b) = (dmatrix![1.0, 2.0; 3.0, 4.0], dmatrix![0.5, -1.0; 1.5, 2.0]);
    all_give(&g, &[x + y, x + &y, &x + y, &x + &y, &a + y, a.clone() + &y, x + &b, &x + b.clone()], &a + &b);
    all_give(&g, &[x - y, x - &y, &x - y, &x - &y, &a - y, a.clone() - &y, x - &b, &x - b.clone()], &a - &b);
    all_give(&g, &[x * y, x * &y, &x * y, &x * &y, &a * y, a.clone() * &y, x * &b, &x * b.clone()], &a * &b);
    all_give(&g, &[-x, -&x], -&a);
    all_give(&g, &[x.tr_mul(y), x.transpose() * y], a.transpose() * &b);
}

#[test]
fn matrices_with_scalars_and_numbers() {
    let g = Graph::new();
    let (x, _, s, _) = with(&g);
    let a = dmatrix![1.0, 2.0; 3.0, 4.0];
    let ways = [
        x * s,
        x * &s,
        &x * s,
        &x * &s,
        s * x,
        s * &x,
        &s * x,
        &s * &x,
        x * 3.0,
        &x * 3.0,
        3.0 * x,
        3.0 * &x,
    ];
    all_give(&g, &ways, &a * 3.0);
    all_give(&g, &[x / s, x / &s, &x / s, x / 3.0, &x / 3.0], a.map(|x| x / 3.0));
    all_give(&g, &[x.add_scalar(s), x.add_scalar(&s), x.add_scalar(3.0)], a.map(|x| x + 3.0));
}

#[test]
fn scalars_with_scalars_and_numbers() {
    let g = Graph::new();
    let (.., s, t) = with(&g);
    let same = |ways: &[Scalar<'_>], expected: f64| {
        for way in ways {
            assert_eq!(value(&g.function(*way).unwrap())[0], expected);
        }
    };
    same(&[s + t, s + &t, &s + t, &s + &t, s + -0.5, 3.0 + t, 3.0 + &t, &s + -0.5], 2.5);
    same(&[s - t, s - &t, &s - t, &s - &t, s - -0.5, 3.0 - t, 3.0 - &t], 3.5);
    same(&[s * t, s * &t, &s * t, &s * &t, s * -0.5, 3.0 * t, 3.0 * &t, -0.5 * s], -1.5);
    same(&[s / t, s / &t, &s / t, &s / &t, s / -0.5, 3.0 / t, 3.0 / &t], -6.0);
    same(&[-t, -&t, t * -1.0, 0.0 - t], 0.5);
    same(&[s.max(t), t.max(s), s.min(g.constant(7.0))], 3.0);
}

#[test]
fn constants_of_every_kind_are_data() {
    let g = Graph::new();
    let (x, ..) = with(&g);
    let big = DMatrix::from_fn(4, 5, |i, j| (10 * i + j) as f64);
    let corner = dmatrix![11.0, 12.0; 21.0, 22.0];
    let fixed = nalgebra::matrix![11.0, 12.0; 21.0, 22.0];
    let ways = [
        g.data(big.view((1, 1), (2, 2))),
        g.data(&corner),
        g.data(&fixed),
        g.data(&[11.0, 21.0, 12.0, 22.0]).reshape(2, 2),
    ];
    let a = dmatrix![1.0, 2.0; 3.0, 4.0];
    for c in ways {
        all_give(&g, &[x * c], &a * &corner);
        all_give(&g, &[c - x], &corner - &a);
    }
    all_give(&g, &[x + g.identity(2)], &a + DMatrix::identity(2, 2));
    all_give(&g, &[x - g.repeat(2, 2, 1.5)], a.map(|x| x - 1.5));
    // Changing the source afterwards changes nothing: constants are copied.
    let mut source = corner.clone();
    let f = g.function(x * &source).unwrap();
    source.fill(0.0);
    assert_eq!(value(&f), &a * &corner);
}

#[test]
fn the_snippet_of_the_first_page_compiles_as_written() -> hessite::Result<()> {
    let g = Graph::new();
    let x = g.matrix("X", 3, 3);
    let y = g.matrix("Y", 3, 3);
    let f = g.function((x * x * y).norm())?;
    let (x0, y0) = (DMatrix::identity(3, 3) * 2.0, DMatrix::from_element(3, 3, 0.5));
    let (v, w) = (DMatrix::from_element(3, 3, 1.0), DMatrix::identity(3, 3));
    let at = f.at(&[x.is(&x0), y.is(&y0)])?;
    let hxy = at.block(x, y)?;
    let hyy = at.block(y, y)?;
    let hv = at.hvp(&[x.is(&v), y.is(&w)])?;
    let directions = DMatrix::<f64>::identity(18, 2);
    let hs = at.hvp_many(&directions)?;
    let op = at.operator();
    let mut out = [0.0; 18];
    op.apply(directions.column(0).as_slice(), &mut out)?;
    assert_eq!(hs.column(0).as_slice(), out);
    assert_eq!((hxy.matrix().shape(), hyy.matrix().shape(), hv.of(x)?.shape()), ((9, 9), (9, 9), (3, 3)));
    Ok(())
}

#[test]
fn views_concatenations_and_reshapes_agree_with_nalgebra() {
    let g = Graph::new();
    let (x, y, ..) = with(&g);
    let (a, b) = (dmatrix![1.0, 2.0; 3.0, 4.0], dmatrix![0.5, -1.0; 1.5, 2.0]);
    all_give(&g, &[x.row(1), x.rows(1, 1), x.view((1, 0), (1, 2))], a.rows(1, 1).into_owned());
    all_give(&g, &[x.column(0), x.columns(0, 1)], a.columns(0, 1).into_owned());
    all_give(
        &g,
        &[x.row(0).vcat(x.row(1)), x.column(0).hcat(x.column(1)), x.reshape(4, 1).reshape(2, 2)],
        a.clone(),
    );
    all_give(&g, &[x.vcat(y).rows(1, 2)], dmatrix![3.0, 4.0; 0.5, -1.0]);
    all_give(&g, &[x.diagonal()], DMatrix::from_column_slice(2, 1, &[1.0, 4.0]));
    all_give(&g, &[x.diagonal().from_diagonal()], dmatrix![1.0, 0.0; 0.0, 4.0]);
    all_give(
        &g,
        &[x.trace().to_matrix(), x.entry(0, 0).to_matrix() + x.entry(1, 1).to_matrix()],
        dmatrix![5.0],
    );
    all_give(&g, &[x.row_sum()], dmatrix![4.0, 6.0]);
    all_give(&g, &[x.column_sum()], dmatrix![3.0; 7.0]);
    all_give(&g, &[x.component_mul(y), y.component_mul(x)], a.component_mul(&b));
    all_give(&g, &[x.component_div(y)], a.component_div(&b));
    all_give(&g, &[x.sup(y), y.sup(x)], a.sup(&b));
    all_give(&g, &[x.inf(y), y.inf(x)], a.inf(&b));
}

/// Whether a type can be compared, for types that are known.
struct Probe<T>(std::marker::PhantomData<T>);

trait Otherwise {
    const COMPARABLE: bool = false;
}

impl<T> Otherwise for Probe<T> {}

impl<T: PartialEq> Probe<T> {
    const COMPARABLE: bool = true;
}

/// What depends on a comparison of recorded values would be recorded for one point alone.
#[test]
fn handles_can_not_be_compared() {
    const { assert!(!Probe::<Matrix<'_>>::COMPARABLE && !Probe::<Scalar<'_>>::COMPARABLE) }
    const { assert!(Probe::<f64>::COMPARABLE, "what can be is found") }
}
