//! The command line.

use crate::error::{Error, Result};
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const LONG_ABOUT: &str = "\
Exact gradients, Hessian blocks and Hessian-vector products of a matrix expression, by forward-mode
dual numbers over reverse mode. Without arguments it shows them for L = norm(X*X*Y), beside what
differentiating a trace returns.

EXPRESSION is written as in MATLAB: * is the matrix product (@ too); .* ./ .^ go entry by entry;
' (or .T) transposes; A^n is a power of a square matrix; [a, b; c, d] is a matrix. Numbers and 1x1
matrices scale; .* ./ .^ + - repeat a number, a row or a column to fit. norm(X) is the Frobenius
norm; sum(X), mean(X), max(X) go over all entries, sum(X,1) down the columns.
`hessite functions` lists all functions.

NAME=VALUE gives a matrix: a file (NPY, MatrixMarket, or CSV with commas, semicolons, tabs or
blanks), or a value such as 2.5, '[1, 2; 3, 4]' or 'eye(3)'. Vectors are n x 1 or 1 x n matrices.

Every result carries its index convention; indices count from 0. The block X,Y has the entries
H[i,j,k,l] = d2L/dX_ij dY_kl, and an NPY file has it as a 4-D array.";

const EXAMPLES: &str = "\
Examples:
  hessite
      the demonstration
  hessite 'norm(X*X*Y)' X='[1,2;3,4]' Y='[.5,-1;1.5,2]' --block X,Y
      d/dX[dL/dY] at matrices written into the command
  hessite 'norm(X*X*Y)' X=x.csv Y=y.npy --gradient Y --hvp X=v.mtx --check
      dL/dY, the product H*v for a direction in X, and a certificate
  hessite 'norm2(A*w - y)/2' A=a.npy y=y.csv w='zeros(20,1)' --data A,y --hessian w
      d2L/dw2 of least squares; A and y are constants
  hessite 'sum(log(1 + exp(-y.*(A*w))))' A=a.npy y=y.csv w=w.csv --data A,y \\
      --hessian w --gradient w --format npy --out run/
      logistic regression, into run/value.npy, run/gradient_w.npy and run/hessian_w.npy
  hessite 'tanh(W*x + b)' W=w.npy x=x.npy b=b.npy --jacobian W --format json
      dZ_ij/dW_kl of a matrix-valued expression
  hessite 'X*X*Y' X='[1,2;3,4]' Y='[.5,-1;1.5,2]' --second X,Y
      d(dZ/dX)/dY, with six indices

Exit codes: 0 all is well; 1 a check failed; 2 the arguments, the expression, a file or the point is
at fault.";

/// Exact second derivatives of matrix expressions.
// These comments are the help's text, where brackets are indices.
#[allow(rustdoc::broken_intra_doc_links)]
#[derive(Debug, Parser)]
#[command(name = "hessite", version, about, long_about = LONG_ABOUT, after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    /// Another thing to do.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// What to differentiate, such as 'norm(X*X*Y)'
    #[arg(value_name = "EXPRESSION")]
    pub expression: Option<String>,

    /// The matrices, such as X=x.csv Y=y.npy c=2.5
    #[arg(value_name = "NAME=VALUE")]
    pub values: Vec<String>,

    /// Gradient dL/dX of each listed variable
    #[arg(long, value_name = "X,...", value_delimiter = ',', help_heading = "Derivatives")]
    pub gradient: Vec<String>,

    /// Block d/dX[dL/dY]: H[i,j,k,l] = d2L/dX_ij dY_kl; repeatable
    #[arg(long, value_name = "X,Y", help_heading = "Derivatives")]
    pub block: Vec<String>,

    /// Dense Hessian over the listed variables, each stacked column by column, or over `all`
    #[arg(long, value_name = "X,...", value_delimiter = ',', help_heading = "Derivatives")]
    pub hessian: Vec<String>,

    /// Product H*V for a direction V: a file or value, or NAME=V for each variable
    #[arg(long, value_name = "V", help_heading = "Derivatives")]
    pub hvp: Vec<String>,

    /// Jacobian J[i,j,k,l] = dZ_ij/dX_kl of an expression Z of any shape
    #[arg(long, value_name = "X,...", value_delimiter = ',', help_heading = "Derivatives")]
    pub jacobian: Vec<String>,

    /// All second derivatives T[i,j,k,l,p,q] = d2Z_ij/dX_kl dY_pq of an expression Z of any shape; repeatable
    #[arg(long, value_name = "X,Y", help_heading = "Derivatives")]
    pub second: Vec<String>,

    /// Certify the derivatives against finite differences; exit code 1 if they fail
    #[arg(long, help_heading = "Derivatives")]
    pub check: bool,

    /// Print what value, gradient, products and Hessian cost
    #[arg(long, help_heading = "Derivatives")]
    pub estimate: bool,

    /// Matrices that are constants: they are not differentiated
    #[arg(long, value_name = "X,...", value_delimiter = ',', help_heading = "Evaluation")]
    pub data: Vec<String>,

    /// Matrices of a structure: symmetric, skew, lower or diagonal, with derivatives among such matrices; or posdef,
    /// with derivatives by L_ij below and ln L_ii on the diagonal of X = L Lᵀ
    #[arg(long, value_name = "X=KIND,...", value_delimiter = ',', help_heading = "Evaluation")]
    pub structure: Vec<String>,

    /// What happens at NaN, infinities and kinks
    #[arg(long, value_enum, default_value_t = Mode::Checked, help_heading = "Evaluation")]
    pub mode: Mode,

    /// Most memory that a result may take, such as 512MiB or 2GB
    #[arg(long, value_name = "BYTES", value_parser = byte_count, default_value = "8GiB", help_heading = "Evaluation")]
    pub budget: u64,

    /// Threads to use, all cores by default; results are the same bits for any number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Evaluation")]
    pub threads: Option<u16>,

    /// Form of the results
    #[arg(long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    pub format: Format,

    /// Where to write: a file, a folder (ending in /), or for npy also the beginning of file names
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    pub out: Option<PathBuf>,

    /// Overwrite output files (never an input)
    #[arg(long, help_heading = "Output")]
    pub force: bool,

    /// Decimals of the text
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=17), default_value_t = 6, help_heading = "Output")]
    pub precision: u8,

    /// Print all entries of large arrays
    #[arg(long, help_heading = "Output")]
    pub full: bool,
}

