//! NumPy's NPY files of real numbers, of up to two dimensions.

use super::{Flaw, zeros};
use nalgebra::DMatrix;
use npyz::{DType, Deserialize, NpyFile, Order, TypeChar};

/// The first bytes of every NPY file.
pub const MAGIC: &[u8] = b"\x93NUMPY";

/// Headers of plain arrays have about 120 bytes; this leaves room for any that could be read here.
const LONGEST_HEADER: usize = 4096;

/// Reads an NPY file: a number is 1×1, a 1-D array a column; either order, any type of integers, floats and bools.
pub(super) fn read(bytes: &[u8]) -> Result<DMatrix<f64>, Flaw> {
    plausible(bytes)?;
    let file = NpyFile::new(bytes).map_err(|e| Flaw::new(format!("no readable NPY header: {e}")))?;
    let (rows, cols) = match file.shape() {
        [] => (1, 1),
        [n] => (*n, 1),
        [m, n] => (*m, *n),
        more => {
            let why =
                format!("an array of {} dimensions; save matrices and vectors, of 2 or fewer", more.len());
            return Err(Flaw::new(why));
        }
    };
    let size = |n: u64| usize::try_from(n).map_err(|_| Flaw::new("the shape is larger than memory"));
    let (rows, cols) = (size(rows)?, size(cols)?);
    let fortran = file.order() == Order::Fortran;
    let stored = entries(file, bytes.len(), rows, cols)?;
    Ok(if fortran {
        DMatrix::from_vec(rows, cols, stored)
    } else {
        DMatrix::from_row_slice(rows, cols, &stored)
    })
}

/// What the parser of headers takes for granted: a short text, shallow, of sizes that can be multiplied.
fn plausible(bytes: &[u8]) -> Result<(), Flaw> {
    if !bytes.starts_with(MAGIC) {
        return Err(Flaw::new("no NPY file: its first bytes are not \\x93NUMPY"));
    }
    let truncated = || Flaw::new("the file ends within its header");
    let (len, start) = match bytes.get(6).ok_or_else(truncated)? {
        1 => (bytes.get(8..10).map(|b| u32::from(u16::from_le_bytes([b[0], b[1]]))), 10),
        _ => (bytes.get(8..12).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])), 12),
    };
    let len = len.ok_or_else(truncated)? as usize;
    if len > LONGEST_HEADER {
        return Err(Flaw::new(format!("a header of {len} bytes, which no array of numbers has")));
    }
    let text = bytes.get(start..start + len).ok_or_else(truncated)?;
    let brackets = text.iter().filter(|b| b"([{".contains(b)).count();
    let sizes = text
        .split(|b| !b.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| std::str::from_utf8(digits).ok().and_then(|d| d.parse::<u64>().ok()))
        .try_fold(1u64, |product, n| product.checked_mul(n?.max(1)));
    match sizes {
        Some(product) if product < 1 << 60 && brackets < 16 && !text.contains(&b'\\') => Ok(()),
        None | Some(_) if brackets < 16 => {
            Err(Flaw::new("the header announces more entries than memory holds"))
        }
        _ => Err(Flaw::new("a structured header; only plain arrays of numbers are read")),
    }
}

/// The entries in the file's order, as doubles.
fn entries(file: NpyFile<&[u8]>, len: usize, rows: usize, cols: usize) -> Result<Vec<f64>, Flaw> {
    let DType::Plain(kind) = file.dtype() else {
        return Err(Flaw::new("a structured array; only plain arrays of numbers are read"));
    };
    let unsupported =
        || Flaw::new(format!("entries of type {}; save real numbers: A.astype('f8')", file.dtype().descr()));
    let width = kind.num_bytes().ok_or_else(unsupported)?;
    let needed = rows.checked_mul(cols).and_then(|n| n.checked_mul(width));
    // A header may announce anything: no memory is taken for what the file can't hold.
    if needed.is_none_or(|n| n > len) {
        return Err(Flaw::new(format!(
            "truncated: the header announces {rows}x{cols} entries of {width} bytes"
        )));
    }
    match (kind.type_char(), width) {
        (TypeChar::Float, 8) => convert::<f64>(file, rows, cols, |x| x),
        (TypeChar::Float, 4) => convert::<f32>(file, rows, cols, f64::from),
        (TypeChar::Int, 8) => convert::<i64>(file, rows, cols, |x| x as f64),
        (TypeChar::Int, 4) => convert::<i32>(file, rows, cols, f64::from),
        (TypeChar::Int, 2) => convert::<i16>(file, rows, cols, f64::from),
        (TypeChar::Int, 1) => convert::<i8>(file, rows, cols, f64::from),
        (TypeChar::Uint, 8) => convert::<u64>(file, rows, cols, |x| x as f64),
        (TypeChar::Uint, 4) => convert::<u32>(file, rows, cols, f64::from),
        (TypeChar::Uint, 2) => convert::<u16>(file, rows, cols, f64::from),
        (TypeChar::Uint, 1) => convert::<u8>(file, rows, cols, f64::from),
        (TypeChar::Bool, _) => convert::<bool>(file, rows, cols, |x| f64::from(u8::from(x))),
        _ => Err(unsupported()),
    }
}

fn convert<T: Deserialize>(
    file: NpyFile<&[u8]>,
    rows: usize,
    cols: usize,
    f: impl Fn(T) -> f64,
) -> Result<Vec<f64>, Flaw> {
    let mut all = zeros(rows, cols)?;
    let mut data = file.data::<T>().map_err(|e| Flaw::new(e.to_string()))?;
    for (at, x) in all.iter_mut().enumerate() {
        *x = match data.next() {
            Some(Ok(entry)) => f(entry),
            _ => return Err(Flaw::new(format!("truncated: {at} of the {rows}x{cols} entries are there"))),
        };
    }
    Ok(all)
}
