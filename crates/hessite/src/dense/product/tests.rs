use super::product;
use super::{Part, PartMut, product_of_parts};
use crate::dense::lanes::{View, ViewMut};
use crate::dense::stop::Stop;

/// splitmix64, in (-1, 1).
struct Stream(u64);

impl Stream {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn number(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    fn numbers(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.number()).collect()
    }
}

/// A product to be tested: `op(a)` is m × inner, `op(b)` inner × n.
#[derive(Clone, Copy, Debug)]
struct Case {
    shape: (usize, usize, usize),
    lanes: (usize, usize),
    ta: bool,
    tb: bool,
    scale: f64,
    add: bool,
}

impl Case {
    fn lengths(&self) -> (usize, usize, usize) {
        let (m, inner, n) = self.shape;
        (m * inner * self.lanes.0, inner * n * self.lanes.1, m * n * self.k())
    }

    fn k(&self) -> usize {
        self.lanes.0.max(self.lanes.1)
    }

    fn run(&self, a: &[f64], b: &[f64], out: &mut [f64]) {
        let (m, inner, n) = self.shape;
        let (ar, ac) = if self.ta { (inner, m) } else { (m, inner) };
        let (br, bc) = if self.tb { (n, inner) } else { (inner, n) };
        let a = View { data: a, rows: ar, cols: ac, lanes: self.lanes.0 };
        let b = View { data: b, rows: br, cols: bc, lanes: self.lanes.1 };
        let out = ViewMut { data: out, rows: m, cols: n, lanes: self.k() };
        product((a, self.ta), (b, self.tb), out, self.scale, self.add, Stop::default());
    }

    /// Entry and bound of the rounding errors at (i, j, l), by three loops.
    fn expected(&self, a: &[f64], b: &[f64], old: &[f64], (i, j, l): (usize, usize, usize)) -> (f64, f64) {
        let (m, inner, n) = self.shape;
        let (mut sum, mut size) = (0.0, 0.0);
        for p in 0..inner {
            let ea = if self.ta { p + inner * i } else { i + m * p };
            let eb = if self.tb { j + n * p } else { p + inner * j };
            let x = a[ea * self.lanes.0 + l % self.lanes.0] * b[eb * self.lanes.1 + l % self.lanes.1];
            sum += x;
            size += x.abs();
        }
        let old = if self.add { old[(i + m * j) * self.k() + l] } else { 0.0 };
        let value = self.scale * sum + old;
        // Two sums of `inner` products in any order, each with a relative error of inner eps of its terms; one
        // rounding by the scale and one by the sum with the old content on each side.
        let size = self.scale.abs() * size;
        (value, f64::EPSILON * ((inner as f64 + 2.0) * size + 2.0 * (size + old.abs())))
    }

    fn check(&self, stream: &mut Stream) {
        let (la, lb, lc) = self.lengths();
        let (a, b) = (stream.numbers(la), stream.numbers(lb));
        let old = if self.add { stream.numbers(lc) } else { vec![f64::NAN; lc] };
        let mut out = old.clone();
        self.run(&a, &b, &mut out);
        let (m, _, n) = self.shape;
        for j in 0..n {
            for i in 0..m {
                for l in 0..self.k() {
                    let (value, bound) = self.expected(&a, &b, &old, (i, j, l));
                    let got = out[(i + m * j) * self.k() + l];
                    assert!((got - value).abs() <= bound, "{self:?} at {:?}: {got} != {value}", (i, j, l));
                }
            }
        }
    }
}

const LANES: [(usize, usize); 13] = [
    (1, 1),
    (2, 1),
    (1, 2),
    (3, 1),
    (1, 3),
    (4, 1),
    (1, 4),
    (5, 1),
    (1, 5),
    (8, 1),
    (1, 8),
    (16, 1),
    (1, 16),
];

fn forms(mut f: impl FnMut((usize, usize), bool, bool, bool)) {
    for lanes in LANES {
        for bits in 0..8 {
            f(lanes, bits & 1 != 0, bits & 2 != 0, bits & 4 != 0);
        }
    }
}

#[test]
fn all_forms_agree_with_three_loops_on_random_shapes() {
    let sizes = [0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17, 23, 31, 33, 40];
    let mut stream = Stream(1);
    forms(|lanes, ta, tb, add| {
        for _ in 0..60 {
            let mut size = || sizes[(stream.bits() % sizes.len() as u64) as usize];
            let case = Case { shape: (size(), size(), size()), lanes, ta, tb, scale: 1.0, add };
            let scale = [1.0, -0.75, 3.0][(stream.bits() % 3) as usize];
            Case { scale, ..case }.check(&mut stream);
        }
    });
}

