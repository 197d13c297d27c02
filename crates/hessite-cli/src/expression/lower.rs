//! The tree to hessite handles, in one walk over the nodes.
//!
//! Shapes are checked before each operation is recorded, so that an error names the operands as they were written and
//! points at the operator. Numbers are folded on the way: `X.^(1/2)` has a constant exponent.

use super::Span;
use super::functions::{self, Call};
use super::parse::{Id, Node, Tree};
use super::token::Operator;
use crate::error::{Marked, bytes};
use hessite::{Graph, Matrix};
use nalgebra::DMatrix;
use std::collections::BTreeMap;

/// A value on the way: a known number, an array of the graph, or an option in quotes.
#[derive(Clone, Copy, Debug)]
pub enum Operand<'g> {
    /// A number.
    Number(f64),
    /// A matrix, a vector or (1×1) a scalar that may depend on the variables.
    Array(Matrix<'g>),
    /// A text; the piece without its quotes.
    Text(Span),
}

/// An expression as recorded.
pub struct Lowered<'g> {
    /// Its result.
    pub output: Matrix<'g>,
    /// Every array on the way, with the piece of the text that made it, in order.
    pub steps: Vec<(Matrix<'g>, Span)>,
}

/// What lowering needs beside the tree.
pub struct Scope<'s, 'g> {
    /// Where operations are recorded.
    pub graph: &'g Graph,
    /// The named matrices.
    pub names: BTreeMap<&'s str, Matrix<'g>>,
    /// The largest array that the expression may make, in bytes.
    pub limit: u64,
}

/// Records `tree` on the scope's graph.
///
/// # Errors
/// An unknown name or function, a wrong number of arguments, shapes that do not fit, an array over the limit; each
/// marks its place.
pub fn lower<'g>(tree: &Tree<'_>, scope: &Scope<'_, 'g>) -> Result<Lowered<'g>, Marked> {
    let mut lowering = Lowering { tree, scope, values: Vec::with_capacity(tree.nodes.len()) };
    let mut steps = Vec::new();
    for (id, node) in tree.nodes.iter().enumerate() {
        let value = lowering.node(node)?;
        if let Operand::Array(x) = value {
            lowering.afford(id, x)?;
            steps.push((x, lowering.mark(id, node)));
        }
        lowering.values.push(value);
    }
    let last = tree.nodes.len().saturating_sub(1);
    let output = lowering.array(last)?;
    Ok(Lowered { output, steps })
}

/// A walk over the nodes, with the values of those before.
pub struct Lowering<'l, 'g> {
    tree: &'l Tree<'l>,
    scope: &'l Scope<'l, 'g>,
    values: Vec<Operand<'g>>,
}

