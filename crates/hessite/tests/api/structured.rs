//! Structured variables: derivatives by packed coordinates against the chain rule with duplication matrices on those by
//! independent entries, both scales of coordinates, and what is refused.

use super::support::*;
use hessite::{Coordinates, Error, Graph, Matrix, Mode, Point, Structure, bind};
use nalgebra::{DMatrix, DVector, dmatrix};

const LINEAR: [Structure; 4] =
    [Structure::Symmetric, Structure::LowerTriangular, Structure::Diagonal, Structure::Skew];
const SCALES: [Coordinates; 2] = [Coordinates::Entries, Coordinates::Orthonormal];

/// Reproducible numbers in (−1, 1).
fn numbers(n: usize, seed: f64) -> Vec<f64> {
    (0..n).map(|k| ((k as f64 + seed) * 0.618_033_988_749_894_9 % 1.0) * 1.9 - 0.93).collect()
}

/// The matrix D with vec A = D x for coordinates x, from the definition of each structure.
fn duplication(structure: Structure, scale: Coordinates, n: usize) -> DMatrix<f64> {
    let root = if scale == Coordinates::Orthonormal { 0.5f64.sqrt() } else { 1.0 };
    let mut columns: Vec<DVector<f64>> = Vec::new();
    for j in 0..n {
        for i in j..n {
            let mut a = DMatrix::<f64>::zeros(n, n);
            match structure {
                Structure::Symmetric if i != j => (a[(i, j)], a[(j, i)]) = (root, root),
                Structure::Skew if i != j => (a[(i, j)], a[(j, i)]) = (root, -root),
                Structure::Skew => continue,
                Structure::Diagonal if i != j => continue,
                _ => a[(i, j)] = 1.0,
            }
            columns.push(DVector::from_column_slice(a.as_slice()));
        }
    }
    if columns.is_empty() { DMatrix::zeros(n * n, 0) } else { DMatrix::from_columns(&columns) }
}

/// A function of A n×n and Y n×2 in which entries of A meet each other and those of Y.
fn some<'g>(a: Matrix<'g>, y: Matrix<'g>) -> hessite::Scalar<'g> {
    let ay = a * a * y;
    ay.norm() + (a.sin() * y).norm_squared() + (a.transpose() * y).component_mul(ay).sum() + a.trace().exp()
}

/// The same function with A structured and with A unstructured, at the same point.
fn both(structure: Structure, scale: Coordinates, n: usize) -> (Point, Point, DMatrix<f64>) {
    let d = duplication(structure, scale, n);
    let x = numbers(d.ncols(), 1.0);
    let a = DMatrix::from_column_slice(n, n, (&d * DVector::from_vec(x)).as_slice());
    let y = DMatrix::from_column_slice(n, 2, &numbers(2 * n, 7.0));
    let at = |own: bool| {
        let g = Graph::new();
        let va = if own { g.structured("A", n, structure, scale) } else { g.matrix("A", n, n) };
        let vy = g.matrix("Y", n, 2);
        g.function(some(va, vy)).unwrap().at(&[va.is(&a), vy.is(&y)]).unwrap()
    };
    (at(true), at(false), d)
}

#[track_caller]
fn near(got: &DMatrix<f64>, expected: &DMatrix<f64>, what: &str) {
    assert_eq!(got.shape(), expected.shape(), "{what}");
    let largest = expected.iter().fold(1.0, |m: f64, x| m.max(x.abs()));
    let error = (got - expected).iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    assert!(error <= 1e-13 * largest, "{what}: {error:e}");
}

/// The duplication matrix of A beside the identity of Y.
fn with_y(d: &DMatrix<f64>, y: usize) -> DMatrix<f64> {
    let mut all = DMatrix::zeros(d.nrows() + y, d.ncols() + y);
    all.view_mut((0, 0), d.shape()).copy_from(d);
    all.view_mut(d.shape(), (y, y)).fill_with_identity();
    all
}

