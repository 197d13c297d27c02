//! The question that hessite began with, ‖XXY‖ at X = [[1,2],[3,4]], Y = [[½,−1],[1½,2]]; the conventions of indices;
//! and how results read.

use super::support::*;
use hessite::{Function, Graph, Point, bind};
use nalgebra::{DMatrix, dmatrix};

fn question() -> (Function, Point) {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 2, 2), g.matrix("Y", 2, 2));
    let f = g.function((x * x * y).norm()).unwrap();
    let p = f.at(&[x.is(&dmatrix![1.0, 2.0; 3.0, 4.0]), y.is(&dmatrix![0.5, -1.0; 1.5, 2.0])]).unwrap();
    (f, p)
}

/// To the last printed digit of a published number.
#[track_caller]
fn printed(got: f64, digits4: f64) {
    assert!((got - digits4).abs() <= 0.5e-4 + 1e-12, "{got} is not {digits4}");
}

#[test]
fn the_value_and_the_mixed_block() {
    let (_, p) = question();
    printed(p.value(), 54.7037);
    let h = p.block("X", "Y").unwrap();
    printed(h[(0, 0, 0, 0)], 3.4885);
    let over_kk = dmatrix![2.7769, 4.2288; 4.5944, 7.5015];
    let over_ii = dmatrix![5.1524, 3.6153; 7.3245, 5.1260];
    for a in 0..2 {
        for b in 0..2 {
            // Σₖ H[i,j,k,k] and Σᵢ H[i,i,k,l].
            printed((0..2).map(|k| h[(a, b, k, k)]).sum(), over_kk[(a, b)]);
            printed((0..2).map(|i| h[(i, i, a, b)]).sum(), over_ii[(a, b)]);
        }
    }
}

#[test]
fn the_mixed_block_is_the_derivative_of_the_gradient() {
    // d/dX_ij of dL/dY_kl by central differences of the exact gradient: error h²·|third derivative| ~ 1e-8.
    let (f, p) = question();
    let h = p.block("X", "Y").unwrap();
    let (x, y) = (dmatrix![1.0, 2.0; 3.0, 4.0], dmatrix![0.5, -1.0; 1.5, 2.0]);
    let step = 1e-4;
    for e in 0..4 {
        let moved = |s: f64| {
            let mut x = x.clone();
            x[e] += s;
            f.at(&[bind("X", &x), bind("Y", &y)]).unwrap().gradient().unwrap()["Y"].clone()
        };
        let slope = (moved(step) - moved(-step)) / (2.0 * step);
        for k in 0..4 {
            assert!((slope[k] - h[(e % 2, e / 2, k % 2, k / 2)]).abs() < 1e-6);
        }
    }
}

/// A function of non-square variables, sizes all different: ‖A·B‖² + Σ sin A, A 2×3 and B 3×4.
fn oblong() -> (Function, Point) {
    let g = Graph::new();
    let (a, b) = (g.matrix("A", 2, 3), g.matrix("B", 3, 4));
    let f = g.function((a * b).norm_squared() + a.sin().sum()).unwrap();
    let a0 = DMatrix::from_fn(2, 3, |i, j| 0.5 + i as f64 - 0.7 * j as f64);
    let b0 = DMatrix::from_fn(3, 4, |i, j| 1.0 - 0.3 * i as f64 + 0.2 * (j * j) as f64);
    let p = f.at(&[a.is(&a0), b.is(&b0)]).unwrap();
    (f, p)
}

#[test]
fn a_block_is_indexed_by_the_four_indices_and_as_a_matrix() {
    let (_, p) = oblong();
    let ab = p.block("A", "B").unwrap();
    let ba = p.block("B", "A").unwrap();
    assert_eq!(ab.shapes(), ((2, 3), (3, 4)));
    assert_eq!(ba.shapes(), ((3, 4), (2, 3)));
    assert_eq!(ab.matrix().shape(), (6, 12));
    // block(a, b) = block(b, a)ᵀ, both being made from the smaller side.
    assert_eq!(ab.matrix().transpose(), *ba.matrix());
    for (i, j, k, l) in (0..72).map(|e| (e % 2, e / 2 % 3, e / 6 % 3, e / 18)) {
        assert_eq!(ab[(i, j, k, l)], ba[(k, l, i, j)]);
        assert_eq!(ab[(i, j, k, l)], ab.matrix()[(i + 2 * j, k + 3 * l)]);
        assert_eq!(ab.for_row_entry(i, j).unwrap()[(k, l)], ab[(i, j, k, l)]);
    }
    for outside in [(2, 0, 0, 0), (0, 3, 0, 0), (0, 0, 3, 0), (0, 0, 0, 4), (usize::MAX, 0, 0, 0)] {
        assert_eq!(ab.get(outside), None);
    }
    assert!(ab.for_row_entry(2, 0).is_none() && ab.for_row_entry(0, 3).is_none());
    assert_eq!(ab.clone().into_matrix(), *ab.matrix());
}

