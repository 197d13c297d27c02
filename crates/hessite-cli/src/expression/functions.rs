//! The functions of expressions, one row each: names, arguments, what it is.

use super::Span;
use super::lower::{Lowering, Operand};
use super::parse::Id;
use crate::error::Marked;
use hessite::{Matrix, Scalar};
pub use linear_algebra::left_division;

mod arrays;
mod calls;
mod linear_algebra;
mod shapes;
mod spectrum;

/// A row of the table.
pub struct Function {
    /// Its names, the first of which is the one to use.
    pub names: &'static [&'static str],
    /// Its arguments, as one would write them.
    pub arguments: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    rule: Rule,
}

/// How a call is recorded.
enum Rule {
    /// A function of every entry.
    Each(for<'g> fn(Matrix<'g>) -> Matrix<'g>),
    /// A function of pairs of entries, of arrays repeated to a common shape.
    Pair(for<'g> fn(Matrix<'g>, Matrix<'g>) -> Matrix<'g>),
    /// Another function of one matrix.
    Whole(for<'g> fn(Matrix<'g>) -> Scalar<'g>),
    /// Anything else: least and most arguments.
    Call(usize, usize, for<'c, 'l, 'g> fn(&Call<'c, 'l, 'g>) -> Result<Operand<'g>, Marked>),
}

/// A call: the function's name and its arguments.
pub struct Call<'c, 'l, 'g> {
    /// The walk, with the arguments' values.
    pub lowering: &'c Lowering<'l, 'g>,
    /// Where the name is.
    pub name: Span,
    /// The arguments' nodes.
    pub arguments: &'c [Id],
}

const fn row(
    names: &'static [&'static str],
    arguments: &'static str,
    summary: &'static str,
    rule: Rule,
) -> Function {
    Function { names, arguments, summary, rule }
}

const fn each(
    names: &'static [&'static str],
    summary: &'static str,
    f: for<'g> fn(Matrix<'g>) -> Matrix<'g>,
) -> Function {
    row(names, "X", summary, Rule::Each(f))
}

const fn pair(
    names: &'static [&'static str],
    summary: &'static str,
    f: for<'g> fn(Matrix<'g>, Matrix<'g>) -> Matrix<'g>,
) -> Function {
    row(names, "X, Y", summary, Rule::Pair(f))
}

/// A group of rows under a heading.
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// Its functions.
    pub functions: &'static [Function],
}

/// All functions.
pub static GROUPS: &[Group] = &[
    Group { title: "Scalars of a matrix", functions: SCALARS },
    Group { title: "Linear algebra", functions: linear_algebra::LINEAR_ALGEBRA },
    Group { title: "Entry by entry", functions: EACH },
    Group { title: "Entry by entry, of two (shapes equal, or 1 where they differ)", functions: PAIRS },
    Group { title: "Eigenvalues and singular values", functions: spectrum::SPECTRUM },
    Group { title: "Rows, columns and shapes", functions: shapes::SHAPES },
    Group { title: "Lists of indices (from 0), running sums, products", functions: arrays::ARRAYS },
];

static SCALARS: &[Function] = &[
    row(
        &["norm"],
        "X",
        "Frobenius norm; norm(X,'fro') too. norm(X,1), norm(X,2), norm(X,inf), norm(X,'nuc'), and norm(x,p) of a vector as in MATLAB",
        Rule::Call(1, 2, calls::norm),
    ),
    row(
        &["norm2", "normsq", "sumsq", "norm_squared"],
        "X",
        "sum of the squared entries",
        Rule::Whole(|x| x.norm_squared()),
    ),
    row(&["tr", "trace"], "X", "sum of the diagonal of a square matrix", Rule::Call(1, 1, calls::trace)),
    row(
        &["sum"],
        "X",
        "sum of all entries; sum(X,1) adds the rows up, sum(X,2) the columns",
        Rule::Call(1, 2, shapes::sum),
    ),
    row(
        &["mean"],
        "X",
        "mean of all entries; mean(X,1) of the rows, mean(X,2) of the columns",
        Rule::Call(1, 2, shapes::mean),
    ),
    row(
        &["dot", "vdot", "inner"],
        "X, Y",
        "sum of the products of corresponding entries",
        Rule::Call(2, 2, calls::dot),
    ),
    row(
        &["max", "amax"],
        "X",
        "largest entry; max(X,Y) entry by entry. The first at a tie",
        Rule::Call(1, 2, calls::max),
    ),
    row(
        &["min", "amin"],
        "X",
        "smallest entry; min(X,Y) entry by entry. The first at a tie",
        Rule::Call(1, 2, calls::min),
    ),
    row(
        &["logsumexp"],
        "X",
        "log of the sum of exp(X); logsumexp(X,1) of each column, (X,2) of each row",
        Rule::Call(1, 2, shapes::logsumexp),
    ),
];

