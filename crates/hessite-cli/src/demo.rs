//! Without arguments: L = ‖X·X·Y‖_F, its second derivatives, and what differentiating the trace of a gradient makes of
//! them.

mod contraction;
mod timing;

use crate::certificate::certify;
use crate::error::Result;
use crate::output::layout::{Limits, Notation, Picture};
use crate::progress::Work;
use contraction::Contraction;
use hessite::{Block, Graph, Matrix, Point};
use nalgebra::DMatrix;
use std::io::{self, IsTerminal, Write};

/// Decimals of every matrix.
const DECIMALS: usize = 4;

/// The demonstrated function.
fn loss<'g>(x: Matrix<'g>, y: Matrix<'g>) -> hessite::Scalar<'g> {
    (x * x * y).norm()
}

/// Shows everything; false if the certificate failed.
///
/// # Errors
/// Those of the library and of stdout.
pub fn run() -> Result<bool> {
    let (x0, y0) = (two_rows(&[1.0, 2.0, 3.0, 4.0]), two_rows(&[0.5, -1.0, 1.5, 2.0]));
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 2, 2), g.matrix("Y", 2, 2));
    let f = g.function(loss(x, y))?;
    let at = f.at(&[x.is(&x0), y.is(&y0)])?;
    let gradient = at.gradient()?;
    let (dx, dy) = (gradient.of(x)?, gradient.of(y)?);
    let (hyy, hxy) = (at.block(y, y)?, at.block(x, y)?);

    let mut page = Page { out: io::stdout().lock(), bold: io::stdout().is_terminal() && no_color_is_unset() };
    page.heading("hessite: exact second derivatives of functions of matrices")?;
    page.line("")?;
    page.beside(&[text("L = ‖X·X·Y‖_F  at"), equation("X", &x0, 0), equation("Y", &y0, 1)])?;
    page.line("")?;
    page.line(&format!("L = {:.6}", at.value()))?;
    page.line("")?;
    page.beside(&[equation("dL/dX", dx, DECIMALS), equation("dL/dY", dy, DECIMALS)])?;

    page.blocks(&hyy, &hxy)?;
    page.missed(&hxy, dy)?;
    page.heading("Certificate at this point, against extrapolated finite differences")?;
    let passed = page.certificate(&at)?;
    page.heading(
        "Time of all second derivatives by X and Y, and the worst error relative to the largest entry",
    )?;
    for line in timing::table()? {
        page.line(&line)?;
    }
    page.line("")?;
    page.line("hessite --help: expressions and matrices of your own")?;
    page.out.flush()?;
    Ok(passed)
}

/// <https://no-color.org>
fn no_color_is_unset() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Where the demonstration is printed, two columns in.
struct Page<W: Write> {
    out: W,
    bold: bool,
}

impl<W: Write> Page<W> {
    fn line(&mut self, text: &str) -> Result<()> {
        let indent = if text.is_empty() { "" } else { "  " };
        Ok(writeln!(self.out, "{indent}{text}")?)
    }

    fn lines(&mut self, text: &str) -> Result<()> {
        text.lines().try_for_each(|l| self.line(l))
    }

