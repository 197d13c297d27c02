//! A symmetric block of which one half alone is computed is the block.

use hessite::{Function, Graph, Var};
use nalgebra::DMatrix;

fn entries(m: usize, n: usize, seed: f64) -> DMatrix<f64> {
    DMatrix::from_fn(m, n, |i, j| ((1 + i + m * j) as f64 * seed).sin())
}

/// Mean logsumexp of A·W + 1·b, whose own blocks are made by columns, with a term that is not.
fn sample(rows: usize, (m, n): (usize, usize), coupled: bool) -> (Function, Var, Var) {
    let g = Graph::new();
    let (w, b) = (g.matrix("W", m, n), g.matrix("b", 1, n));
    let z = g.data(&entries(rows, m, 0.7)) * w + b.broadcast(rows, n);
    let mut loss = z.row_logsumexp().sum() / rows as f64;
    if coupled {
        loss = loss + (w.transpose() * w).norm();
    }
    (g.function(loss).unwrap(), w.var(), b.var())
}

#[test]
fn halves_make_the_block_that_products_make() {
    for (rows, shape, coupled) in [
        (9, (16, 4), false),
        (9, (13, 7), false),
        (40, (20, 9), false),
        (9, (13, 7), true),
        (3, (70, 2), false),
    ] {
        let (f, w, b) = sample(rows, shape, coupled);
        let (w0, b0) = (entries(shape.0, shape.1, 0.3), entries(1, shape.1, 1.1));
        let at = f.at(&[w.is(&w0), b.is(&b0)]).unwrap();
        let n = w0.len() + b0.len();
        let products = at.hvp_many(&DMatrix::<f64>::identity(n, n)).unwrap();
        let scale = products.amax();
        let close = |a: &DMatrix<f64>, b: &DMatrix<f64>| (a - b).amax() <= 1e-13 * scale;
        let hessian = at.hessian(&[w, b]).unwrap();
        assert!(close(hessian.matrix(), &products), "{rows} {shape:?} {coupled}");
        let k = w0.len();
        let own = at.block(w, w).unwrap();
        assert!(close(own.matrix(), &products.view((0, 0), (k, k)).into_owned()), "{rows} {shape:?}");
        for chunk in at.hessian_chunks(5) {
            let (first, columns) = chunk.unwrap();
            assert!(close(&columns, &products.columns(first, columns.ncols()).into_owned()));
        }
    }
}