#[test]
fn derivatives_are_contracted_with_the_duplication_matrix() {
    // 16×16 is large enough for unit directions to be carried as such.
    for (n, structure, scale) in [0, 1, 2, 3, 16]
        .into_iter()
        .flat_map(|n| LINEAR.into_iter().flat_map(move |structure| SCALES.map(|scale| (n, structure, scale))))
    {
        let what = format!("{structure}, {scale:?}, {n}");
        let (own, free, d) = both(structure, scale, n);
        let all = with_y(&d, 2 * n);
        assert_eq!(own.value(), free.value(), "{what}");
        let column = |v: DVector<f64>| DMatrix::from_column_slice(v.len(), 1, v.as_slice());
        let gradient = column(own.gradient().unwrap().stacked());
        near(&gradient, &(all.transpose() * column(free.gradient().unwrap().stacked())), &what);
        let h = own.hessian(&["A", "Y"]).unwrap().into_matrix();
        let expected = all.transpose() * free.hessian(&["A", "Y"]).unwrap().matrix() * &all;
        near(&h, &expected, &what);
        near(&h, &h.transpose(), &what);
        let (p, m) = (d.ncols(), 2 * n);
        near(own.block("A", "Y").unwrap().matrix(), &h.view((0, p), (p, m)).into_owned(), &what);
        near(own.block("Y", "A").unwrap().matrix(), &h.view((p, 0), (m, p)).into_owned(), &what);
        near(&own.hvp_many(&DMatrix::<f64>::identity(p + m, p + m)).unwrap(), &h, &what);
        if p > 0 {
            assert!(own.check().unwrap().passed(), "{what}");
        }
    }
}

#[test]
fn as_matrices_of_the_structure_they_are_projected() {
    for (structure, scale) in LINEAR.into_iter().flat_map(|s| SCALES.map(|c| (s, c))) {
        let what = format!("{structure}, {scale:?}");
        let n = 4;
        let (own, free, _) = both(structure, scale, n);
        // D with orthonormal columns: the projector on the structure is DDᵀ, whatever the scale asked for.
        let d = duplication(structure, Coordinates::Orthonormal, n);
        near(&(d.transpose() * &d), &DMatrix::identity(d.ncols(), d.ncols()), &what);
        let projector = &d * d.transpose();
        let vec = |a: &DMatrix<f64>| DMatrix::from_column_slice(a.len(), 1, a.as_slice());
        let (gradient, by_entries) = (own.gradient().unwrap(), free.gradient().unwrap());
        near(&vec(&gradient.structured("A").unwrap()), &(&projector * vec(&by_entries["A"])), &what);
        near(&gradient.structured("Y").unwrap(), &by_entries["Y"], &what);
        let h = free.block("A", "A").unwrap().into_matrix();
        let full = own.block("A", "A").unwrap().structured().unwrap();
        assert_eq!(full.shapes(), ((n, n), (n, n)));
        near(full.matrix(), &(&projector * h * &projector), &what);
        let whole = own.hessian(&["Y", "A"]).unwrap().structured().unwrap();
        for (a, b) in [("A", "A"), ("A", "Y"), ("Y", "A"), ("Y", "Y")] {
            let block = own.block(a, b).unwrap().structured().unwrap();
            near(&whole.block(a, b).unwrap().into_owned(), block.matrix(), &what);
        }
        let mixed = own.block("Y", "A").unwrap().structured().unwrap();
        near(mixed.matrix(), &(free.block("Y", "A").unwrap().matrix() * &projector), &what);

        // Along a direction of the structure, given either way.
        let x = numbers(d.ncols(), 11.0);
        let packed = own.hvp(&[bind("A", &x).packed()]).unwrap();
        let v = own.function().unpack("A", &x).unwrap();
        let expected = duplication(structure, scale, n) * DVector::from_column_slice(&x);
        assert_close(v.as_slice(), expected.as_slice(), &what);
        let whole = own.hvp(&[bind("A", &v)]).unwrap();
        near(&packed["A"], &whole["A"], &what);
        let product = free.hvp(&[bind("A", &v)]).unwrap();
        near(&vec(&whole.structured("A").unwrap()), &(&projector * vec(&product["A"])), &what);
        near(&whole["Y"], &product["Y"], &what);
        // And along two, three.
        let slope = own.jvp(&[bind("A", &v)]).unwrap();
        near(&slope, &free.jvp(&[bind("A", &v)]).unwrap(), &what);
        let (u2, f2) =
            (own.second(&[bind("A", &v)], &[bind("A", &v)]), free.second(&[bind("A", &v)], &[bind("A", &v)]));
        near(&u2.unwrap(), &f2.unwrap(), &what);
        let third = own.third(&[bind("A", &v)], &[bind("A", &v)]).unwrap();
        let of = free.third(&[bind("A", &v)], &[bind("A", &v)]).unwrap();
        near(&vec(&third.structured("A").unwrap()), &(&projector * vec(&of["A"])), &what);
    }
}

