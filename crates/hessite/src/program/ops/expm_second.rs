//! D²exp(A)[P, E] from the tapes of e^A and of its derivative along P, of the point: it serves [`Expm`] in the direction
//! part, where nothing is differentiated again. Arguments: A, the two tapes, P, E.
//!
//! Linear in E, with Ē = D²exp(Aᵀ)[Pᵀ, W] = (D²exp(A)[P, Wᵀ])ᵀ.

use super::*;
use crate::dense::expm;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ExpmSecond;

impl Primitive for ExpmSecond {
    fn name(&self) -> &'static str {
        "second derivative of the matrix exponential"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        match args[3] == args[0] && args[4] == args[0] {
            true => Ok(args[0]),
            false => Err(Mismatch::new("the shapes differ")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let s = expm::squarings(args[0].data, args[0].rows);
        expm::second([args[1].data, args[2].data], s, args[4], target.out, target.stop);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        Expm { order: 2 }.literal(&[args[0], args[1], args[3], args[4]], shape)
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        if j != 4 {
            return None;
        }
        let mut args = Args::from_slice(at.args);
        args[4] = b.emit(Transpose, &[w]);
        let turned = b.emit(ExpmSecond, &args);
        Some(b.emit(Transpose, &[turned]))
    }

    fn flops(&self, args: &[Shape], _: Shape) -> u64 {
        96 * args[0].rows as u64 * args[0].len() as u64
    }

    #[cfg(test)]
    fn is_cache(&self) -> bool {
        true
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let n = 2;
        vec![(ExpmSecond, shapes(&[(n, n), (n, n * expm::TAPE), (n, n * expm::TAPE), (n, n), (n, n)]))]
    }
}