#[test]
fn all_forms_agree_with_three_loops_where_blocks_and_pieces_end() {
    let mut stream = Stream(2);
    forms(|lanes, ta, tb, add| {
        for shape in
            [(9, 300, 7), (130, 11, 14), (10, 9, 131), (50, 61, 47), (1, 270, 33), (65, 300, 1), (1, 550, 1)]
        {
            Case { shape, lanes, ta, tb, scale: 1.5, add }.check(&mut stream);
        }
    });
    for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
        for shape in [(131, 521, 140), (5, 270, 300), (300, 270, 5), (2, 1000, 70), (300, 1, 300)] {
            Case { shape, lanes: (1, 1), ta, tb, scale: 1.5, add: true }.check(&mut stream);
        }
    }
}

/// Every order of the factors, inside larger matrices; what stands beside C is left alone.
#[test]
fn products_of_parts_agree_with_three_loops() {
    let mut stream = Stream(4);
    for (m, inner, n) in
        [(0, 3, 2), (3, 0, 2), (1, 1, 1), (5, 40, 9), (33, 65, 70), (9, 300, 50), (2, 7, 130)]
    {
        for bits in 0..8 {
            let stride = m.max(inner).max(n) + 3;
            let numbers: Vec<_> = (0..3).map(|_| stream.numbers(stride * stride)).collect();
            let turn = |flag: bool| if flag { (stride, 1) } else { (1, stride) };
            let part = |data, (row, col)| Part { data, first: 2 + stride, row, col };
            let (a, b) = (part(&numbers[0], turn(bits & 1 != 0)), part(&numbers[1], turn(bits & 2 != 0)));
            let add = bits & 4 != 0;
            let mut out = numbers[2].clone();
            let c = PartMut { data: &mut out, first: 1 + 2 * stride, col: stride };
            product_of_parts(a, b, c, (m, inner, n), (-0.5, add), Stop::default());
            for (e, new) in out.iter().enumerate() {
                let (i, j) = ((e % stride).wrapping_sub(1), (e / stride).wrapping_sub(2));
                let mut expected = numbers[2][e];
                if i < m && j < n {
                    let dot: f64 = (0..inner).map(|p| a.at(i, p) * b.at(p, j)).sum();
                    expected = if add { expected } else { 0.0 } - 0.5 * dot;
                }
                let error = (new - expected).abs();
                assert!(error <= 4.0 * inner as f64 * f64::EPSILON, "{m} {inner} {n}, {bits}: {error:e}");
            }
        }
    }
}

/// A flag that is up leaves the result alone: large products look at it before every strip.
#[test]
fn a_raised_flag_stops_a_large_product() {
    let n = 400;
    let stop = std::sync::atomic::AtomicBool::new(true);
    let a = vec![1.0; n * n];
    let mut out = vec![7.0; n * n];
    let view = View { data: &a, rows: n, cols: n, lanes: 1 };
    let c = ViewMut { data: &mut out, rows: n, cols: n, lanes: 1 };
    product((view, false), (view, false), c, 1.0, false, Stop([Some(&stop), None]));
    assert!(out.iter().all(|&x| x == 7.0));
}

/// Strips along rows, along the width and along blocks of lanes, on threads: the bits of one thread.
#[cfg(feature = "rayon")]
#[test]
fn strips_on_threads_give_the_bits_of_one_thread() {
    let mut stream = Stream(3);
    for (shape, lanes) in [
        ((300, 260, 250), (1, 1)),
        ((7, 900, 3000), (1, 1)),
        ((3000, 900, 7), (1, 1)),
        ((90, 80, 300), (1, 4)),
        ((300, 80, 90), (8, 1)),
    ] {
        for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
            let case = Case { shape, lanes, ta, tb, scale: 0.5, add: true };
            let (la, lb, lc) = case.lengths();
            let (a, b, old) = (stream.numbers(la), stream.numbers(lb), stream.numbers(lc));
            let on = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let mut out = old.clone();
                pool.install(|| case.run(&a, &b, &mut out));
                out
            };
            assert!(on(1) == on(3), "{case:?}");
        }
    }
}