/// The factor 2 off the diagonal, by hand: L = ½ tr S² has D = S by independent entries.
#[test]
fn a_coordinate_off_the_diagonal_moves_two_entries() {
    let s0 = dmatrix![1.0, 2.0; 2.0, 5.0];
    let r = 2f64.sqrt();
    let expected = [
        (Coordinates::Entries, [1.0, 4.0, 5.0], [1.0, 2.0, 1.0]),
        (Coordinates::Orthonormal, [1.0, 2.0 * r, 5.0], [1.0, 1.0, 1.0]),
    ];
    for (scale, gradient, diagonal) in expected {
        let g = Graph::new();
        let s = g.structured("S", 2, Structure::Symmetric, scale);
        let at = g.function((s * s).trace() * 0.5).unwrap().at(&[s.is(&s0)]).unwrap();
        let h = DMatrix::from_diagonal(&DVector::from_column_slice(&diagonal));
        all_ways_packed(&at, &gradient, &h);
        near(&at.gradient().unwrap().structured(s).unwrap(), &s0, "S");
    }
}

fn all_ways_packed(at: &Point, gradient: &[f64], h: &DMatrix<f64>) {
    assert_close(at.gradient().unwrap().stacked().as_slice(), gradient, "gradient");
    assert_close(at.hessian(&["S"]).unwrap().matrix().as_slice(), h.as_slice(), "hessian");
    assert_close(at.jacobian("S").unwrap().matrix().as_slice(), gradient, "jacobian");
}

#[test]
fn orthonormal_coordinates_keep_lengths() {
    for structure in LINEAR {
        let g = Graph::new();
        let a = g.structured("A", 4, structure, Coordinates::Orthonormal);
        let f = g.function(a.norm_squared()).unwrap();
        let x = numbers(f.dimension(), 3.0);
        let at = f.at_stacked(&x).unwrap();
        let length: f64 = x.iter().map(|x| x * x).sum();
        assert_close(&[at.value()], &[length], "length");
        let n = f.dimension();
        near(at.hessian(&[a]).unwrap().matrix(), &(DMatrix::identity(n, n) * 2.0), "2I");
        assert_close(f.stack(&[a.is(&f.unpack(a, &x).unwrap())]).unwrap().as_slice(), &x, "there and back");
    }
}

