//! The array primitives: one file each, with equation, shape rule, value and derivative rules.
//!
//! A primitive is registered by its line in the list below, which does not compile unless [`Primitive`] is
//! implemented in full. `tangent` is forward mode, written with ordinary operations for coefficients and linear
//! operations on tangents; `transpose` is reverse mode and exists where the operation is linear.

use super::number::{Array, Number};
use super::split::{Places, Side, Split, Terms};
use super::{Args, Builder, Shape, Value};
use crate::dense::lanes::{View, ViewMut};
use crate::dense::stop::Stop;
use crate::error::{Failure, Mismatch, Result};

/// Where the result goes: out = scale·op(args), or added to what stands there.
pub(crate) struct Target<'a> {
    pub out: ViewMut<'a>,
    pub scale: f64,
    pub add: bool,
    /// Long work may stop, unfinished, when this is raised.
    pub stop: Stop<'a>,
}

impl<'a> Target<'a> {
    /// out = op(args).
    pub fn plain(out: ViewMut<'a>, stop: Stop<'a>) -> Self {
        Target { out, scale: 1.0, add: false, stop }
    }
}

/// What a rule sees of its instruction.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub args: &'a [Value],
    pub result: Value,
}

/// A registered array operation.
pub(crate) trait Primitive: Clone + Into<Op> {
    /// As error messages name it.
    fn name(&self) -> &'static str;

    /// The shape of the result, or why there is none.
    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch>;

    /// The value, for `out.lanes` directions at once where the operation is linear: arguments then have that many
    /// lanes, or one that serves all of them. Only where [`accumulates`](Self::accumulates) says so does the
    /// engine ask for another scale than 1 or for adding.
    fn run(&self, args: &[View<'_>], target: Target<'_>);

    fn accumulates(&self) -> bool {
        false
    }

    /// Whether column j of the result takes nothing of the last argument but its column j, which may then be given
    /// fewer columns.
    fn by_columns(&self) -> bool {
        false
    }

    /// Whether the entries of the result are those of its argument, arranged anew or added up.
    fn arranges(&self) -> bool {
        false
    }

    /// The entries, at most two, that each entry of the result is the sum of, where the operation
    /// [`arranges`](Self::arranges) those of an argument of this shape.
    fn places(&self, _from: Shape) -> Option<Places> {
        None
    }

    /// The value at any kind of number: the meaning, not the speed.
    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>>;

    /// ẏ from the tangents of the arguments (`None`: does not vary).
    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value>;

    /// The adjoint of the linear map from argument `j` to the result, applied to `w`; `None` where it is not linear.
    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value>;

    /// A value that this would merely repeat.
    fn simplify(&self, _b: &mut Builder, _args: &[Value], _shape: Shape) -> Option<Value> {
        None
    }

    /// The linear action on sums of terms. What an operation does not say happens on arrays.
    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        s.opaque(self.clone(), args, shape)
    }

    /// Whether `act` merely rewrites terms, so that its result costs nothing yet.
    fn elementwise(&self) -> bool {
        false
    }

    /// The first entry of the result where the operation has no derivative.
    fn kink(&self, _args: &[&Array<f64>], _result: &Array<f64>) -> Option<usize> {
        None
    }

    /// Whether [`failure`](Self::failure) can say something.
    fn fallible(&self) -> bool {
        false
    }

    /// Why there is no result, asked after `run`: a singular matrix, say. What is not a number is no failure of the
    /// operation; it goes on into the result.
    fn failure(&self, _args: &[View<'_>], _result: View<'_>) -> Option<Failure> {
        None
    }

    /// The reciprocal condition of the matrix that this solves with, where that is known.
    fn reciprocal_condition(&self, _args: &[&Array<f64>]) -> Option<f64> {
        None
    }

    /// Floating-point operations for one direction.
    fn flops(&self, args: &[Shape], shape: Shape) -> u64 {
        args.iter().map(|s| s.len()).sum::<usize>().max(shape.len()) as u64
    }

    /// The operation whose result argument `j` has to be (a factorisation, say), and the argument that it is of. The
    /// tangent takes it for a function of that one.
    #[cfg(test)]
    fn made_by(&self, _j: usize) -> Option<(Op, usize)> {
        None
    }

    /// As [`made_by`](Self::made_by), for what is made of several arguments.
    #[cfg(test)]
    fn made_of(&self, j: usize) -> Option<(Op, Vec<usize>)> {
        self.made_by(j).map(|(op, from)| (op, vec![from]))
    }

    /// Whether this only serves operations whose tangents take it for what it is made of, and has none itself. The
    /// laws of derivatives hold for those operations.
    #[cfg(test)]
    fn is_cache(&self) -> bool {
        false
    }

    /// Brings random arguments into the domain.
    #[cfg(test)]
    fn tame(&self, _args: &mut [Array<f64>]) {}

    /// Instances with shapes of the arguments that nothing else makes, for the conformance tests.
    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)>;
}

