//! Arrays as NumPy's NPY files.

use npyz::{Order, WriterBuilder};
use std::io::Write;

/// Writes doubles that stand with the first index running fastest.
///
/// # Errors
/// Those of the writer.
pub fn write(to: &mut impl Write, shape: &[usize], entries: &[f64]) -> std::io::Result<()> {
    let shape: Vec<u64> = shape.iter().map(|&n| n as u64).collect();
    let options = npyz::WriteOptions::new().default_dtype().shape(&shape).order(Order::Fortran);
    let mut writer = options.writer(to).begin_nd()?;
    writer.extend(entries.iter().copied())?;
    writer.finish()
}