#[test]
fn log_cholesky_coordinates_have_the_closed_forms() {
    for n in [1, 2, 4, 7] {
        let g = Graph::new();
        let a = g.positive_definite("A", n);
        let (trace, log) = (g.function(a.trace()).unwrap(), g.function(a.log_determinant()).unwrap());
        let places: Vec<(usize, usize)> = (0..n).flat_map(|j| (j..n).map(move |i| (i, j))).collect();
        let x = numbers(places.len(), 2.0);
        // tr A = Σ Lᵢⱼ², with Lᵢᵢ = exp xᵢᵢ.
        let size = |k: usize| if places[k].0 == places[k].1 { x[k].exp() } else { x[k] };
        let on = |k: usize, yes: f64, no: f64| if places[k].0 == places[k].1 { yes } else { no };
        let p = places.len();
        let at = trace.at(&[a.is(&x).packed()]).unwrap();
        let value: f64 = (0..p).map(|k| size(k) * size(k)).sum();
        let gradient: Vec<f64> = (0..p).map(|k| 2.0 * size(k) * on(k, size(k), 1.0)).collect();
        let h = DMatrix::from_fn(p, p, |i, j| if i == j { on(i, 4.0 * size(i) * size(i), 2.0) } else { 0.0 });
        assert_close(&[at.value()], &[value], "trace");
        assert_close(at.gradient().unwrap().stacked().as_slice(), &gradient, "gradient of the trace");
        near(at.hessian(&[a]).unwrap().matrix(), &h, "hessian of the trace");
        // ln det A = 2 Σ xᵢᵢ is linear.
        let at = log.at_stacked(&x).unwrap();
        let slopes: Vec<f64> = (0..p).map(|k| on(k, 2.0, 0.0)).collect();
        assert_close(&[at.value()], &[(0..p).map(|k| slopes[k] * x[k]).sum()], "log-determinant");
        near(&at.gradient().unwrap()["A"], &DMatrix::from_column_slice(p, 1, &slopes), "slopes");
        near(at.hessian(&[a]).unwrap().matrix(), &DMatrix::zeros(p, p), "flat");
        assert!(log.at_stacked(&x).unwrap().check().unwrap().passed());

        // The matrix gives its coordinates.
        let matrix = log.unpack(a, &x).unwrap();
        assert_close(log.stack(&[a.is(&matrix)]).unwrap().as_slice(), &x, "coordinates");
        assert_close(&[log.at(&[a.is(&matrix)]).unwrap().value()], &[at.value()], "by its matrix");
        assert!(at.gradient().unwrap().structured(a).is_err());
        assert!(at.block(a, a).unwrap().structured().is_err());
        assert!(at.hessian(&[a]).unwrap().structured().is_err());
        match at.hvp(&[a.is(&matrix)]) {
            Err(Error::Binding { name, why }) => assert!(name == "A" && why.contains(".packed()"), "{why}"),
            other => panic!("{other:?}"),
        }
        assert!(matches!(at.third(&[a.is(&matrix)], &[a.is(&matrix)]), Err(Error::Binding { .. })));
    }
}

/// By the chain rule, H = JᵀH_A J + Σ (∇_A)ₖ ∇²Aₖ.
#[test]
fn log_cholesky_coordinates_obey_the_chain_rule() {
    let g = Graph::new();
    let (a, y) = (g.positive_definite("A", 3), g.matrix("Y", 3, 2));
    let of_matrix = g.matrix("B", 3, 3);
    let (f, map, plain) =
        (g.function(some(a, y)).unwrap(), g.function(a).unwrap(), g.function(some(of_matrix, y)).unwrap());
    let (x, y0) = (numbers(6, 5.0), DMatrix::from_column_slice(3, 2, &numbers(6, 9.0)));
    let zero = DMatrix::zeros(3, 3);
    let b0 = f.unpack(a, &x).unwrap();
    let point = [a.is(&x).packed(), y.is(&y0), of_matrix.is(&zero)];
    let (at, map) = (f.at(&point).unwrap(), map.at(&point).unwrap());
    let plain = plain.at(&[a.is(&x).packed(), y.is(&y0), of_matrix.is(&b0)]).unwrap();
    let j = map.jacobian(a).unwrap().into_matrix();
    let slope = plain.gradient().unwrap()["B"].clone();
    let h = plain.block(of_matrix, of_matrix).unwrap().into_matrix();
    let curved = map.weighted_hessian(&slope, &[a]).unwrap().into_matrix();
    near(at.block(a, a).unwrap().matrix(), &(j.transpose() * h * &j + curved), "H");
    near(
        at.block(a, y).unwrap().matrix(),
        &(j.transpose() * plain.block(of_matrix, y).unwrap().matrix()),
        "mixed",
    );
    // The map itself: A₁₀ = L₁₀ exp x₀₀.
    assert_close(&[j[(1, 0)], j[(1, 1)]], &[x[1] * x[0].exp(), x[0].exp()], "J");
}

