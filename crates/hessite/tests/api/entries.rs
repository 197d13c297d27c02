//! What goes in: nalgebra matrices of any storage, views contiguous or not, slices, arrays, vectors, numbers; under a
//! handle, its key or its name.

use hessite::{Binding, Entries, Function, Graph, bind};
use nalgebra::{DMatrix, DVector, Matrix3, RowDVector, SMatrix, Vector3};

/// Σ of entries weighted by their place, so that any change of order shows.
fn weighted(rows: usize, cols: usize) -> Function {
    let g = Graph::new();
    let x = g.matrix("X", rows, cols);
    let w = DMatrix::from_fn(rows, cols, |i, j| (1 + i + rows * j) as f64);
    g.function(x.dot(g.data(&w))).unwrap()
}

#[track_caller]
fn gives(f: &Function, entries: Binding<'_>, column_major: &[f64]) {
    let expected: f64 = column_major.iter().enumerate().map(|(e, x)| (1 + e) as f64 * x).sum();
    assert_eq!(f.at(&[entries]).unwrap().value(), expected);
}

#[test]
fn every_source_is_read_column_by_column() {
    let f = weighted(3, 3);
    let flat = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
    let fixed = Matrix3::from_column_slice(&flat);
    let dynamic = DMatrix::from_column_slice(3, 3, &flat);
    let vector = flat.to_vec();
    gives(&f, bind("X", &fixed), &flat);
    gives(&f, bind("X", &dynamic), &flat);
    gives(&f, bind("X", &flat), &flat);
    gives(&f, bind("X", &flat[..]), &flat);
    gives(&f, bind("X", &vector), &flat);
    gives(&f, bind("X", fixed.fixed_view::<3, 3>(0, 0)), &flat);
    let named = String::from("X");
    gives(&f, bind(&named, &flat), &flat);
}

#[test]
fn views_need_not_be_contiguous() {
    let f = weighted(2, 3);
    let big = DMatrix::from_fn(7, 8, |i, j| (10 * i + j) as f64);
    gives(&f, bind("X", big.view((1, 2), (2, 3))), &[12.0, 22.0, 13.0, 23.0, 14.0, 24.0]);
    // Every other row, every third column.
    gives(&f, bind("X", big.view_with_steps((1, 1), (2, 3), (1, 2))), &[11.0, 31.0, 14.0, 34.0, 17.0, 37.0]);
    gives(&f, bind("X", big.fixed_view::<2, 3>(0, 0)), &[0.0, 10.0, 1.0, 11.0, 2.0, 12.0]);
    let fixed = SMatrix::<f64, 4, 4>::from_fn(|i, j| (10 * i + j) as f64);
    gives(&f, bind("X", fixed.view((2, 1), (2, 3))), &[21.0, 31.0, 22.0, 32.0, 23.0, 33.0]);
    let row = weighted(1, 8);
    gives(&row, bind("X", big.row(1)), &[10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0]);
    let column = weighted(7, 1);
    gives(&column, bind("X", big.column(2)), &[2.0, 12.0, 22.0, 32.0, 42.0, 52.0, 62.0]);
}

#[test]
fn vectors_rows_and_numbers() {
    let column = weighted(3, 1);
    gives(&column, bind("X", &Vector3::new(1.0, 2.0, 3.0)), &[1.0, 2.0, 3.0]);
    gives(&column, bind("X", &DVector::from_vec(vec![1.0, 2.0, 3.0])), &[1.0, 2.0, 3.0]);
    let row = weighted(1, 3);
    gives(&row, bind("X", &RowDVector::from_vec(vec![1.0, 2.0, 3.0])), &[1.0, 2.0, 3.0]);
    // Only a slice, which has no shape, serves both.
    assert!(row.at(&[bind("X", &Vector3::new(1.0, 2.0, 3.0))]).is_err());
    gives(&row, bind("X", &[1.0, 2.0, 3.0]), &[1.0, 2.0, 3.0]);
    let one = weighted(1, 1);
    gives(&one, bind("X", 5.0), &[5.0]);
    gives(&one, bind("X", &[5.0]), &[5.0]);
    gives(&one, bind("X", &DMatrix::from_element(1, 1, 5.0)), &[5.0]);
}

#[test]
fn entries_tell_shape_and_content() {
    let m = DMatrix::from_fn(2, 3, |i, j| (i + 2 * j) as f64);
    let e = Entries::from(&m);
    assert_eq!((e.shape(), e.as_slice()), (Some((2, 3)), &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0][..]));
    let e = Entries::from(m.view((1, 1), (1, 2)));
    assert_eq!((e.shape(), e.as_slice()), (Some((1, 2)), &[3.0, 5.0][..]));
    let e = Entries::from(&[1.0, 2.0]);
    assert_eq!((e.shape(), e.as_slice()), (None, &[1.0, 2.0][..]));
    let e = Entries::from(4.0);
    assert_eq!((e.shape(), e.as_slice()), (None, &[4.0][..]));
}

#[test]
fn a_handle_its_key_and_its_name_are_one_variable() {
    let g = Graph::new();
    let (x, s) = (g.matrix("X", 1, 2), g.scalar("s"));
    let f = g.function(x.norm_squared() * s).unwrap();
    let (kx, ks) = (x.var(), s.var());
    let v = [1.0, 2.0];
    let points = [
        f.at(&[x.is(&v), s.is(3.0)]).unwrap(),
        f.at(&[s.is(3.0), x.is(&v)]).unwrap(),
        f.at(&[kx.is(&v), ks.is(3.0)]).unwrap(),
        f.at(&[bind("X", &v), bind(ks, 3.0)]).unwrap(),
        f.at(&[bind(x, &v), bind("s", 3.0)]).unwrap(),
    ];
    for p in &points {
        assert_eq!(p.value(), 15.0);
        let b = p.block(x, s).unwrap();
        assert_eq!(b.matrix().as_slice(), [2.0, 4.0]);
        assert_eq!(p.block(kx, "s").unwrap(), b);
        assert_eq!(p.block("X", ks).unwrap(), b);
        let g = p.gradient().unwrap();
        assert_eq!(g.of(x).unwrap(), g.of("X").unwrap());
        assert_eq!(g.of(ks).unwrap(), &g["s"]);
        assert_eq!(p.hessian(&[kx, ks]).unwrap(), p.hessian(&["X", "s"]).unwrap());
        assert_eq!(p.hessian(&[x]).unwrap(), p.hessian(&["X"]).unwrap());
    }
}

#[test]
fn what_goes_in_is_not_changed() {
    let f = weighted(2, 2);
    let x = DMatrix::from_element(2, 2, 0.1);
    let kept = x.clone();
    let p = f.at(&[bind("X", &x)]).unwrap();
    p.hvp(&[bind("X", &x)]).unwrap();
    p.hvp_many(&DMatrix::from_element(4, 9, 0.3)).unwrap();
    assert_eq!(x, kept);
}