#[test]
#[should_panic(expected = "index (0, 0, 3, 0) lies outside of ((2, 3), (3, 4))")]
fn indexing_a_block_outside_panics_as_indexing_does() {
    let _ = oblong().1.block("A", "B").unwrap()[(0, 0, 3, 0)];
}

#[test]
fn a_hessian_stacks_its_variables_in_the_order_asked_for() {
    let (f, p) = oblong();
    let (ab, ba) = (p.hessian(&["A", "B"]).unwrap(), p.hessian(&["B", "A"]).unwrap());
    for h in [&ab, &ba] {
        assert_eq!(h.matrix().shape(), (18, 18));
        assert_eq!(h.asymmetry(), 0.0, "mirrored");
        for (u, v) in [("A", "A"), ("A", "B"), ("B", "A"), ("B", "B")] {
            assert_close(
                h.block(u, v).unwrap().into_owned().as_slice(),
                p.block(u, v).unwrap().matrix().as_slice(),
                "block of the hessian",
            );
        }
    }
    assert_eq!(ab.matrix().view((0, 6), (6, 12)), ba.matrix().view((12, 0), (6, 12)));
    assert_eq!(f.dimension(), 18);
    assert_eq!(f.shape(), (1, 1));
    let variables: Vec<_> = f.variables().collect();
    assert_eq!(variables, [("A", (2, 3)), ("B", (3, 4))]);
}

#[test]
fn what_goes_into_slices_is_what_comes_out_as_matrices() {
    let (f, p) = oblong();
    let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let mut out = [7.0; 18];
    p.gradient_into(&mut out).unwrap();
    let g = p.gradient().unwrap();
    assert_eq!(out, g.stacked().as_slice());
    assert_eq!(g.of("A").unwrap().as_slice(), &out[..6]);
    assert_eq!(
        g.iter().map(|(n, part)| (n, part.shape())).collect::<Vec<_>>(),
        [("A", (2, 3)), ("B", (3, 4))]
    );
    p.hvp_into(&[bind("A", &a)], &mut out).unwrap();
    let hv = p.hvp(&[bind("A", &a)]).unwrap();
    assert_eq!(out, hv.stacked().as_slice());
    let v = f.stack(&[bind("A", &a)]).unwrap();
    assert_eq!(v.as_slice()[..6], a);
    assert_eq!(v.as_slice()[6..], [0.0; 12]);
    assert_close(p.hvp_many(&v).unwrap().as_slice(), &out, "the stacked direction");
    p.operator().apply(v.as_slice(), &mut out).unwrap();
    assert_eq!(p.hvp_many(&v).unwrap().as_slice(), out);
    assert_eq!(p.operator().dimension(), 18);
    let mut h = vec![0.0; 18 * 18];
    p.hessian_into(&["A", "B"], &mut h).unwrap();
    assert_eq!(p.hessian(&["A", "B"]).unwrap().matrix().as_slice(), h);
    for (r, c, n) in [("A", "B", 72), ("B", "A", 72), ("B", "B", 144)] {
        p.block_into(r, c, &mut h[..n]).unwrap();
        assert_eq!(p.block(r, c).unwrap().matrix().as_slice(), &h[..n]);
    }
}

#[test]
fn a_jacobian_has_the_output_first() {
    let g = Graph::new();
    let (a, b) = (g.matrix("A", 2, 3), g.matrix("B", 3, 4));
    let f = g.function(a * b).unwrap();
    let a0 = DMatrix::from_fn(2, 3, |i, j| 1.0 + (i + 2 * j) as f64);
    let b0 = DMatrix::from_fn(3, 4, |i, j| (i * j) as f64 - 1.5);
    let p = f.at(&[a.is(&a0), b.is(&b0)]).unwrap();
    // dZ_ij/dA_kl = δ_ik B_lj and dZ_ij/dB_kl = δ_jl A_ik.
    let (ja, jb) = (p.jacobian(a).unwrap(), p.jacobian(b).unwrap());
    assert_eq!((ja.shapes(), jb.shapes()), (((2, 4), (2, 3)), ((2, 4), (3, 4))));
    for (i, j) in (0..8).map(|e| (e % 2, e / 2)) {
        for k in 0..3 {
            for l in 0..4 {
                assert_eq!(jb[(i, j, k, l)], if j == l { a0[(i, k)] } else { 0.0 });
                if k < 2 && l < 3 {
                    assert_eq!(ja[(i, j, k, l)], if i == k { b0[(l, j)] } else { 0.0 });
                }
            }
        }
    }
    let w = DMatrix::from_fn(2, 4, |i, j| (i as f64) - 0.5 * j as f64);
    let pulled = p.vjp(&w).unwrap();
    assert_close(pulled["A"].as_slice(), (&w * b0.transpose()).as_slice(), "WBᵀ");
    assert_close(pulled["B"].as_slice(), (a0.transpose() * &w).as_slice(), "AᵀW");
}

