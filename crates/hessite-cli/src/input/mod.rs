//! Matrices from outside: NPY, MatrixMarket and CSV files, or values written into the command.

mod delimited;
mod market;
mod npy;

use crate::error::{Error, Marked, Result};
use crate::expression::{self, Span, lower::Scope};
use hessite::{DEFAULT_BUDGET, Graph};
use nalgebra::DMatrix;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A matrix and the file it came from, if it came from one.
#[derive(Debug)]
pub struct Source {
    /// The entries.
    pub matrix: DMatrix<f64>,
    /// The file.
    pub file: Option<PathBuf>,
}

/// NAME=VALUE in two.
///
/// # Errors
/// No `=`, or a name that no expression could use.
pub fn named(argument: &str) -> Result<(&str, &str)> {
    let wrong = |why: &str| Err(Error::usage(format!("{argument:?}: {why}")));
    let Some((name, value)) = argument.split_once('=') else {
        return wrong("a matrix is given as NAME=FILE or NAME=VALUE, like X=x.csv or c=2.5");
    };
    let (name, value) = (name.trim(), value.trim());
    let starts = name.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic());
    if !starts || !name.chars().all(|c| c == '_' || c.is_alphanumeric()) {
        return wrong("the name before `=` must be letters, digits and _, beginning with a letter");
    }
    if value.is_empty() {
        return wrong("there is no value after `=`");
    }
    Ok((name, value))
}

const SUFFIXES: [&str; 6] = ["npy", "mtx", "csv", "tsv", "txt", "dat"];

/// Reads what stands after `NAME=`: an existing file, or else an expression without variables, such as `2.5`,
/// `[1, 2; 3, 4]`, `[[1, 2], [3, 4]]` or `eye(3)`.
///
/// # Errors
/// What [`file()`] returns; a value that is neither.
pub fn value(name: &str, text: &str) -> Result<Source> {
    let path = Path::new(text);
    let suffix = path.extension().map(|s| s.to_string_lossy().to_lowercase());
    let looks_like_file =
        suffix.is_some_and(|s| SUFFIXES.contains(&&s[..])) || text.contains(std::path::MAIN_SEPARATOR);
    if path.exists() {
        return Ok(Source { matrix: file(path)?, file: Some(path.into()) });
    }
    match inline(text) {
        Ok(matrix) => Ok(Source { matrix, file: None }),
        Err(_) if looks_like_file => {
            let cause =
                std::io::Error::new(std::io::ErrorKind::NotFound, format!("no such file, wanted for {name}"));
            Err(Error::File { path: path.into(), cause })
        }
        Err(Error::Expression(mut marked)) => {
            marked.message = format!("{} (the value of {name}, which is no file either)", marked.message);
            Err(Error::Expression(marked))
        }
        Err(other) => Err(other),
    }
}

fn inline(text: &str) -> Result<DMatrix<f64>> {
    let text = rows_in_brackets(text);
    let tree = expression::parse(&text).map_err(Error::Expression)?;
    let graph = Graph::new();
    let scope = Scope { graph: &graph, names: BTreeMap::new(), limit: DEFAULT_BUDGET };
    let lowered = expression::lower(&tree, &scope).map_err(Error::Expression)?;
    match graph.function(lowered.output)?.at(&[]) {
        Ok(at) => Ok(at.value_matrix()),
        Err(hessite::Error::NonFinite { .. }) => {
            Err(Error::Expression(Marked::new("this is not finite", &text, Span::new(0, text.len()))))
        }
        Err(e) => Err(e.into()),
    }
}

/// NumPy's `[[1, 2], [3, 4]]` as `[1, 2; 3, 4]`; any other text as it is.
fn rows_in_brackets(text: &str) -> String {
    let inside = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).map(str::trim);
    let rows = inside.and_then(|t| t.strip_prefix('[')).and_then(|t| t.strip_suffix(']'));
    let Some(rows) = rows.filter(|r| !r.contains(';')) else { return text.into() };
    let parts: Vec<&str> = rows.split(']').collect();
    let between = |part: &str| {
        part.trim_start().strip_prefix(',').and_then(|p| p.trim_start().strip_prefix('[')).map(str::to_string)
    };
    let tail: Option<Vec<String>> = parts[1..].iter().map(|p| between(p)).collect();
    match tail {
        Some(tail) => {
            format!("[{}]", std::iter::once(parts[0].to_string()).chain(tail).collect::<Vec<_>>().join("; "))
        }
        None => text.into(),
    }
}

/// Reads a file: NPY and MatrixMarket files are known by their first bytes or their suffix, all others are tables of
/// numbers.
///
/// # Errors
/// A file that can't be read, or is no matrix of real numbers, with line and column in a text.
pub fn file(path: &Path) -> Result<DMatrix<f64>> {
    let failed = |cause| Error::File { path: path.into(), cause };
    let bytes = std::fs::read(path).map_err(failed)?;
    let suffix = path.extension().map(|s| s.to_string_lossy().to_lowercase()).unwrap_or_default();
    let read = if bytes.starts_with(npy::MAGIC) || suffix == "npy" {
        npy::read(&bytes)
    } else {
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(text),
            Err(e) => {
                let line = bytes[..e.valid_up_to()].iter().filter(|&&b| b == b'\n').count() + 1;
                Err(Flaw::at(line, "bytes that are no UTF-8 text; save the file as .npy, .mtx or plain .csv"))
            }
        };
        text.and_then(|text| {
            let market = text.len() >= 14
                && text.is_char_boundary(14)
                && text[..14].eq_ignore_ascii_case("%%MatrixMarket");
            if market || suffix == "mtx" { market::read(text) } else { delimited::read(text) }
        })
    };
    read.map_err(|flaw| Error::Input {
        source_name: path.display().to_string(),
        line: flaw.line,
        column: flaw.column,
        why: flaw.why,
    })
}

/// What is wrong with a file, and where.
#[derive(Debug)]
struct Flaw {
    line: Option<usize>,
    column: Option<usize>,
    why: String,
}

impl Flaw {
    fn new(why: impl Into<String>) -> Self {
        Flaw { line: None, column: None, why: why.into() }
    }

    fn at(line: usize, why: impl Into<String>) -> Self {
        Flaw { line: Some(line), column: None, why: why.into() }
    }

    fn cell(line: usize, column: usize, why: impl Into<String>) -> Self {
        Flaw { line: Some(line), column: Some(column), why: why.into() }
    }
}

/// Memory for a matrix that a header announces: zeros, or an error where it is more than a call may use.
fn zeros(rows: usize, cols: usize) -> Result<Vec<f64>, Flaw> {
    let need = (rows as u64).checked_mul(cols as u64).and_then(|n| n.checked_mul(8));
    let mut all = Vec::new();
    match need.filter(|&n| n <= DEFAULT_BUDGET) {
        Some(n) if all.try_reserve_exact(n as usize / 8).is_ok() => {
            all.resize(n as usize / 8, 0.0);
            Ok(all)
        }
        _ => Err(Flaw::new(format!("{rows}x{cols} entries are more than fits as a dense matrix"))),
    }
}

#[cfg(test)]
mod tests;
