//! stub
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub data: &'a [f64],
    pub rows: usize,
    pub cols: usize,
    pub lanes: usize,
}
pub(crate) struct ViewMut<'a> {
    pub data: &'a mut [f64],
    pub rows: usize,
    pub cols: usize,
    pub lanes: usize,
}
impl ViewMut<'_> {
    pub fn reborrow(&mut self) -> ViewMut<'_> {
        ViewMut { data: self.data, rows: self.rows, cols: self.cols, lanes: self.lanes }
    }
}
pub(crate) fn pack(columns: &[f64], stride: usize, n: usize, out: &mut [f64], lanes: usize) {
    let len = out.len() / lanes;
    for e in 0..len {
        for l in 0..lanes {
            out[e * lanes + l] = if l < n { columns[l * stride + e] } else { 0.0 };
        }
    }
}
pub(crate) fn unpack(data: &[f64], lanes: usize, len: usize, out: &mut [f64], stride: usize, n: usize) {
    for l in 0..n {
        for e in 0..len {
            out[l * stride + e] = data[e * lanes + l];
        }
    }
}
