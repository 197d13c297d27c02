//! Second derivatives of matrix-valued functions, as derivatives of two companions of the function: its directional
//! derivative dZ(X)[U] as a function of X and U, and the scalar ⟨Λ, Z(X)⟩ as a function of X and Λ.

use super::function::{Function, Inner};
use super::plan::{Kind, internal};
use super::point::Point;
use super::products::slices;
use super::results::{Axis, Block, Hessian, PerVariable};
use super::tensor::Tensor;
use super::variables::Set;
use crate::calculus;
use crate::engine::control::Control;
use crate::error::{Error, Line, Phase, Result};
use crate::program::ops::Dot;
use crate::program::{Builder, Value};
use crate::record::{Binding, Entries, Key, Variable};
use nalgebra::DMatrix;
use smallvec::SmallVec;
use std::fmt;
use std::sync::{OnceLock, RwLock};

/// The companions of a function, made on first use.
#[derive(Default)]
pub(crate) struct Companions {
    weighted: OnceLock<Result<Function>>,
    /// By the variables that vary along U; `None` where nothing does.
    along: RwLock<Vec<(Set, Option<Function>)>>,
}

impl fmt::Debug for Companions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Companions")
    }
}

impl Inner {
    /// ⟨Λ, Z⟩, Λ being a variable after all others.
    fn weighted(&self) -> Result<&Function> {
        let made = self.companions.weighted.get_or_init(|| {
            let mut b = Builder::extend(self.program.clone());
            let weight = b.input(self.shape);
            let total = b.emit(Dot, &[weight, self.output]);
            let mut list = self.variables.list.clone();
            list.push(extra("weight".into(), weight, self.shape));
            Function::pruned(&b.finish(vec![total]).map_err(internal)?, self.variables.graph(), list)
        });
        made.as_ref().map_err(Clone::clone)
    }

    /// dZ[U], the parts of U being variables after all others.
    fn along(&self, seeded: &Set) -> Result<Option<Function>> {
        if let Ok(known) = self.companions.along.read()
            && let Some((_, f)) = known.iter().find(|(s, _)| s == seeded)
        {
            return Ok(f.clone());
        }
        let list = &self.variables.list;
        let inputs: Vec<Value> = seeded.iter().map(|&k| list[k as usize].value).collect();
        let d = calculus::tangents(self.program.clone(), &inputs, &[self.output]).map_err(internal)?;
        let made = match d.derivatives[0] {
            None => None,
            Some(_) => {
                let parts = seeded.iter().zip(&d.seeds).map(|(&k, &seed)| {
                    let v = &list[k as usize];
                    extra(format!("direction of {}", v.name), seed, v.shape)
                });
                let list = list.iter().cloned().chain(parts).collect();
                Some(Function::pruned(&d.program, self.variables.graph(), list)?)
            }
        };
        if let Ok(mut known) = self.companions.along.write() {
            known.push((seeded.clone(), made.clone()));
        }
        Ok(made)
    }
}

/// A variable that no graph declared.
fn extra(name: String, value: Value, shape: crate::program::Shape) -> Variable {
    Variable { name, value, shape, line: Line(None), packing: None }
}

/// What a companion calls its value is a derivative here.
fn as_tangent(e: Error) -> Error {
    match e {
        Error::NonFinite { op, node, line, index, value, .. } => {
            Error::NonFinite { op, node, line, phase: Phase::Tangent, index, value }
        }
        other => other,
    }
}

/// Second derivatives of functions of any shape.
impl Point {
    /// The second directional derivative d²Z\[U, V\] along `u` and `v`, shaped like the value Z: symmetric and linear in
    /// both. A variable that a direction leaves out does not vary along it.
    ///
    /// It is the derivative along V of the directional derivative dZ\[U\], forward over forward. For a scalar function it
    /// is uᵀHv.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let x = g.matrix("X", 2, 2);
    /// let at = g.function(x * x)?.at(&[x.is(&[1.0, 2.0, 3.0, 4.0])])?;
    /// let (u, v) = ([0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]);
    /// // U·V + V·U with U = e₁e₀ᵀ and V = e₀e₁ᵀ.
    /// assert_eq!(at.second(&[x.is(&u)], &[x.is(&v)])?.as_slice(), [1.0, 0.0, 0.0, 1.0]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`jvp`](Point::jvp).
    pub fn second(&self, u: &[Binding<'_>], v: &[Binding<'_>]) -> Result<DMatrix<f64>> {
        let f = &*self.function.inner;
        let ((seeded, parts), (other, others)) = (self.direction(u)?, self.direction(v)?);
        let mut out = DMatrix::zeros(f.shape.rows, f.shape.cols);
        if parts.is_empty() || others.is_empty() {
            return Ok(out);
        }
        if let Some(along) = f.along(&seeded)? {
            let at = self.companion(&along, &slices(&parts)).map_err(as_tangent)?;
            at.along(Kind::Jvp, &other, &Set::new(), &slices(&others), out.as_mut_slice())?;
        }
        Ok(out)
    }

    /// A companion at this point, with these values of its further variables.
    fn companion(&self, f: &Function, further: &[&[f64]]) -> Result<Point> {
        let vars = &f.inner.variables;
        // What the function does not need has no memory at the point, and any value.
        let unused: Vec<Vec<f64>> = (0..vars.list.len() - further.len())
            .map(|k| if self.input(k).len() == vars.len_of(k) { vec![] } else { vec![0.0; vars.len_of(k)] })
            .collect();
        let own = unused.iter().enumerate().map(|(k, u)| if u.is_empty() { self.input(k) } else { u });
        let all = own.chain(further.iter().copied()).enumerate();
        let bindings: SmallVec<[Binding<'_>; 16]> = all.map(|(k, x)| vars.var(k).is(x).packed()).collect();
        self.function.ruling(f).at(&bindings)
    }

    /// ⟨Λ, Z⟩ at this point.
    fn weighted<'w>(&self, weight: impl Into<Entries<'w>>) -> Result<Point> {
        let weight: Entries<'_> = weight.into();
        let w = self.weight(&weight)?;
        self.companion(self.function.inner.weighted()?, &[w])
    }