static EACH: &[Function] = &[
    each(&["exp"], "e to the x", |x| x.exp()),
    each(&["expm1"], "exp(x) - 1, exact for small x", |x| x.exp_m1()),
    each(&["log", "ln"], "natural logarithm", |x| x.ln()),
    each(&["log1p"], "log(1 + x), exact for small x", |x| x.ln_1p()),
    each(&["log2"], "logarithm to base 2", |x| x.log2()),
    each(&["log10"], "logarithm to base 10", |x| x.log10()),
    each(&["xlogx"], "x log(x), 0 at 0", |x| x.xlnx()),
    each(&["sqrt"], "square root", |x| x.sqrt()),
    each(&["cbrt"], "cube root", |x| x.cbrt()),
    each(&["square"], "x squared", |x| x.powi(2)),
    each(&["reciprocal", "recip"], "1/x", |x| x.recip()),
    each(&["sin"], "sine", |x| x.sin()),
    each(&["cos"], "cosine", |x| x.cos()),
    each(&["tan"], "tangent", |x| x.tan()),
    each(&["asin", "arcsin"], "arc sine", |x| x.asin()),
    each(&["acos", "arccos"], "arc cosine", |x| x.acos()),
    each(&["atan", "arctan"], "arc tangent", |x| x.atan()),
    each(&["sinh"], "hyperbolic sine", |x| x.sinh()),
    each(&["cosh"], "hyperbolic cosine", |x| x.cosh()),
    each(&["tanh"], "hyperbolic tangent", |x| x.tanh()),
    each(&["asinh", "arcsinh"], "inverse hyperbolic sine", |x| x.asinh()),
    each(&["acosh", "arccosh"], "inverse hyperbolic cosine", |x| x.acosh()),
    each(&["atanh", "arctanh"], "inverse hyperbolic tangent", |x| x.atanh()),
    each(&["sigmoid", "logistic", "expit"], "1/(1 + exp(-x))", |x| x.sigmoid()),
    each(&["softplus", "log1pexp"], "log(1 + exp(x)), without overflow", |x| x.softplus()),
    each(&["erf"], "error function", |x| x.erf()),
    each(&["erfc"], "1 - erf(x), exact for large x", |x| x.erfc()),
    each(&["relu"], "max(x, 0), with derivative 1 at 0", |x| x.relu()),
    each(&["abs", "fabs"], "absolute value, with derivative 0 at 0", |x| x.abs()),
    each(&["sign"], "-1, 0 or 1", |x| x.sign()),
    each(&["floor"], "largest integer that is not larger", |x| x.floor()),
    each(&["ceil"], "smallest integer that is not smaller", |x| x.ceil()),
    each(&["round"], "nearest integer, halves away from 0", |x| x.round()),
];

static PAIRS: &[Function] = &[
    row(
        &["power", "pow"],
        "X, Y",
        "X.^Y; a constant exponent may have a negative base",
        Rule::Call(2, 2, calls::power),
    ),
    pair(&["atan2", "arctan2"], "angle of the point (Y, X), X being the height", |y, x| y.atan2(x)),
    pair(&["hypot"], "sqrt(x^2 + y^2), without overflow", |x, y| x.hypot(y)),
    pair(&["rel_entr"], "x log(x/y), 0 where x is", |x, y| x.rel_entr(y)),
    pair(&["maximum", "fmax"], "the larger; the first at a tie", |x, y| x.sup(y)),
    pair(&["minimum", "fmin"], "the smaller; the first at a tie", |x, y| x.inf(y)),
    row(
        &["clamp", "clip"],
        "X, low, high",
        "x between bounds; at a bound it counts as inside",
        Rule::Call(3, 3, calls::clamp),
    ),
    pair(&["at_least", "ge"], "1 where x >= y, else 0: constant, a condition for select", |x, y| {
        x.at_least(y)
    }),
    row(
        &["select", "where"],
        "C, X, Y",
        "x where c is not 0, else y; the other does not matter",
        Rule::Call(3, 3, calls::select),
    ),
];