    fn heading(&mut self, text: &str) -> Result<()> {
        let (on, off) = if self.bold { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        Ok(writeln!(self.out, "\n{on}{text}{off}")?)
    }

    fn beside(&mut self, pictures: &[Picture]) -> Result<()> {
        Picture::beside(pictures, 4).lines.iter().try_for_each(|l| self.line(l))
    }

    /// Both blocks, each beside what a trace makes of it.
    fn blocks(&mut self, hyy: &Block, hxy: &Block) -> Result<()> {
        self.heading("d²L/dY²")?;
        self.line(
            "H[i,j,k,l] = d²L / dY_ij dY_kl: a row for each Y_ij, a column for each Y_kl; indices from 0",
        )?;
        self.line("")?;
        Contraction::new(hyy, "Y", "Y").lines(DECIMALS).iter().try_for_each(|l| self.line(l))?;
        self.heading("d/dX[dL/dY]")?;
        self.line("H[i,j,k,l] = d²L / dX_ij dY_kl; d/dY[dL/dX] has the same numbers, at [k,l,i,j]")?;
        self.line("")?;
        Contraction::new(hxy, "X", "Y").below().lines(DECIMALS).iter().try_for_each(|l| self.line(l))?;
        self.line("")?;
        self.line("Σ is added up, · is never read: marks above the columns for the sums at the right,")?;
        self.line("marks at the rows for the sums below. The sums are all that a trace trick returns.")
    }

    /// What the numbers above mean, each statement with numbers computed here.
    fn missed(&mut self, hxy: &Block, dy: &DMatrix<f64>) -> Result<()> {
        self.heading("What the trace tricks return, and what they miss")?;
        self.line("The popular answer differentiates the trace of the gradient instead of the gradient:")?;
        self.line("")?;
        let over_i = contraction::over_i(hxy);
        for (name, returned, whose) in [
            ("d/dX tr(dL/dY)", &contraction::over_k(hxy), "its JAX code, grad(trace(grad L))"),
            ("d/dY tr(dL/dX)", &over_i, "its formula"),
            ("the same + dL/dY", &(&over_i + dy), "its PyTorch code: the second .backward() adds"),
        ] {
            let equation =
                Picture::beside(&[equation(&format!("{name:>16}"), returned, DECIMALS), text("")], 0);
            let padded = Picture { lines: equation.lines.iter().map(|l| format!("{l:<42}")).collect() };
            self.beside(&[padded, text(whose)])?;
        }
        self.line("")?;
        self.lines(
            "* 4 numbers stand for 16: the 8 entries marked · have no part in them, and of the other 8 only\n  \
             sums of two remain. For n x n matrices it is n² sums for n⁴ entries; at n = 24, 576 for 331776.\n\
             * The last one is a sum of a second and a first derivative, and so neither.\n\
             * A trace is the product H·v along one direction, dY = I. Along dY = [0 1; 0 0] dL/dX changes by",
        )?;
        let product = contraction::along(hxy, &two_rows(&[0.0, 1.0, 0.0, 0.0]));
        self.beside(&[
            text(""),
            equation("H·dY", &product, DECIMALS),
            text("none of which d/dX tr(dL/dY) has read."),
        ])?;
        let wide = wide_block()?;
        let ((m, n), (p, q)) = wide.shapes();
        self.lines(&format!(
            "* A matrix that is not square has no trace. If Y is 2x3, d/dX[dL/dY] is {m}x{n}x{p}x{q}; at\n  \
             Y = [0.5 -1 1; 1.5 2 -2] hessite gives H[0,0,0,2] = {:.DECIMALS$}.",
            wide[(0, 0, 0, 2)]
        ))
    }

    fn certificate(&mut self, at: &Point) -> Result<bool> {
        let found = certify(at)?;
        // Its title is the heading above.
        let lines = found.lines.iter().skip_while(|l| l.starts_with("certificate"));
        lines.map(|l| l.strip_prefix("  ").unwrap_or(l)).try_for_each(|l| self.line(l))?;
        Ok(found.passed)
    }
}

/// d/dX[dL/dY] for a Y that is not square.
fn wide_block() -> Result<Block> {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 2, 2), g.matrix("Y", 2, 3));
    let f = g.function(loss(x, y))?;
    let (x0, y0) = (two_rows(&[1.0, 2.0, 3.0, 4.0]), two_rows(&[0.5, -1.0, 1.0, 1.5, 2.0, -2.0]));
    Ok(f.at(&[x.is(&x0), y.is(&y0)])?.block(x, y)?)
}

fn two_rows(entries: &[f64]) -> DMatrix<f64> {
    DMatrix::from_row_slice(2, entries.len() / 2, entries)
}

fn text(words: &str) -> Picture {
    Picture { lines: vec![words.into()] }
}

/// `name = [ … ]`.
fn equation(name: &str, m: &DMatrix<f64>, decimals: usize) -> Picture {
    let notation = Notation::of(m.iter().copied(), decimals);
    let matrix = Picture::matrix(m.shape(), |i, j| m[(i, j)], notation, Limits::NONE, &mut false);
    Picture::beside(&[text(&format!("{name} =")), matrix], 1)
}

/// Work that may take longer than a second.
fn working(what: &str) -> Work {
    Work::start(what)
}