    /// Σ Λₖₗ ∇²Zₖₗ for a weight Λ shaped like the value Z: the dense Hessian of ⟨Λ, Z⟩ over the listed variables, in
    /// one pass. With multipliers for weights it is the curvature of constraints in a Lagrangian.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let x = g.vector("x", 2);
    /// let z = x.component_mul(x); // Z = (x₀², x₁²)
    /// let at = g.function(z)?.at(&[x.is(&[3.0, 4.0])])?;
    /// assert_eq!(at.weighted_hessian(&[10.0, 1.0], &[x])?.matrix().as_slice(), [20.0, 0.0, 0.0, 2.0]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A weight of the wrong shape; otherwise as [`hessian`](Point::hessian), for functions of any shape.
    pub fn weighted_hessian<'w, 'k, K: Into<Key<'k>> + Clone>(
        &self,
        weight: impl Into<Entries<'w>>,
        variables: &[K],
    ) -> Result<Hessian> {
        self.listed(variables)?;
        self.weighted(weight)?.hessian(variables)
    }

    /// One block of [`weighted_hessian`](Point::weighted_hessian): `[(i, j, k, l)]` = Σ Λₚₚ′ ∂²Zₚₚ′/∂Aᵢⱼ∂Bₖₗ.
    ///
    /// # Errors
    /// A weight of the wrong shape; otherwise as [`block`](Point::block), for functions of any shape.
    pub fn weighted_block<'w, 'a, 'b>(
        &self,
        weight: impl Into<Entries<'w>>,
        a: impl Into<Key<'a>>,
        b: impl Into<Key<'b>>,
    ) -> Result<Block> {
        let vars = &self.function.inner.variables;
        let (a, b) = (vars.find(a.into())?, vars.find(b.into())?);
        let block = self.weighted(weight)?.block(vars.var(a), vars.var(b))?;
        Ok(Block { kind: "d2<W,Z>/dA_ij dB_kl", ..block })
    }

    /// [`weighted_hessian`](Point::weighted_hessian) times a direction, without the matrix: one array for each variable.
    ///
    /// # Errors
    /// A weight of the wrong shape; otherwise as [`hvp`](Point::hvp), for functions of any shape.
    pub fn weighted_hvp<'w>(
        &self,
        weight: impl Into<Entries<'w>>,
        direction: &[Binding<'_>],
    ) -> Result<PerVariable> {
        let vars = &self.function.inner.variables;
        let (seeded, parts) = self.direction(direction)?;
        let mut out = vec![0.0; vars.total()];
        self.weighted(weight)?.along(Kind::Hvp, &seeded, &vars.all(), &slices(&parts), &mut out)?;
        Ok(PerVariable::from_stacked(vars, &out))
    }

    /// All second derivatives of a matrix-valued function by A and B: `[(i, j, k, l, p, q)]` = ∂²Zᵢⱼ/∂Aₖₗ∂Bₚ_q, a block
    /// for each entry of Z. For small shapes: it has |Z|·|A|·|B| entries.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let (x, y) = (g.matrix("X", 2, 2), g.matrix("Y", 2, 2));
    /// let f = g.function(x * x * y)?;
    /// let at = f.at(&[x.is(&[1.0, 3.0, 2.0, 4.0]), y.is(&[0.5, 1.5, -1.0, 2.0])])?;
    /// let t = at.second_tensor(x, y)?; // d(dZ/dX)/dY
    /// // Z = X·X·Y: ∂²Z₀₀/∂X₀₁∂Y₀₀ = X₁₀ and ∂²Z₀₀/∂X₀₁∂Y₁₀ = X₀₀ + X₁₁.
    /// assert_eq!((t[(0, 0, 0, 1, 0, 0)], t[(0, 0, 0, 1, 1, 0)]), (3.0, 5.0));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// An unknown key; [`Error::Budget`] before any memory is taken; a non-finite result (unless the mode is Ieee).
    pub fn second_tensor<'a, 'b>(&self, a: impl Into<Key<'a>>, b: impl Into<Key<'b>>) -> Result<Tensor> {
        const INSTEAD: &str = "second(u, v) for two directions, weighted_block for a sum over the value's entries, or a larger budget";
        let f = &*self.function.inner;
        let (a, b) = (f.variables.find(a.into())?, f.variables.find(b.into())?);
        let (count, m, n) = (f.shape.len(), f.variables.len_of(a), f.variables.len_of(b));
        let bytes = [count, m, n].iter().fold(8u64, |all, &k| all.saturating_mul(k as u64));
        self.afford_or("second_tensor", bytes, &Control::new(), INSTEAD)?;
        let mut tensor = Tensor::zeros([Axis::value(f.shape), self.axis(a), self.axis(b)]);
        let (keys, mut weight) = ((f.variables.var(a), f.variables.var(b)), vec![0.0; count]);
        let mut block = vec![0.0; m * n];
        for e in 0..count {
            weight[e] = 1.0;
            self.weighted(&weight)?.block_into(keys.0, keys.1, &mut block)?;
            tensor.set(e, &block);
            weight[e] = 0.0;
        }
        Ok(tensor)
    }
}