#[test]
fn a_matrix_of_another_structure_is_refused_by_entry() {
    type Declare = for<'g> fn(&'g Graph, &str) -> Matrix<'g>;
    type Case = (Declare, DMatrix<f64>, (usize, usize), &'static str);
    let cases: [Case; 9] = [
        (|g, s| g.symmetric(s, 2), dmatrix![1.0, 2.0; 3.0, 4.0], (0, 1), "is 2, not (1, 0) = 3"),
        (|g, s| g.symmetric(s, 2), dmatrix![1.0, 2.0; 2.00000001, 4.0], (0, 1), "is 2, not (1, 0)"),
        (|g, s| g.lower_triangular(s, 2), dmatrix![1.0, 1e-300; 3.0, 4.0], (0, 1), "not 0"),
        (|g, s| g.diagonal(s, 2), dmatrix![1.0, 0.0; 3.0, 4.0], (1, 0), "is 3, not 0"),
        (|g, s| g.diagonal(s, 2), dmatrix![1.0, 5.0; 0.0, 4.0], (0, 1), "is 5, not 0"),
        (|g, s| g.skew(s, 2), dmatrix![0.0, 2.0; 2.0, 0.0], (0, 1), "is 2, not −(1, 0) = -2"),
        (|g, s| g.skew(s, 2), dmatrix![0.0, 2.0; -2.0, 1.0], (1, 1), "is 1, not 0"),
        (
            |g, s| g.positive_definite(s, 2),
            dmatrix![1.0, 2.0; 2.0, 4.0],
            (1, 1),
            "not positive definite (pivot 0)",
        ),
        (|g, s| g.positive_definite(s, 2), dmatrix![1.0, 2.0; 1.0, 4.0], (0, 1), "is 2, not (1, 0) = 1"),
    ];
    for (declare, matrix, at, why) in cases {
        let g = Graph::new();
        let s = declare(&g, "S");
        let f = g.function(s.norm()).unwrap();
        for mode in [Mode::Ieee, Mode::Checked] {
            match f.with_mode(mode).at(&[s.is(&matrix)]) {
                Err(e @ Error::Structure { index, .. }) => {
                    assert_eq!(index, at, "{e}");
                    assert!(e.to_string().contains(why), "{e}");
                    assert!(e.to_string().starts_with("S is declared "), "{e}");
                }
                other => panic!("{other:?}"),
            }
            // By name, and as a slice with all entries.
            assert!(matches!(f.at(&[bind("S", matrix.as_slice())]), Err(Error::Structure { .. })));
        }
    }
    // Rounding is no fault; the lower triangle is read.
    let g = Graph::new();
    let s = g.symmetric("S", 2);
    let f = g.function(s).unwrap();
    let at = f.at(&[s.is(&dmatrix![1.0, 2.0; 2.0 + 1e-15, 4.0])]).unwrap();
    assert_eq!(at.value_matrix(), dmatrix![1.0, 2.0 + 1e-15; 2.0 + 1e-15, 4.0]);
    // A direction is held to it too.
    let l = g.function(s.norm()).unwrap().at(&[s.is(&[1.0, 2.0, 2.0, 1.0])]).unwrap();
    assert!(matches!(l.hvp(&[s.is(&[0.0, 1.0, 0.0, 0.0])]), Err(Error::Structure { .. })));
}

