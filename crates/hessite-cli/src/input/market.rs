//! MatrixMarket exchange files: dense (`array`) and sparse (`coordinate`) real matrices, expanded to all entries.
//! The format: <https://math.nist.gov/MatrixMarket/formats.html>.

use super::{Flaw, zeros};
use nalgebra::DMatrix;
use std::str::FromStr;

#[derive(Clone, Copy, PartialEq)]
enum Symmetry {
    General,
    Symmetric,
    Skew,
}

struct Header {
    coordinate: bool,
    pattern: bool,
    symmetry: Symmetry,
}

/// Reads a MatrixMarket file.
pub(super) fn read(text: &str) -> Result<DMatrix<f64>, Flaw> {
    let mut lines = text.lines().enumerate().map(|(k, l)| (k + 1, l));
    let header = header(lines.next().map_or("", |(_, l)| l))?;
    let mut lines = lines.filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('%'));
    let (at, sizes) =
        lines.next().ok_or_else(|| Flaw::new("truncated: the line with the sizes is missing"))?;
    let wanted =
        if header.coordinate { "three sizes: rows, columns, entries" } else { "two sizes: rows, columns" };
    let sizes: Vec<usize> = words(at, sizes)?;
    match (header.coordinate, &sizes[..]) {
        (true, &[rows, cols, stored]) => coordinate(&header, at, (rows, cols), stored, lines),
        (false, &[rows, cols]) => array(&header, at, (rows, cols), lines),
        _ => Err(Flaw::at(at, format!("{} numbers where {wanted} are needed", sizes.len()))),
    }
}

fn header(line: &str) -> Result<Header, Flaw> {
    let lower = line.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let &["%%matrixmarket", object, format, field, symmetry] = &words[..] else {
        return Err(Flaw::at(
            1,
            "the first line must be %%MatrixMarket matrix array|coordinate FIELD SYMMETRY",
        ));
    };
    let refuse = |what: &str, word: &str, known: &str| {
        Err(Flaw::at(1, format!("{what} {word:?} is not read; known are {known}")))
    };
    if object != "matrix" {
        return refuse("object", object, "matrix");
    }
    let coordinate = match format {
        "coordinate" => true,
        "array" => false,
        _ => return refuse("format", format, "array, coordinate"),
    };
    match field {
        "real" | "double" | "integer" => {}
        "pattern" if coordinate => {}
        _ => return refuse("field", field, "real, integer, and pattern of coordinate"),
    }
    let symmetry = match symmetry {
        "general" => Symmetry::General,
        "symmetric" => Symmetry::Symmetric,
        "skew-symmetric" => Symmetry::Skew,
        _ => return refuse("symmetry", symmetry, "general, symmetric, skew-symmetric"),
    };
    Ok(Header { coordinate, pattern: field == "pattern", symmetry })
}

fn words<T: FromStr>(line: usize, text: &str) -> Result<Vec<T>, Flaw> {
    let each = |(k, w): (usize, &str)| {
        w.parse().map_err(|_| Flaw::cell(line, k + 1, format!("{w:?} is no number of this kind")))
    };
    text.split_whitespace().enumerate().map(each).collect()
}

/// A matrix under construction.
struct Dense {
    symmetry: Symmetry,
    matrix: DMatrix<f64>,
}

impl Dense {
    fn new(symmetry: Symmetry, at: usize, (rows, cols): (usize, usize)) -> Result<Self, Flaw> {
        if symmetry != Symmetry::General && rows != cols {
            return Err(Flaw::at(at, format!("a symmetric matrix is square; this one is {rows}x{cols}")));
        }
        let entries = zeros(rows, cols).map_err(|flaw| Flaw { line: Some(at), ..flaw })?;
        Ok(Dense { symmetry, matrix: DMatrix::from_vec(rows, cols, entries) })
    }

    /// Adds an entry, as repeated coordinates add up, and its mirror image.
    fn add(&mut self, line: usize, (i, j): (usize, usize), x: f64) -> Result<(), Flaw> {
        match self.symmetry {
            Symmetry::General => {}
            _ if i < j => {
                let why = format!(
                    "entry ({}, {}) is above the diagonal; a symmetric file has those below",
                    i + 1,
                    j + 1
                );
                return Err(Flaw::at(line, why));
            }
            Symmetry::Skew if i == j => {
                return Err(Flaw::at(line, "a skew-symmetric file has no entries on the diagonal"));
            }
            Symmetry::Symmetric if i != j => self.matrix[(j, i)] += x,
            Symmetry::Symmetric => {}
            Symmetry::Skew => self.matrix[(j, i)] -= x,
        }
        self.matrix[(i, j)] += x;
        Ok(())
    }
}

fn coordinate<'t>(
    header: &Header,
    at: usize,
    (rows, cols): (usize, usize),
    stored: usize,
    lines: impl Iterator<Item = (usize, &'t str)>,
) -> Result<DMatrix<f64>, Flaw> {
    let mut dense = Dense::new(header.symmetry, at, (rows, cols))?;
    let mut found = 0;
    for (line, text) in lines {
        let entry: Vec<f64> = words(line, text)?;
        let (i, j, x) = match (header.pattern, &entry[..]) {
            (true, &[i, j]) => (i, j, 1.0),
            (false, &[i, j, x]) => (i, j, x),
            _ => {
                let wanted = if header.pattern { "row, column" } else { "row, column, value" };
                return Err(Flaw::at(line, format!("{} numbers where {wanted} are needed", entry.len())));
            }
        };
        let index =
            |x: f64, n: usize| (x.fract() == 0.0 && x >= 1.0 && x <= n as f64).then(|| x as usize - 1);
        let (Some(i), Some(j)) = (index(i, rows), index(j, cols)) else {
            return Err(Flaw::at(
                line,
                format!("entry ({i}, {j}) lies outside of {rows}x{cols}; indices begin at 1"),
            ));
        };
        found += 1;
        if found > stored {
            return Err(Flaw::at(line, format!("more than the {stored} entries that line {at} announces")));
        }
        dense.add(line, (i, j), x)?;
    }
    match found == stored {
        true => Ok(dense.matrix),
        false => {
            Err(Flaw::new(format!("truncated: {found} of the {stored} entries that line {at} announces")))
        }
    }
}

fn array<'t>(
    header: &Header,
    at: usize,
    (rows, cols): (usize, usize),
    lines: impl Iterator<Item = (usize, &'t str)>,
) -> Result<DMatrix<f64>, Flaw> {
    let mut dense = Dense::new(header.symmetry, at, (rows, cols))?;
    let first = move |j: usize| match header.symmetry {
        Symmetry::General => 0,
        Symmetry::Symmetric => j,
        Symmetry::Skew => j + 1,
    };
    let mut places = (0..cols).flat_map(|j| (first(j)..rows).map(move |i| (i, j)));
    for (line, text) in lines {
        for x in words(line, text)? {
            let Some(place) = places.next() else {
                return Err(Flaw::at(line, format!("more entries than {rows}x{cols} has")));
            };
            dense.add(line, place, x)?;
        }
    }
    match places.next() {
        None => Ok(dense.matrix),
        Some((i, j)) => Err(Flaw::new(format!("truncated: the entries end before ({}, {})", i + 1, j + 1))),
    }
}
