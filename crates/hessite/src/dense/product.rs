//! stub
use super::lanes::*;
pub(crate) fn product_parallel(
    scale: f64,
    a: View<'_>,
    ta: bool,
    b: View<'_>,
    tb: bool,
    out: ViewMut<'_>,
    add: bool,
) {
    let inner = if ta { a.rows } else { a.cols };
    let k = out.lanes;
    for j in 0..out.cols {
        for i in 0..out.rows {
            for l in 0..k {
                let mut s = 0.0;
                for p in 0..inner {
                    let ea = if ta { p + a.rows * i } else { i + a.rows * p };
                    let eb = if tb { j + b.rows * p } else { p + b.rows * j };
                    s += a.data[ea * a.lanes + if a.lanes == 1 { 0 } else { l }]
                        * b.data[eb * b.lanes + if b.lanes == 1 { 0 } else { l }];
                }
                let o = &mut out.data[(i + out.rows * j) * k + l];
                *o = if add { *o } else { 0.0 } + scale * s;
            }
        }
    }
}