#[test]
fn shapes_and_numbers_are_checked_in_the_words_of_the_structure() {
    let g = Graph::new();
    let s = g.symmetric("S", 3);
    let f = g.function(s.norm()).unwrap();
    assert_eq!((s.shape(), f.dimension()), ((3, 3), 6));
    assert_eq!(f.variables().collect::<Vec<_>>(), [("S", (6, 1))]);
    let words = |b: hessite::Binding<'_>| f.at(&[b]).unwrap_err().to_string();
    assert_eq!(
        words(s.is(&[1.0; 6])),
        "S: expected 3x3 symmetric, or 6 coordinates with .packed(), got 6 numbers"
    );
    assert_eq!(
        words(s.is(&[1.0; 9]).packed()),
        "S: expected 6 coordinates of a 3x3 symmetric, got 9 numbers"
    );
    assert_eq!(
        words(s.is(&DMatrix::from_element(2, 3, 1.0))),
        "S: expected 3x3 symmetric, or 6 coordinates with .packed(), got 2x3"
    );
    let mut a = DMatrix::from_element(3, 3, 1.0);
    (a[(2, 1)], a[(1, 2)]) = (f64::NAN, f64::NAN);
    match f.at(&[s.is(&a)]) {
        Err(Error::NonFiniteInput { name, index, .. }) => assert_eq!((&name[..], index), ("S", (2, 1))),
        other => panic!("{other:?}"),
    }
    let left_out = f.at(&[]).unwrap_err().to_string();
    assert!(left_out.contains("left unbound; it is 3x3 and declared at"), "{left_out}");
    assert!(
        f.at(&[s.is(&[1.0; 9]), bind("S", &[1.0; 6]).packed()])
            .unwrap_err()
            .to_string()
            .contains("bound twice")
    );
    assert!(f.unpack("S", &[1.0; 5]).is_err() && f.unpack("T", &[1.0; 6]).is_err());
    // Words on an unstructured variable: nothing changes.
    let g = Graph::new();
    let x = g.matrix("X", 2, 2);
    let f = g.function(x.norm_squared()).unwrap();
    assert_eq!(f.at(&[x.is(&[1.0; 4]).packed()]).unwrap().value(), 4.0);
    assert_eq!(f.unpack(x, &[1.0, 2.0, 3.0, 4.0]).unwrap(), dmatrix![1.0, 3.0; 2.0, 4.0]);
    // Shape errors know the variable by its name.
    let g = Graph::new();
    let (s, x) = (g.symmetric("S", 2), g.matrix("X", 3, 2));
    let e = g.function(s * x).unwrap_err().to_string();
    assert!(e.starts_with("S*X: S is 2x2, X is 3x2 (inner 2 != 3); S declared at"), "{e}");
    let g = Graph::new();
    let _ = (g.symmetric("S", 2), g.skew("S", 2));
    assert!(matches!(g.function(g.constant(1.0)), Err(Error::Declaration { .. })));
    let g = Graph::new();
    let large = g.diagonal("D", 1 << 40);
    assert!(matches!(g.function(large), Err(Error::Declaration { .. })));
}

#[test]
fn results_print_what_their_indices_are() {
    let g = Graph::new();
    let s = g.structured("S", 2, Structure::Symmetric, Coordinates::Orthonormal);
    let at = g.function((s * s).trace()).unwrap().at(&[s.is(&[1.0, 2.0, 2.0, 3.0])]).unwrap();
    let block = at.block(s, s).unwrap();
    let title = "d2L/dA_ij dB_kl [(i,j) of S 3x1 (packed 2x2 symmetric, orthonormal), (k,l) of S 3x1 (packed";
    assert!(block.to_string().starts_with(title), "{block}");
    let full = block.structured().unwrap();
    assert!(full.to_string().starts_with("d2L/dA_ij dB_kl [(i,j) of S 2x2, (k,l) of S 2x2]"), "{full}");
    assert!(at.hessian(&[s]).unwrap().to_string().contains("S 3x1 (packed 2x2 symmetric, orthonormal)"));
    let c = at.check().unwrap();
    let place = hessite_check::Place { row: Some(1), along: hessite_check::Along::Coordinate(2) };
    assert_eq!(c.name(place), "d²L/dS[(1,0)]dS[(1,1)]");
}