impl<'l, 'g> Lowering<'l, 'g> {
    /// The graph that is recorded on.
    pub fn graph(&self) -> &'g Graph {
        self.scope.graph
    }

    /// The value of an earlier node.
    pub fn value(&self, id: Id) -> Operand<'g> {
        self.values[id]
    }

    /// Whether a matrix of this name was given.
    pub fn is_variable(&self, name: &str) -> bool {
        self.scope.names.contains_key(name)
    }

    /// The numbers that an earlier node lists, if it is a number or `[a, b, ...]` of numbers.
    pub fn numbers(&self, id: Id) -> Option<Vec<f64>> {
        let number = |id: Id| match self.values[id] {
            Operand::Number(x) => Some(x),
            _ => None,
        };
        match &self.tree.nodes[id] {
            Node::Rows(rows) => rows.iter().flatten().map(|&id| number(id)).collect(),
            _ => number(id).map(|x| vec![x]),
        }
    }

    /// The text of a piece.
    pub fn piece(&self, span: Span) -> &'l str {
        &self.tree.text[span.start..span.end]
    }

    /// An error at a place.
    pub fn fail<T>(&self, at: Span, why: impl Into<String>) -> Result<T, Marked> {
        Err(Marked::new(why, self.tree.text, at))
    }

    /// An error at a node.
    pub fn fail_at<T>(&self, id: Id, why: impl Into<String>) -> Result<T, Marked> {
        self.fail(self.tree.spans[id], why)
    }

    /// A piece as it was written, shortened in the middle when long.
    fn written(&self, at: Span) -> String {
        const LONGEST: usize = 32;
        let text: Vec<char> = self.piece(at).chars().collect();
        match text.len() > LONGEST {
            true => text[..LONGEST - 9].iter().chain(&['…']).chain(&text[text.len() - 8..]).collect(),
            false => text.into_iter().collect(),
        }
    }

    /// "X is 3x2, Y is 4x4", each piece once.
    fn shapes(&self, pieces: &[(Span, Matrix<'g>)]) -> String {
        let mut words: Vec<String> = Vec::new();
        for (at, x) in pieces {
            let (r, c) = x.shape();
            let shape = format!("{} is {r}x{c}", self.written(*at));
            if !words.contains(&shape) {
                words.push(shape);
            }
        }
        words.join(", ")
    }

    /// The shapes of those nodes that are arrays.
    pub fn shapes_of(&self, ids: &[Id]) -> String {
        let arrays = ids.iter().filter_map(|&id| match self.values[id] {
            Operand::Array(x) => Some((self.tree.spans[id], x)),
            _ => None,
        });
        self.shapes(&arrays.collect::<Vec<_>>())
    }

    /// The value of a node as an array; a number is 1×1.
    pub fn array(&self, id: Id) -> Result<Matrix<'g>, Marked> {
        match self.values[id] {
            Operand::Number(x) => Ok(self.graph().constant(x).to_matrix()),
            Operand::Array(x) => Ok(x),
            Operand::Text(_) => {
                self.fail_at(id, "a text can only be an option of a function, as in norm(X, 'fro')")
            }
        }
    }

    /// Where an error of this node points.
    fn mark(&self, id: Id, node: &Node) -> Span {
        match node {
            Node::Binary(_, _, _, at) | Node::Call(at, _) => *at,
            _ => self.tree.spans[id],
        }
    }

    fn afford(&self, id: Id, x: Matrix<'g>) -> Result<(), Marked> {
        let (r, c) = x.shape();
        let need = (r as u64).saturating_mul(c as u64).saturating_mul(8);
        if need <= self.scope.limit {
            return Ok(());
        }
        let limit = bytes(self.scope.limit);
        let why = format!("this is {r}x{c}, {}, over the budget of {limit}; see --budget", bytes(need));
        self.fail(self.mark(id, &self.tree.nodes[id]), why)
    }

    fn node(&self, node: &Node) -> Result<Operand<'g>, Marked> {
        match node {
            Node::Number(x) => Ok(Operand::Number(*x)),
            Node::Text(at) => Ok(Operand::Text(Span::new(at.start + 1, at.end - 1))),
            Node::Name(at) => self.name(*at),
            Node::Negated(x) => match self.values[*x] {
                Operand::Number(x) => Ok(Operand::Number(-x)),
                _ => Ok(Operand::Array(-self.array(*x)?)),
            },
            Node::Transposed(x) => match self.values[*x] {
                Operand::Number(x) => Ok(Operand::Number(x)),
                _ => Ok(Operand::Array(self.array(*x)?.transpose())),
            },
            Node::Binary(op, x, y, at) => self.binary(*op, *x, *y, *at),
            Node::Call(name, arguments) => functions::call(&Call { lowering: self, name: *name, arguments }),
            Node::Rows(rows) => self.rows(rows),
        }
    }

    fn name(&self, at: Span) -> Result<Operand<'g>, Marked> {
        let name = self.piece(at);
        if let Some(&x) = self.scope.names.get(name) {
            return Ok(Operand::Array(x));
        }
        match name {
            "pi" => return Ok(Operand::Number(std::f64::consts::PI)),
            "inf" | "Inf" => return Ok(Operand::Number(f64::INFINITY)),
            _ => {}
        }
        if functions::find(name).is_some() {
            return self.fail(at, format!("`{name}` is a function; write {name}(...)"));
        }
        let known = self.scope.names.keys().copied();
        match functions::nearest(name, known) {
            Some(near) => self.fail(at, format!("no value for `{name}`; did you mean `{near}`?")),
            None => self
                .fail(at, format!("no value for `{name}`; add {name}=FILE or {name}=NUMBER to the command")),
        }
    }

    /// `x op y`, with the operator at `at`.
    pub fn binary(&self, op: Operator, x: Id, y: Id, at: Span) -> Result<Operand<'g>, Marked> {
        if let (Operand::Number(a), Operand::Number(b)) = (self.values[x], self.values[y]) {
            return self.fold(op, a, b, at);
        }
        let (a, b) = (self.array(x)?, self.array(y)?);
        let (scalar_a, scalar_b) = (a.shape() == (1, 1), b.shape() == (1, 1));
        let result = match op {
            Operator::Mul if scalar_a => b.component_mul(a),
            Operator::Mul if scalar_b => a.component_mul(b),
            Operator::Mul if a.ncols() == b.nrows() => a * b,
            Operator::Mul => {
                return self.misfit(op, [x, y], at, &format!("inner {} != {}", a.ncols(), b.nrows()));
            }
            Operator::Div if scalar_b => a.component_div(b),
            Operator::LeftDiv if scalar_a => b.component_div(a),
            Operator::LeftDiv if a.nrows() == b.nrows() => functions::left_division(a, b),
            Operator::LeftDiv => {
                return self.misfit(op, [x, y], at, &format!("{} rows != {}", a.nrows(), b.nrows()));
            }
            Operator::Div if b.nrows() == b.ncols() && a.ncols() == b.ncols() => {
                b.tr_solve(a.transpose()).transpose()
            }
            Operator::Div => {
                let why =
                    "the divisor must be a scalar or square with as many columns; ./ divides entry by entry";
                return self.misfit(op, [x, y], at, why);
            }
            Operator::Pow => return self.power([x, y], [a, b], at),
            Operator::PowEach => return self.power_each([x, y], [a, b], at),
            _ => {
                let [a, b] = self.expand(|| self.operation(op, [x, y]), [x, y], [a, b], at)?;
                match op {
                    Operator::TimesEach => a.component_mul(b),
                    Operator::DivEach => a.component_div(b),
                    Operator::Sub => sub(a, b),
                    _ => add(a, b),
                }
            }
        };
        Ok(Operand::Array(result))
    }

    fn fold(&self, op: Operator, a: f64, b: f64, at: Span) -> Result<Operand<'g>, Marked> {
        let x = match op {
            Operator::Add => a + b,
            Operator::Sub => a - b,
            Operator::Mul | Operator::TimesEach => a * b,
            Operator::Div | Operator::DivEach => a / b,
            Operator::LeftDiv => b / a,
            Operator::Pow | Operator::PowEach => a.powf(b),
        };
        if !x.is_finite() && a.is_finite() && b.is_finite() {
            return self.fail(at, format!("{a} {} {b} is {x}", op.sign()));
        }
        Ok(Operand::Number(x))
    }

    /// Shapes that do not fit, in words: `X*Y: X is 3x2, Y is 4x4 (inner 2 != 4)`.
    fn misfit<T>(&self, op: Operator, ids: [Id; 2], at: Span, why: &str) -> Result<T, Marked> {
        self.fail(at, format!("{}: {} ({why})", self.operation(op, ids), self.shapes_of(&ids)))
    }

    /// An operation as it was written, without blanks around the operator.
    fn operation(&self, op: Operator, ids: [Id; 2]) -> String {
        let [x, y] = ids.map(|id| self.written(self.tree.spans[id]));
        format!("{x}{}{y}", op.sign())
    }

    /// Two arrays repeated to a common shape: sizes must be equal, or one of them 1. A scalar stays a scalar.
    pub fn expand(
        &self,
        what: impl Fn() -> String,
        ids: [Id; 2],
        arrays: [Matrix<'g>; 2],
        at: Span,
    ) -> Result<[Matrix<'g>; 2], Marked> {
        let [a, b] = arrays.map(|x| x.shape());
        let common = |p: usize, q: usize| match (p, q) {
            (1, q) => Some(q),
            (p, 1) => Some(p),
            (p, q) => (p == q).then_some(p),
        };
        match (common(a.0, b.0), common(a.1, b.1)) {
            (Some(r), Some(c)) => Ok(arrays.map(|x| match x.shape() {
                (1, 1) => x,
                s if s == (r, c) => x,
                _ => x.broadcast(r, c),
            })),
            _ => {
                let why = "the shapes must be equal, or 1 where they differ";
                self.fail(at, format!("{}: {} ({why})", what(), self.shapes_of(&ids)))
            }
        }
    }

    /// `A^n` by repeated squaring; a power of scalars.
    fn power(&self, ids: [Id; 2], arrays: [Matrix<'g>; 2], at: Span) -> Result<Operand<'g>, Marked> {
        let [a, b] = arrays;
        if a.shape() == (1, 1) && b.shape() == (1, 1) {
            return self.power_each(ids, arrays, at);
        }
        let misfit = |why: &str| self.misfit(Operator::Pow, ids, at, why);
        let n = match self.values[ids[1]] {
            Operand::Number(n) if a.nrows() == a.ncols() => n,
            _ if a.nrows() != a.ncols() => {
                return misfit("a square matrix is needed; .^ takes powers of the entries");
            }
            _ => return misfit("the exponent must be a constant; .^ takes powers of the entries"),
        };
        if n.fract() != 0.0 || n.abs() > f64::from(u32::MAX) {
            return misfit("the exponent must be an integer; .^ takes powers of the entries");
        }
        let base = if n < 0.0 { a.inverse() } else { a };
        Ok(Operand::Array(base.pow(n.abs() as u32)))
    }

    /// `A.^b`: a constant exponent is defined for negative bases as well.
    pub fn power_each(&self, ids: [Id; 2], arrays: [Matrix<'g>; 2], at: Span) -> Result<Operand<'g>, Marked> {
        let [a, b] = self.expand(|| self.operation(Operator::PowEach, ids), ids, arrays, at)?;
        Ok(Operand::Array(match self.values[ids[1]] {
            Operand::Number(n) if n.fract() == 0.0 && n.abs() <= f64::from(i32::MAX) => a.powi(n as i32),
            Operand::Number(c) => a.powf(c),
            _ => a.component_pow(b),
        }))
    }

    /// `[a, b; c, d]`: a constant where all are numbers, else arrays beside and under each other.
    fn rows(&self, rows: &[Vec<Id>]) -> Result<Operand<'g>, Marked> {
        let ids = || rows.iter().flatten().copied();
        let numbers: Option<Vec<f64>> = ids()
            .map(|id| match self.values[id] {
                Operand::Number(x) => Some(x),
                _ => None,
            })
            .collect();
        let width = rows.first().map_or(0, Vec::len);
        if let Some(numbers) = numbers.filter(|_| rows.iter().all(|r| r.len() == width)) {
            let entries = DMatrix::from_row_slice(rows.len(), width, &numbers);
            return Ok(match &numbers[..] {
                [x] => Operand::Number(*x),
                _ => Operand::Array(self.graph().data(&entries)),
            });
        }
        let mut stacked = Vec::with_capacity(rows.len());
        for row in rows {
            stacked.push((self.row_span(row), self.join(self.pieces(row)?, false)?));
        }
        Ok(Operand::Array(self.join(stacked, true)?))
    }

    fn row_span(&self, row: &[Id]) -> Span {
        self.tree.spans[row[0]].to(self.tree.spans[row[row.len() - 1]])
    }

    /// Nodes as arrays, with their places.
    pub fn pieces(&self, ids: &[Id]) -> Result<Vec<(Span, Matrix<'g>)>, Marked> {
        ids.iter().map(|&id| Ok((self.tree.spans[id], self.array(id)?))).collect()
    }

    /// Arrays under (or beside) each other, pair by pair so that each entry is copied few times. Not empty.
    pub fn join(&self, mut blocks: Vec<(Span, Matrix<'g>)>, vertical: bool) -> Result<Matrix<'g>, Marked> {
        let size = |x: &Matrix<'g>| if vertical { x.ncols() } else { x.nrows() };
        let first = blocks[0];
        if let Some(&other) = blocks.iter().find(|(_, b)| size(b) != size(&first.1)) {
            let what = if vertical { "columns" } else { "rows" };
            let why = format!("{what} {} != {}", size(&first.1), size(&other.1));
            return self.fail(other.0, format!("{} ({why})", self.shapes(&[first, other])));
        }
        while blocks.len() > 1 {
            blocks = blocks
                .chunks(2)
                .map(|pair| match pair {
                    [(at, a), (_, b)] => (*at, if vertical { a.vcat(*b) } else { a.hcat(*b) }),
                    _ => pair[0],
                })
                .collect();
        }
        Ok(blocks[0].1)
    }
}

/// Difference of arrays of one shape, or of an array and a scalar.
fn sub<'g>(a: Matrix<'g>, b: Matrix<'g>) -> Matrix<'g> {
    if a.shape() == b.shape() { a - b } else { add(a, -b) }
}

/// Sum of arrays of one shape, or of an array and a scalar.
fn add<'g>(a: Matrix<'g>, b: Matrix<'g>) -> Matrix<'g> {
    match (a.shape() == b.shape(), b.shape()) {
        (true, _) => a + b,
        (_, (1, 1)) => a.add_scalar(b.sum()),
        _ => b.add_scalar(a.sum()),
    }
}