/// Σⱼ op(…, ẋⱼ, …): the tangent of an operation that is linear in each argument.
pub(crate) fn multilinear<P: Primitive>(
    op: &P,
    b: &mut Builder,
    at: At<'_>,
    tangents: &[Option<Value>],
) -> Option<Value> {
    let mut total = None;
    for (j, t) in tangents.iter().enumerate() {
        let Some(t) = *t else { continue };
        let mut args = Args::from_slice(at.args);
        args[j] = t;
        let v = b.emit(op.clone(), &args);
        total = Some(total.map_or(v, |sum| b.add(sum, v)));
    }
    total
}

mod factors;
pub(crate) use factors::Factors;
use factors::{solved, square};

/// A derivative along the arguments from the third on, in which it is linear and symmetric: they stand in the order of
/// their numbers, and one that is zero makes it zero.
fn in_order<P: Primitive>(op: &P, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
    if args[2..].iter().any(|&e| b.uniform(e) == Some(0.0)) {
        return Some(b.fill(shape, 0.0));
    }
    if args[2..].is_sorted() {
        return None;
    }
    let mut args = Args::from_slice(args);
    args[2..].sort_unstable();
    Some(b.emit(op.clone(), &args))
}

macro_rules! primitives {
    ($($module:ident :: $Type:ident),* $(,)?) => {
        $(mod $module; pub(crate) use $module::$Type;)*

        /// Any registered operation.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Op { $($Type($Type)),* }

        $(impl From<$Type> for Op {
            fn from(op: $Type) -> Op { Op::$Type(op) }
        })*

        macro_rules! each {
            ($op:expr, $p:ident => $body:expr) => { match $op { $(Op::$Type($p) => $body),* } };
        }

        impl Op {
            /// One sample of every primitive's instances.
            #[cfg(test)]
            pub fn samples() -> Vec<(Op, Vec<Shape>)> {
                let mut all = Vec::new();
                $(all.extend($Type::samples().into_iter().map(|(p, s)| (Op::from(p), s)));)*
                all
            }
        }
    };
}

primitives! {
    input::Input,
    data::Data,
    fill::Fill,
    map::Map,
    combine::Combine,
    matmul::Matmul,
    transpose::Transpose,
    sum::Sum,
    broadcast::Broadcast,
    dot::Dot,
    norm::Norm,
    reshape::Reshape,
    slice::Slice,
    pad::Pad,
    concat::Concat,
    diagonal::Diagonal,
    from_diagonal::FromDiagonal,
    logsumexp::LogSumExp,
    softmax::Softmax,
    extremum::Extremum,
    selected::Selected,
    pick_column::PickColumn,
    pick_entry::PickEntry,
    unit::Unit,
    gather::Gather,
    scatter_add::ScatterAdd,
    cumulative_sum::CumulativeSum,
    convolve::Convolve,
    correlate::Correlate,
    lp_norm::LpNorm,
    symmetric_part::SymmetricPart,
    triangle::Triangle,
    solve_triangular::SolveTriangular,
    lu::Lu,
    cholesky::Cholesky,
    solve::Solve,
    inverse::Inverse,
    log_determinant::LogDeterminant,
    complete_pivots::CompletePivots,
    pair_products::PairProducts,
    determinant::Determinant,
    cofactor::Cofactor,
    qr::Qr,
    symmetric_eigen::SymmetricEigen,
    spectral::Spectral,
    divided_differences::DividedDifferences,
    divided_product::DividedProduct,
    taylor_coefficients::TaylorCoefficients,
    spectral_limit::SpectralLimit,
    eigenvalues::Eigenvalues,
    eigenvectors::Eigenvectors,
    expm_tape::ExpmTape,
    expm_second::ExpmSecond,
    expm::Expm,
    implicit_factors::ImplicitFactors,
    implicit_solve::ImplicitSolve,
    root::Root,
}