impl Args {
    /// The expression and the NAME=VALUE arguments, which may come in any order: no expression has a single `=`.
    ///
    /// # Errors
    /// There is no expression.
    pub fn words(&self) -> Result<(&str, Vec<&str>)> {
        let words = || self.expression.iter().chain(&self.values).map(|w| w.trim());
        let is_value = |w: &&str| {
            let rest = w.trim_start_matches(|c: char| c == '_' || c.is_alphanumeric()).trim_start();
            rest.starts_with('=') && !rest.starts_with("==")
        };
        match words().position(|w| !is_value(&w)) {
            Some(at) => Ok((
                words().nth(at).unwrap_or(""),
                words().enumerate().filter(|&(k, _)| k != at).map(|(_, w)| w).collect(),
            )),
            None => Err(Error::usage(
                "no expression among the arguments; write one such as 'norm(X*X*Y)' before the matrices",
            )),
        }
    }
}

/// What is not an evaluation.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the functions that expressions may use
    Functions,
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For reading
    Text,
    /// One object with all digits
    Json,
    /// An NPY file for each array; needs --out
    Npy,
}

/// See [`hessite::Mode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// A NaN or infinity is an error that points at its cause
    Checked,
    /// As checked, and a kink is an error too
    Strict,
    /// Everything passes as IEEE arithmetic gives it
    Ieee,
}

impl From<Mode> for hessite::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Checked => hessite::Mode::Checked,
            Mode::Strict => hessite::Mode::Strict,
            Mode::Ieee => hessite::Mode::Ieee,
        }
    }
}

/// `1024`, `512MiB`, `2GB`, `1.5g`: bytes, in powers of 1024 but for kB, MB, GB and TB.
fn byte_count(text: &str) -> Result<u64, String> {
    let text = text.trim().to_lowercase();
    let unit_at = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let factor = match unit {
        "" | "b" => 1.0,
        "k" | "ki" | "kib" => 1024.0,
        "m" | "mi" | "mib" => 1024f64.powi(2),
        "g" | "gi" | "gib" => 1024f64.powi(3),
        "t" | "ti" | "tib" => 1024f64.powi(4),
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "tb" => 1e12,
        _ => return Err(format!("unknown unit {unit:?}; use B, KiB, MiB, GiB or TiB")),
    };
    match number.trim().parse::<f64>() {
        Ok(x) if x.is_finite() && x >= 0.0 => Ok((x * factor) as u64),
        _ => Err("write a number and a unit, such as 512MiB".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::byte_count;

    #[test]
    fn byte_counts_have_binary_and_decimal_units() {
        let cases =
            [("0", 0), ("17", 17), ("2k", 2048), ("1.5KiB", 1536), ("3MB", 3_000_000), ("1 GiB", 1 << 30)];
        for (text, bytes) in cases {
            assert_eq!(byte_count(text), Ok(bytes), "{text}");
        }
        for wrong in ["", "-1", "GiB", "1 parsec", "nan", "1e400"] {
            assert!(byte_count(wrong).is_err(), "{wrong}");
        }
    }
}