/// The function of this name.
pub fn find(name: &str) -> Option<&'static Function> {
    GROUPS.iter().flat_map(|g| g.functions).find(|f| f.names.contains(&name))
}

/// Records a call.
///
/// # Errors
/// No such function; a wrong number or kind of arguments; shapes that do not fit.
pub fn call<'g>(call: &Call<'_, '_, 'g>) -> Result<Operand<'g>, Marked> {
    let name = call.lowering.piece(call.name);
    let Some(function) = find(name) else { return unknown(call, name) };
    let (least, most) = match function.rule {
        Rule::Each(_) | Rule::Whole(_) => (1, 1),
        Rule::Pair(_) => (2, 2),
        Rule::Call(least, most, _) => (least, most),
    };
    let got = call.arguments.len();
    if got < least || got > most {
        let wanted = if least == most { least.to_string() } else { format!("{least} or {most}") };
        let plural = if most == 1 { "argument" } else { "arguments" };
        return call.fail(format!("{name}({}) takes {wanted} {plural}, got {got}", function.arguments));
    }
    match function.rule {
        Rule::Each(f) => Ok(Operand::Array(f(call.array(0)?))),
        Rule::Whole(f) => Ok(Operand::Array(f(call.array(0)?).to_matrix())),
        Rule::Pair(f) => {
            let [x, y] = call.expanded()?;
            Ok(Operand::Array(f(x, y)))
        }
        Rule::Call(_, _, run) => run(call),
    }
}

fn unknown<'g>(call: &Call<'_, '_, 'g>, name: &str) -> Result<Operand<'g>, Marked> {
    if call.lowering.is_variable(name) {
        let why = format!(
            "`{name}` is a matrix, and entries are not picked by ( ) but by select_rows({name}, i), select_columns and gather; write {name}*(...) for a product"
        );
        return call.fail(why);
    }
    let known = GROUPS.iter().flat_map(|g| g.functions).flat_map(|f| f.names).copied();
    let hint = nearest(name, known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    call.fail(format!("there is no function `{name}`{hint} (`hessite functions` lists them)"))
}

/// The known name that is nearest to `name`, if one is near: at most a third of its letters differ.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let (near, distance) = known.map(|k| (k, distance(k, name))).min_by_key(|&(_, d)| d)?;
    (distance <= (name.chars().count() / 3).max(1) && distance < near.chars().count()).then_some(near)
}

/// Insertions, deletions, changes and swaps of neighbours that make one word of the other (optimal string alignment),
/// letters of either case being equal.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.to_lowercase().chars().collect(), b.to_lowercase().chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut next = vec![i + 1];
        for j in 0..b.len() {
            let mut best = (row[j] + usize::from(a[i] != b[j])).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(before[j - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

impl<'g> Call<'_, '_, 'g> {
    /// An error at the function's name.
    fn fail<T>(&self, why: impl Into<String>) -> Result<T, Marked> {
        self.lowering.fail(self.name, why)
    }

    /// "norm: X is 3x2 (why)", at the name.
    fn misfit<T>(&self, why: &str) -> Result<T, Marked> {
        let shapes = self.lowering.shapes_of(self.arguments);
        let colon = if shapes.is_empty() { "" } else { ": " };
        self.fail(format!("{}{colon}{shapes} ({why})", self.lowering.piece(self.name)))
    }

    fn array(&self, k: usize) -> Result<Matrix<'g>, Marked> {
        self.lowering.array(self.arguments[k])
    }

    /// Argument `k` if it is a number known now.
    fn number(&self, k: usize) -> Option<f64> {
        match self.lowering.value(self.arguments[k]) {
            Operand::Number(x) => Some(x),
            _ => None,
        }
    }

    fn expanded(&self) -> Result<[Matrix<'g>; 2], Marked> {
        let ids = [self.arguments[0], self.arguments[1]];
        let arrays = [self.array(0)?, self.array(1)?];
        self.lowering.expand(|| self.lowering.piece(self.name).into(), ids, arrays, self.name)
    }
}

fn scalar(x: Scalar<'_>) -> Result<Operand<'_>, Marked> {
    Ok(Operand::Array(x.to_matrix()))
}

fn is_vector(x: Matrix<'_>) -> bool {
    x.nrows() == 1 || x.ncols() == 1
}