pub(crate) use spectral::SpectralFunction;

impl Op {
    pub fn name(&self) -> &'static str {
        each!(self, p => p.name())
    }

    pub fn describe(&self) -> String {
        each!(self, p => format!("{p:?}"))
    }

    pub fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        each!(self, p => p.shape(args))
    }

    pub fn run(&self, args: &[View<'_>], target: Target<'_>) {
        each!(self, p => p.run(args, target))
    }

    pub fn accumulates(&self) -> bool {
        each!(self, p => p.accumulates())
    }

    pub fn by_columns(&self) -> bool {
        each!(self, p => p.by_columns())
    }

    pub fn arranges(&self) -> bool {
        each!(self, p => p.arranges())
    }

    pub fn places(&self, from: Shape) -> Option<Places> {
        each!(self, p => p.places(from))
    }

    pub fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        each!(self, p => p.literal(args, shape))
    }

    pub fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        each!(self, p => p.tangent(b, at, tangents))
    }

    pub fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        each!(self, p => p.transpose(b, at, j, w))
    }

    pub fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        each!(self, p => p.simplify(b, args, shape))
    }

    pub fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        each!(self, p => p.act(s, args, shape))
    }

    pub fn elementwise(&self) -> bool {
        each!(self, p => p.elementwise())
    }

    pub fn kink(&self, args: &[&Array<f64>], result: &Array<f64>) -> Option<usize> {
        each!(self, p => p.kink(args, result))
    }

    pub fn fallible(&self) -> bool {
        each!(self, p => p.fallible())
    }

    pub fn failure(&self, args: &[View<'_>], result: View<'_>) -> Option<Failure> {
        each!(self, p => p.failure(args, result))
    }

    pub fn reciprocal_condition(&self, args: &[&Array<f64>]) -> Option<f64> {
        each!(self, p => p.reciprocal_condition(args))
    }

    pub fn flops(&self, args: &[Shape], shape: Shape) -> u64 {
        each!(self, p => p.flops(args, shape))
    }

    #[cfg(test)]
    pub fn made_of(&self, j: usize) -> Option<(Op, Vec<usize>)> {
        each!(self, p => p.made_of(j))
    }

    #[cfg(test)]
    pub fn is_cache(&self) -> bool {
        each!(self, p => p.is_cache())
    }

    #[cfg(test)]
    pub fn tame(&self, args: &mut [Array<f64>]) {
        each!(self, p => p.tame(args))
    }

    /// The input that this is.
    pub fn as_input(&self) -> Option<usize> {
        match self {
            Op::Input(i) => Some(i.index as usize),
            _ => None,
        }
    }

    /// The constant array that this is.
    pub fn as_data(&self) -> Option<usize> {
        match self {
            Op::Data(d) => Some(d.index as usize),
            _ => None,
        }
    }

    /// The elementwise function that this is.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Op::Map(m) => Some(m),
            _ => None,
        }
    }

    pub fn as_from_diagonal(&self) -> bool {
        matches!(self, Op::FromDiagonal(_))
    }

    pub fn as_broadcast(&self) -> bool {
        matches!(self, Op::Broadcast(_))
    }

    /// The sum of products that this is.
    pub fn as_combine(&self) -> Option<&Combine> {
        match self {
            Op::Combine(c) => Some(c),
            _ => None,
        }
    }
}

/// A literal array read entry by entry.
pub(crate) fn entrywise<N: Number>(shape: Shape, f: impl FnMut(usize, usize) -> N) -> Result<Vec<N>> {
    Ok(Array::from_fn(shape, f).entries)
}

#[cfg(test)]
pub(crate) fn shapes(list: &[(usize, usize)]) -> Vec<Shape> {
    list.iter().map(|&(m, n)| Shape::new(m, n)).collect()
}
