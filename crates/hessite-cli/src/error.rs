//! Every way in which the program can fail, in words: what, where, and what to do about it.

use crate::expression::Span;
use std::fmt;
use std::path::PathBuf;

/// What the program reports on stderr, with exit code 2.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something is wrong at a place of the expression.
    #[error("{0}")]
    Expression(Marked),
    /// A file or an inline value that is no matrix.
    #[error("{source_name}{}: {why}", place(*line, *column))]
    Input {
        /// The file, or NAME=VALUE.
        source_name: String,
        /// Line of a text file, from 1.
        line: Option<usize>,
        /// Column of that line: the number of the cell, from 1.
        column: Option<usize>,
        /// What is wrong, and what to do.
        why: String,
    },
    /// A file that can't be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's words.
        cause: std::io::Error,
    },
    /// An output file that is there already.
    #[error("{}: the file exists; --force overwrites it, or choose another --out", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Arguments that don't fit each other or the expression.
    #[error("{0}")]
    Usage(String),
    /// A refusal of the library.
    #[error("{}", in_words(.0))]
    Library(#[from] hessite::Error),
    /// The output can't be written.
    #[error("output: {0}")]
    Output(#[from] std::io::Error),
}

/// What every fallible step of the program returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Wrong arguments.
    pub fn usage(why: impl Into<String>) -> Self {
        Error::Usage(why.into())
    }
}

fn place(line: Option<usize>, column: Option<usize>) -> String {
    match (line, column) {
        (Some(l), Some(c)) => format!(", line {l}, column {c}"),
        (Some(l), None) => format!(", line {l}"),
        _ => String::new(),
    }
}

/// The library's errors without the lines of Rust source and the method names that mean nothing here.
fn in_words(e: &hessite::Error) -> String {
    use hessite::Error as E;
    match e {
        E::NonFinite { op, phase, index: (i, j), value, .. } => {
            format!("{phase} is not finite: {op} gave {value} at entry ({i}, {j}); --mode ieee lets it pass")
        }
        E::Kink { op, index: (i, j), .. } => format!("not differentiable here: {op}, at entry ({i}, {j})"),
        E::NonFiniteInput { name, index: (i, j), value } => {
            format!(
                "{name}: entry ({i}, {j}) is {value}; a finite number is needed (--mode ieee lets it pass)"
            )
        }
        E::Empty { op, .. } => format!("{op}: an empty array has none"),
        E::NotScalar { what, rows, cols } => format!(
            "{what} needs a scalar expression; this one is {rows}x{cols}. Use --jacobian or --second, or make it a scalar \
             by sum(...) or norm(...)"
        ),
        E::Budget { what, needed_bytes, limit, .. } => format!(
            "{what} needs {}, over the budget of {}; instead: --hvp for products, --block for a part, or a \
             larger --budget",
            bytes(*needed_bytes),
            bytes(*limit)
        ),
        other => other.to_string(),
    }
}

/// A number of bytes for people.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut x = n as f64;
    let mut unit = 0;
    while x >= 1024.0 && unit + 1 < UNITS.len() {
        x /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{n} bytes") } else { format!("{x:.1} {}", UNITS[unit]) }
}

/// A message about a piece of a text, shown under the message with carets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// What is wrong.
    pub message: String,
    text: String,
    span: Span,
}

impl Marked {
    /// A message about `span` of `text`.
    pub fn new(message: impl Into<String>, text: &str, span: Span) -> Self {
        Marked { message: message.into(), text: text.into(), span }
    }

    /// The column of the marked piece in characters, from 1.
    pub fn column(&self) -> usize {
        self.text[..self.span.start].chars().count() + 1
    }
}

/// Characters of the text shown on each side of the mark.
const WINDOW: usize = 40;

impl fmt::Display for Marked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printable = |c: char| if c.is_control() { ' ' } else { c };
        let before: Vec<char> = self.text[..self.span.start].chars().map(printable).collect();
        let marked: Vec<char> = self.text[self.span.start..self.span.end].chars().map(printable).collect();
        let after: Vec<char> = self.text[self.span.end..].chars().map(printable).collect();

        let (left, before) = match before.len() > WINDOW {
            true => ("…", &before[before.len() - WINDOW..]),
            false => ("", &before[..]),
        };
        let (middle, after, right) = match (marked.len() > 2 * WINDOW, after.len() > WINDOW) {
            (true, _) => (&marked[..2 * WINDOW], &after[..0], "…"),
            (false, true) => (&marked[..], &after[..WINDOW], "…"),
            (false, false) => (&marked[..], &after[..], ""),
        };
        let text = |cs: &[char]| cs.iter().collect::<String>();
        writeln!(f, "column {}: {}", self.column(), self.message)?;
        writeln!(f, "  {left}{}{}{}{right}", text(before), text(middle), text(after))?;
        let indent = left.chars().count() + before.len();
        write!(f, "  {}{}", " ".repeat(indent), "^".repeat(middle.len().max(1)))
    }
}
