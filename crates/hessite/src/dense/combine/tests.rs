use super::*;
use crate::tests::Rng;

/// factor · c∘t, entry by entry.
fn by_hand(factor: f64, coef: Option<View<'_>>, base: View<'_>, out: &ViewMut<'_>, add: bool) -> Vec<f64> {
    let at = |x: &View<'_>, i: usize, j: usize, l: usize| {
        let (i, j) = (if x.rows == 1 { 0 } else { i }, if x.cols == 1 { 0 } else { j });
        x.data[(i + x.rows * j) * x.lanes + if x.lanes == 1 { 0 } else { l }]
    };
    let mut all = Vec::new();
    for j in 0..out.cols {
        for i in 0..out.rows {
            for l in 0..out.lanes {
                let y = factor * coef.map_or(1.0, |c| at(&c, i, j, l)) * at(&base, i, j, l);
                all.push(if add { out.data[all.len()] + y } else { y });
            }
        }
    }
    all
}

/// Arrays of 70×3 have columns longer than a piece of the general walk from 4 lanes on.
#[test]
fn every_mixture_of_repeated_arrays_and_lanes_is_the_sum_by_hand() {
    let mut rng = Rng(3);
    for (rows, cols) in [(70, 3), (2, 2), (1, 1), (1, 4), (5, 1), (0, 2)] {
        let shapes = [(rows, cols), (1, cols), (rows, 1), (1, 1)];
        for lanes in [1, 2, 3, 4, 5, 8, 16] {
            for (k, base_lanes) in [(0, lanes), (1, lanes), (2, lanes), (3, lanes), (0, 1), (3, 1)] {
                let coefs = [0, 1, 2, 3].map(Some).into_iter().chain([None]);
                for (coef, coef_lanes) in coefs.flat_map(|c| [(c, 1), (c, lanes)]) {
                    let ((p, q), c) = (shapes[k], shapes[coef.unwrap_or(0)]);
                    let (t, w) = (
                        rng.numbers(p * q * base_lanes, -1.0, 1.0),
                        rng.numbers(c.0 * c.1 * coef_lanes, -1.0, 1.0),
                    );
                    let base = View { data: &t, rows: p, cols: q, lanes: base_lanes };
                    let coef = coef.map(|_| View { data: &w, rows: c.0, cols: c.1, lanes: coef_lanes });
                    for add in [false, true] {
                        let mut data = rng.numbers(rows * cols * lanes, -1.0, 1.0);
                        let mut out = ViewMut { data: &mut data, rows, cols, lanes };
                        let expected = by_hand(-0.75, coef, base, &out, add);
                        term(-0.75, coef, base, out.reborrow(), add);
                        for (x, y) in data.iter().zip(&expected) {
                            // Three roundings of numbers up to 2.
                            assert!(
                                (x - y).abs() <= 4.0 * f64::EPSILON,
                                "{x} {y}: {rows}x{cols}, {lanes} lanes"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn outer_products_add_up_among_other_terms() {
    let mut rng = Rng(5);
    for ((rows, cols), lanes) in [(7, 3), (2, 2), (1, 4), (5, 1), (0, 2)]
        .into_iter()
        .flat_map(|shape| [1, 3, 4, 8, 16].map(|lanes| (shape, lanes)))
    {
        for count in 0..11 {
            // Tall times wide, wide times tall, and now and then an array of its own.
            let shapes = |k: usize| match k % 5 {
                3 => ((rows, cols), None),
                k if k % 2 == 0 => ((1, cols), Some((rows, 1))),
                _ => ((rows, 1), Some((1, cols))),
            };
            let mut numbers = |(p, q): (usize, usize)| (p, q, rng.numbers(p * q * lanes, -1.0, 1.0));
            let arrays: Vec<_> =
                (0..count).map(|k| (numbers(shapes(k).0), shapes(k).1.map(&mut numbers))).collect();
            let terms: Vec<Term<'_>> = arrays
                .iter()
                .enumerate()
                .map(|(k, (base, coef))| {
                    let factor = 0.5 - k as f64;
                    let base = View { data: &base.2, rows: base.0, cols: base.1, lanes };
                    let coef = coef.as_ref().map(|c| View { data: &c.2, rows: c.0, cols: c.1, lanes });
                    Term { factor, coef, base }
                })
                .collect();
            for add in [false, true] {
                let mut data = vec![3.0; rows * cols * lanes];
                let mut expected = if add { data.clone() } else { vec![0.0; data.len()] };
                let mut out = ViewMut { data: &mut data, rows, cols, lanes };
                for t in &terms {
                    let term = by_hand(t.factor, t.coef, t.base, &out, false);
                    expected.iter_mut().zip(term).for_each(|(x, t)| *x += t);
                }
                sum(terms.iter().copied(), out.reborrow(), add);
                // Ten products of up to 10 and their sums.
                let near = |(x, y): (&f64, &f64)| (x - y).abs() <= 20.0 * 50.0 * f64::EPSILON;
                assert!(data.iter().zip(&expected).all(near), "{rows}x{cols}, {lanes} lanes, {count} terms");
            }
        }
    }
}
