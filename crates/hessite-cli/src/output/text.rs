//! Results as text for a terminal.

use super::layout::{Limits, Notation, Picture, WIDTH};
use super::{Array, Results};
use std::io::{self, Write};

/// How much is printed.
#[derive(Clone, Copy)]
pub struct Style {
    /// Decimals of a number.
    pub decimals: usize,
    /// Whether large arrays are printed whole.
    pub full: bool,
}

const INDENT: &str = "  ";
const MOST_ROWS: usize = 24;
/// Most matrices of a block that are printed.
const MOST_PARTS: usize = 24;

/// Writes everything.
///
/// # Errors
/// Those of the writer.
pub fn write(to: &mut impl Write, results: &Results, style: Style) -> io::Result<()> {
    value(to, results, style)?;
    let mut elided = false;
    for array in &results.arrays {
        writeln!(to)?;
        elided |= self::array(to, array, style)?;
    }
    if elided {
        writeln!(
            to,
            "\n(… stands for entries left out: --full prints all, --format npy or json writes all)"
        )?;
    }
    notes(to, results)
}

/// Writes what is no array: the cost and the certificate, where asked for.
///
/// # Errors
/// Those of the writer.
pub fn notes(to: &mut impl Write, results: &Results) -> io::Result<()> {
    if let Some(words) = &results.estimate {
        writeln!(to, "\ncost")?;
        words.lines().try_for_each(|l| writeln!(to, "{INDENT}{l}"))?;
    }
    if let Some((words, _)) = &results.certificate {
        writeln!(to, "\n{}", words.trim_end())?;
    }
    Ok(())
}

/// Writes the value.
///
/// # Errors
/// Those of the writer.
pub fn value(to: &mut impl Write, results: &Results, style: Style) -> io::Result<()> {
    let (rows, cols) = results.value_shape;
    if (rows, cols) == (1, 1) {
        let notation = Notation::of(results.value.iter().copied(), style.decimals);
        return writeln!(to, "L = {} = {}", short(&results.expression), notation.show(results.value[0]));
    }
    writeln!(to, "Z = {}   ({rows}x{cols})", short(&results.expression))?;
    let elided = matrix(to, (rows, cols), &results.value, style)?;
    if elided {
        writeln!(to, "{INDENT}(… stands for entries left out: --full prints all)")?;
    }
    Ok(())
}

/// A long expression without its middle.
fn short(expression: &str) -> String {
    const LONGEST: usize = 72;
    let text: Vec<char> = expression.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match text.len() > LONGEST {
        true => text[..LONGEST / 2].iter().chain(&['…']).chain(&text[text.len() - LONGEST / 2..]).collect(),
        false => text.into_iter().collect(),
    }
}

fn limits(style: Style) -> Limits {
    if style.full { Limits::NONE } else { Limits { rows: MOST_ROWS, width: WIDTH - INDENT.len() } }
}

fn print(to: &mut impl Write, picture: &Picture) -> io::Result<()> {
    picture.lines.iter().try_for_each(|l| writeln!(to, "{INDENT}{l}"))
}

fn matrix(to: &mut impl Write, shape: (usize, usize), entries: &[f64], style: Style) -> io::Result<bool> {
    let mut elided = false;
    let notation = Notation::of(entries.iter().copied(), style.decimals);
    let entry = |i, j| entries[i + shape.0 * j];
    print(to, &Picture::matrix(shape, entry, notation, limits(style), &mut elided))?;
    Ok(elided)
}

/// One array under its title; true if something was left out.
fn array(to: &mut impl Write, array: &Array, style: Style) -> io::Result<bool> {
    let shape = array.shape.iter().map(usize::to_string).collect::<Vec<_>>().join("x");
    let of = array.of.join(",");
    writeln!(to, "{} {of}   ({shape})   {}", array.kind, array.index)?;
    match array.shape[..] {
        // Of two columns it is a plain matrix.
        [m, 1, p, 1] => matrix(to, (m, p), &array.entries, style),
        [m, n, p, q] => {
            let letter = array.index.chars().next().unwrap_or('H');
            block(to, [m, n, p, q], &array.entries, &format!("{letter}["), style)
        }
        [r, s, m, n, p, q] => blocks(to, (r, s), [m, n, p, q], &array.entries, style),
        [m, n] => matrix(to, (m, n), &array.entries, style),
        _ => Ok(false),
    }
}

/// A matrix over (k, l) for each (i, j), as many beside each other as have room; a row of them for each i where a
/// whole one has.
fn block(
    to: &mut impl Write,
    [m, n, p, q]: [usize; 4],
    entries: &[f64],
    first: &str,
    style: Style,
) -> io::Result<bool> {
    let mut elided = false;
    let notation = Notation::of(entries.iter().copied(), style.decimals);
    let mut parts = Vec::new();
    for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
        if !style.full && parts.len() == MOST_PARTS {
            elided = true;
            break;
        }
        let entry = |k, l| entries[i + m * (j + n * (k + p * l))];
        let picture = Picture::matrix((p, q), entry, notation, limits(style), &mut elided);
        parts.push(picture.titled(format!("{first}{i},{j},:,:]")));
    }
    let widest = parts.iter().map(Picture::width).max().unwrap_or(1);
    let gap = 3;
    let room = ((WIDTH - INDENT.len() + gap) / (widest + gap)).max(1);
    let beside = if n > 1 && n <= room { n } else { room };
    for row in parts.chunks(beside) {
        print(to, &Picture::beside(row, gap))?;
    }
    if elided && m * n > parts.len() {
        writeln!(to, "{INDENT}… {} more", m * n - parts.len())?;
    }
    Ok(elided)
}

/// A block for each entry of the value.
fn blocks(
    to: &mut impl Write,
    (rows, cols): (usize, usize),
    inner: [usize; 4],
    entries: &[f64],
    style: Style,
) -> io::Result<bool> {
    let mut elided = false;
    let count = rows * cols;
    for e in 0..count {
        if !style.full && e == MOST_PARTS {
            writeln!(to, "{INDENT}… {} more entries of Z", count - e)?;
            return Ok(true);
        }
        let own: Vec<f64> = entries.iter().skip(e).step_by(count).copied().collect();
        let first = format!("T[{},{},", e % rows, e / rows);
        elided |= block(to, inner, &own, &first, style)?;
    }
    Ok(elided)
}