#[test]
fn results_read_as_tables() {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 1, 2), g.vector("y", 2));
    let f = g.function((x * y).sum() * (x * y).sum() * 0.5).unwrap();
    let p = f.at(&[x.is(&[1.0, 2.0]), y.is(&[3.0, -1.0])]).unwrap();
    assert_eq!(
        p.block(x, y).unwrap().to_string(),
        "d2L/dA_ij dB_kl [(i,j) of X 1x2, (k,l) of y 2x1]\n\
         (0,0):\n\x20         4.0000\n\x20         6.0000\n\
         (0,1):\n\x20        -1.0000\n\x20        -1.0000\n"
    );
    assert_eq!(
        format!("{:.1}", p.jacobian(x).unwrap()),
        "dZ_ij/dX_kl [(i,j) of Z 1x1, (k,l) of X 1x2]\n(0,0):\n\x20            3.0           -1.0\n"
    );
    let h = p.hessian(&[y]).unwrap().to_string();
    assert!(h.starts_with("Hessian over (y 2x1), each in vec order\n"), "{h}");
    assert!(h.contains('1') && h.contains('4') && h.contains('2'), "{h}");
    let gradient = p.gradient().unwrap().to_string();
    assert!(gradient.starts_with("X:") && gradient.contains("\ny:"), "{gradient}");
    assert_eq!(
        format!("{f:?}"),
        "Function { variables: [\"X: 1x2\", \"y: 2x1\"], output: 1x1, mode: Checked }"
    );
    assert!(format!("{p:?}").starts_with("Point { function: Function {"));
    assert_eq!(format!("{g:?}"), "Graph { variables: [\"X\", \"y\"], recorded: 6 }");
}

#[test]
fn errors_read_as_sentences() {
    let g = Graph::new();
    let x = g.vector("x", 2);
    let (f, line) = (g.function(x.ln().sum() + x.abs().sum()).unwrap(), line!());
    assert_eq!(
        f.at(&[x.is(&[1.0, 0.0])]).unwrap_err().to_string(),
        format!("the value is not finite: ln at {}:{line} gave -inf at entry (1, 0) of value %1", file!())
    );
    let (f, line) = (g.function(x.sign().sum()).unwrap(), line!());
    assert_eq!(
        f.with_mode(hessite::Mode::Strict).at(&[x.is(&[1.0, 0.0])]).unwrap_err().to_string(),
        format!("not differentiable here: sign at {}:{line}, entry (1, 0) of value %1", file!())
    );
    let other = Graph::new();
    let (z, line) = (x.dot(other.vector("y", 2)), line!());
    assert_eq!(
        g.function(z).unwrap_err().to_string(),
        format!(
            "an operand at {}:{line} belongs to another graph; handles can't be mixed: record all of a function on \
             one Graph",
            file!()
        )
    );
}

#[test]
fn an_estimate_reads_as_a_table_and_counts_what_is_kept() {
    let (f, _) = question();
    let e = f.estimate().unwrap();
    assert_eq!((e.variables, e.hessian_directions, e.hessian_bytes), (8, 8, 512));
    // Two products of 2·2³ flops, one sum of squares.
    assert!(e.value_flops >= 32 && e.value_flops < 60, "{e}");
    assert!(e.gradient_flops > e.value_flops && e.hvp_flops > 0, "{e}");
    let text = e.to_string();
    let first: Vec<&str> = text.lines().map(|l| l.split("  ").next().unwrap()).collect();
    assert_eq!(
        first,
        [
            "variables",
            "value",
            "gradient, further",
            "one product H·v",
            "full Hessian",
            "",
            "point",
            "workspace"
        ]
    );
    assert!(text.starts_with("variables                        8 entries\n"), "{text}");
    assert!(text.ends_with(&format!("{:>14} bytes a thread", e.workspace_bytes)), "{text}");
}

#[test]
#[should_panic(expected = "no variable is called \"Q\"")]
fn indexing_a_gradient_by_an_unknown_name_panics_as_indexing_does() {
    let _ = &question().1.gradient().unwrap()["Q"];
}
