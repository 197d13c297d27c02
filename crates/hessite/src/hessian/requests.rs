//! The calls on a point.

use super::failures;
use super::function::{Mode, bytes};
use super::operator::Operator;
use super::plan::{Kind, derive};
use super::point::{Linearized, Point};
use super::results::{Axis, Block, Hessian, PerVariable};
use super::sweep::Directions;
use super::variables::{Set, finite};
use crate::dense::transpose::transpose_in_place;
use crate::engine::control::Control;
use crate::error::{Error, Phase, Result};
use crate::record::{Binding, Entries, Key};
use nalgebra::DMatrix;
use smallvec::{SmallVec, smallvec};

/// Start and length of rows.
type Places = SmallVec<[(usize, usize); 16]>;

/// Columns that are mirrored together: a cache line of rows.
const TILE: usize = 8;

const DENSE_ALTERNATIVES: &str = "hvp or operator() for products, block(a, b) for a part, hvp_many over chunks of columns, or a larger budget";

impl Point {
    /// The gradient, one array for each variable.
    ///
    /// # Errors
    /// The function is not scalar; an entry is not finite (unless the mode is Ieee).
    pub fn gradient(&self) -> Result<PerVariable> {
        let vars = &self.function.inner.variables;
        let mut parts = Vec::with_capacity(vars.list.len());
        self.with_gradient(|k, array| {
            let s = vars.list[k].shape;
            parts.push(match array {
                Some(a) => DMatrix::from_column_slice(s.rows, s.cols, a),
                None => DMatrix::zeros(s.rows, s.cols),
            });
        })?;
        Ok(PerVariable::new(vars, parts))
    }

    /// The gradient of all variables stacked, into the caller's memory.
    ///
    /// # Errors
    /// As [`gradient`](Point::gradient); a wrong length.
    pub fn gradient_into(&self, out: &mut [f64]) -> Result<()> {
        let vars = &self.function.inner.variables;
        length("gradient", vars.total(), out.len())?;
        self.with_gradient(|k, array| match array {
            Some(a) => out[vars.range(k)].copy_from_slice(a),
            None => out[vars.range(k)].fill(0.0),
        })
    }

    /// H·v for one direction. A variable that is left out does not vary: its part of the direction is an exact zero.
    ///
    /// # Errors
    /// A direction of the wrong shape, bound twice or unknown; the function is not scalar; unless the mode is Ieee,
    /// a non-finite direction or result.
    pub fn hvp(&self, direction: &[Binding<'_>]) -> Result<PerVariable> {
        let vars = &self.function.inner.variables;
        let mut out = vec![0.0; vars.total()];
        self.hvp_into(direction, &mut out)?;
        Ok(PerVariable::from_stacked(vars, &out))
    }

    /// [`hvp`](Point::hvp) into the caller's memory, all variables stacked.
    ///
    /// # Errors
    /// As [`hvp`](Point::hvp); a wrong length.
    pub fn hvp_into(&self, direction: &[Binding<'_>], out: &mut [f64]) -> Result<()> {
        self.function.scalar("hvp")?;
        let vars = &self.function.inner.variables;
        length("hvp", vars.total(), out.len())?;
        let sorted = vars.sort(direction, false)?;
        let seeded: Set = (0..sorted.len() as u32).filter(|&k| sorted[k as usize].is_some()).collect();
        if self.function.mode != Mode::Ieee {
            for (k, b) in sorted.iter().enumerate() {
                b.map_or(Ok(()), |b| vars.finite(k, b.entries.as_slice()))?;
            }
        }
        if seeded.is_empty() {
            out.fill(0.0);
            return Ok(());
        }
        let control = Control::new();
        let l = self.linearize(Kind::Hvp, &seeded, &vars.all(), 1, &control)?;
        let parts = sorted.iter().flatten().map(|b| b.entries.as_slice());
        self.sweep(&l, Directions::Parts(&parts.collect::<SmallVec<[&[f64]; 16]>>()), 1, &[], out, &control)?;
        self.check_tangents(&l, out, |k| {
            sorted.iter().flatten().nth(k).map(|b| b.entries.as_slice().to_vec())
        })
    }

    /// H·V for a panel of directions: its columns are all variables stacked (see
    /// [`Function::stack`](crate::Function::stack)), and so are those of the result.
    ///
    /// # Errors
    /// A panel with the wrong number of rows; otherwise as [`hvp`](Point::hvp).
    pub fn hvp_many<'v>(&self, panel: impl Into<Entries<'v>>) -> Result<DMatrix<f64>> {
        self.hvp_many_with(panel, &Control::new())
    }

    /// [`hvp_many`](Point::hvp_many) with a budget, progress and a cancel flag.
    ///
    /// # Errors
    /// Also [`Error::Budget`] and [`Error::Cancelled`].
    pub fn hvp_many_with<'v>(
        &self,
        panel: impl Into<Entries<'v>>,
        control: &Control<'_>,
    ) -> Result<DMatrix<f64>> {
        let panel: Entries<'_> = panel.into();
        let n = self.function.inner.variables.total();
        let count = match panel.shape() {
            Some((rows, cols)) if rows == n => cols,
            Some((rows, cols)) => {
                let got = format!("{rows}x{cols}");
                return Err(Error::SeedShape { name: "panel".into(), expected: format!("{n} rows"), got });
            }
            None => panel.as_slice().len() / n.max(1),
        };
        self.afford("hvp_many", bytes(n, count), control)?;
        let mut out = DMatrix::zeros(n, count);
        self.products(panel.as_slice(), count, out.as_mut_slice(), control)?;
        Ok(out)
    }

    /// [`hvp_many`](Point::hvp_many) between slices: `count` columns each.
    ///
    /// # Errors
    /// As [`hvp_many`](Point::hvp_many); wrong lengths.
    pub fn hvp_many_into(&self, panel: &[f64], count: usize, out: &mut [f64]) -> Result<()> {
        self.products(panel, count, out, &Control::new())
    }

    pub(crate) fn products(
        &self,
        panel: &[f64],
        count: usize,
        out: &mut [f64],
        control: &Control<'_>,
    ) -> Result<()> {
        self.function.scalar("hvp")?;
        let vars = &self.function.inner.variables;
        let n = vars.total();
        length("panel", n.saturating_mul(count), panel.len())?;
        length("result", n.saturating_mul(count), out.len())?;
        if n == 0 {
            return Ok(());
        }
        if self.function.mode != Mode::Ieee {
            panel.chunks_exact(n).try_for_each(|v| vars.finite_stacked(v))?;
        }
        let all = vars.all();
        let l = self.linearize(Kind::Hvp, &all, &all, 1, control)?;
        self.sweep(&l, Directions::Columns(panel), count, &[], out, control)?;
        match self.bad_column(out, n) {
            None => Ok(()),
            Some(c) => self.check_tangents(&l, &out[c * n..(c + 1) * n], |k| {
                Some(panel[c * n..(c + 1) * n][vars.range(k)].to_vec())
            }),
        }
    }

    /// The block d/dA[dL/dB] of second derivatives, `[(i, j, k, l)]` = ∂²L/∂Aᵢⱼ∂Bₖₗ, by min(|A|, |B|) directions.
    ///
    /// # Errors
    /// An unknown key; the function is not scalar; [`Error::Budget`] before any memory is taken; a non-finite result
    /// (unless the mode is Ieee).
    pub fn block<'a, 'b>(&self, a: impl Into<Key<'a>>, b: impl Into<Key<'b>>) -> Result<Block> {
        self.block_with(a, b, &Control::new())
    }

    /// [`block`](Point::block) with a budget, progress and a cancel flag.
    ///
    /// # Errors
    /// Also [`Error::Cancelled`].
    pub fn block_with<'a, 'b>(
        &self,
        a: impl Into<Key<'a>>,
        b: impl Into<Key<'b>>,
        control: &Control<'_>,
    ) -> Result<Block> {
        let vars = &self.function.inner.variables;
        let (a, b) = (vars.find(a.into())?, vars.find(b.into())?);
        let (m, n) = (vars.len_of(a), vars.len_of(b));
        self.afford("block", bytes(m, n), control)?;
        let mut out = DMatrix::zeros(m, n);
        self.fill_block(a, b, out.as_mut_slice(), control)?;
        Ok(Block { row: self.axis(a), col: self.axis(b), entries: out, kind: "d2L/dA_ij dB_kl" })
    }

    /// [`block`](Point::block) into the caller's memory: column-major, rows (i, j) and columns (k, l).
    ///
    /// # Errors
    /// As [`block`](Point::block); a wrong length.
    pub fn block_into<'a, 'b>(
        &self,
        a: impl Into<Key<'a>>,
        b: impl Into<Key<'b>>,
        out: &mut [f64],
    ) -> Result<()> {
        let vars = &self.function.inner.variables;
        let (a, b) = (vars.find(a.into())?, vars.find(b.into())?);
        length("block", vars.len_of(a).saturating_mul(vars.len_of(b)), out.len())?;
        self.fill_block(a, b, out, &Control::new())
    }

    fn fill_block(&self, a: usize, b: usize, out: &mut [f64], control: &Control<'_>) -> Result<()> {
        self.function.scalar("block")?;
        let vars = &self.function.inner.variables;
        let (m, n) = (vars.len_of(a), vars.len_of(b));
        if m >= n {
            return self.columns(b, &smallvec![a as u32], &[(0, m)], out, control);
        }
        self.columns(a, &smallvec![b as u32], &[(0, n)], out, control)?;
        transpose_in_place(out, n, m);
        Ok(())
    }

    /// The columns of the Hessian that belong to variable `seed`: the rows of each wanted variable go to its place
    /// (start and length) in the columns of `out`.
    fn columns(
        &self,
        seed: usize,
        wanted: &Set,
        places: &[(usize, usize)],
        out: &mut [f64],
        control: &Control<'_>,
    ) -> Result<()> {
        let n = self.function.inner.variables.len_of(seed);
        if n == 0 || out.is_empty() {
            return Ok(());
        }
        let l = self.linearize(Kind::Hvp, &smallvec![seed as u32], wanted, n, control)?;
        self.sweep(&l, Directions::Units, n, places, out, control)?;
        for (c, column) in out.chunks_exact(out.len() / n).enumerate() {
            for &(start, len) in places {
                self.check_tangents(&l, &column[start..start + len], |_| {
                    let mut unit = vec![0.0; n];
                    unit[c] = 1.0;
                    Some(unit)
                })?;
            }
        }
        Ok(())
    }

    /// The dense Hessian over the listed variables, in that order.
    ///
    /// # Errors
    /// As [`block`](Point::block); a variable listed twice.
    pub fn hessian<'k, K: Into<Key<'k>> + Clone>(&self, variables: &[K]) -> Result<Hessian> {
        self.hessian_with(variables, &Control::new())
    }

    /// [`hessian`](Point::hessian) with a budget, progress and a cancel flag.
    ///
    /// # Errors
    /// Also [`Error::Cancelled`].
    pub fn hessian_with<'k, K: Into<Key<'k>> + Clone>(
        &self,
        variables: &[K],
        control: &Control<'_>,
    ) -> Result<Hessian> {
        let vars = &self.function.inner.variables;
        let list = self.listed(variables)?;
        let n = list.iter().fold(0usize, |n, &k| n.saturating_add(vars.len_of(k)));
        self.afford("hessian", bytes(n, n), control)?;
        let mut out = DMatrix::zeros(n, n);
        self.fill_hessian(&list, out.as_mut_slice(), control)?;
        let keys = vars.vars();
        Ok(Hessian {
            axes: list.iter().map(|&k| self.axis(k)).collect(),
            keys: list.iter().map(|&k| keys[k]).collect(),
            entries: out,
        })
    }

    /// [`hessian`](Point::hessian) into the caller's memory, column-major.
    ///
    /// # Errors
    /// As [`hessian`](Point::hessian); a wrong length.
    pub fn hessian_into<'k, K: Into<Key<'k>> + Clone>(&self, variables: &[K], out: &mut [f64]) -> Result<()> {
        let list = self.listed(variables)?;
        let n: usize = list.iter().map(|&k| self.function.inner.variables.len_of(k)).sum();
        length("hessian", n.saturating_mul(n), out.len())?;
        self.fill_hessian(&list, out, &Control::new())
    }

    fn listed<'k, K: Into<Key<'k>> + Clone>(&self, variables: &[K]) -> Result<SmallVec<[usize; 16]>> {
        let vars = &self.function.inner.variables;
        let mut list = SmallVec::new();
        for key in variables {
            let k = vars.find(key.clone().into())?;
            if list.contains(&k) {
                return Err(Error::Binding { name: vars.list[k].name.clone(), why: "listed twice".into() });
            }
            list.push(k);
        }
        Ok(list)
    }

    /// Each pair of variables is seeded on its smaller side (the later one of equals) and mirrored.
    fn fill_hessian(&self, list: &[usize], out: &mut [f64], control: &Control<'_>) -> Result<()> {
        self.function.scalar("hessian")?;
        let vars = &self.function.inner.variables;
        let mut n = 0;
        let mut all = Places::new();
        for &k in list {
            all.push((n, vars.len_of(k)));
            n += vars.len_of(k);
        }
        for (q, &seed) in list.iter().enumerate() {
            let (left, width) = all[q];
            let owns = |p: usize| p == q || width < all[p].1 || (width == all[p].1 && p < q);
            let mut wanted: Set = (0..list.len() as u32).filter(|&p| owns(p as usize)).collect();
            wanted.sort_unstable_by_key(|&p| list[p as usize]);
            let mine: Places = wanted.iter().map(|&p| all[p as usize]).collect();
            wanted.iter_mut().for_each(|p| *p = list[*p as usize] as u32);
            let control = control.part(left as u64, n as u64);
            self.columns(seed, &wanted, &mine, &mut out[left * n..(left + width) * n], &control)?;
            for &(top, len) in mine.iter().filter(|place| place.0 != left) {
                for c in (left..left + width).step_by(TILE) {
                    control.check()?;
                    for r in top..top + len {
                        (c..(left + width).min(c + TILE)).for_each(|c| out[r * n + c] = out[c * n + r]);
                    }
                }
            }
        }
        Ok(())
    }

    /// The Hessian over all variables as a linear operator.
    pub fn operator(&self) -> Operator<'_> {
        Operator { point: self }
    }

    /// The directional derivative of the function, shaped like its value.
    ///
    /// # Errors
    /// As [`hvp`](Point::hvp), for functions of any shape.
    pub fn jvp(&self, direction: &[Binding<'_>]) -> Result<DMatrix<f64>> {
        let f = &*self.function.inner;
        let sorted = f.variables.sort(direction, false)?;
        let seeded: Set = (0..sorted.len() as u32).filter(|&k| sorted[k as usize].is_some()).collect();
        let mut out = DMatrix::zeros(f.shape.rows, f.shape.cols);
        if self.function.mode != Mode::Ieee {
            for (k, b) in sorted.iter().enumerate() {
                b.map_or(Ok(()), |b| f.variables.finite(k, b.entries.as_slice()))?;
            }
        }
        if seeded.is_empty() {
            return Ok(out);
        }
        let control = Control::new();
        let l = self.linearize(Kind::Jvp, &seeded, &Set::new(), 1, &control)?;
        let parts: SmallVec<[&[f64]; 16]> = sorted.iter().flatten().map(|b| b.entries.as_slice()).collect();
        self.sweep(&l, Directions::Parts(&parts), 1, &[], out.as_mut_slice(), &control)?;
        self.check_tangents(&l, out.as_slice(), |k| parts.get(k).map(|p| p.to_vec()))?;
        Ok(out)
    }

    /// The gradient of ⟨W, Z⟩ for a weight W shaped like the value Z: one array for each variable.
    ///
    /// # Errors
    /// A weight of the wrong shape; a non-finite weight or result (unless the mode is Ieee).
    pub fn vjp<'a>(&self, weight: impl Into<Entries<'a>>) -> Result<PerVariable> {
        let f = &*self.function.inner;
        let weight: Entries<'_> = weight.into();
        let w = weight.as_slice();
        let fits = weight.shape().is_none_or(|s| s == self.function.shape()) && w.len() == f.shape.len();
        if !fits {
            let got = weight.shape().map_or(format!("{} numbers", w.len()), |(r, c)| format!("{r}x{c}"));
            return Err(Error::SeedShape { name: "weight".into(), expected: f.shape.to_string(), got });
        }
        if self.function.mode != Mode::Ieee {
            finite("weight", w, f.shape.rows)?;
        }
        let mut out = vec![0.0; f.variables.total()];
        let control = Control::new();
        let l = self.linearize(Kind::Vjp, &Set::new(), &f.variables.all(), 1, &control)?;
        self.sweep(&l, Directions::Parts(&[w]), 1, &[], &mut out, &control)?;
        self.check_tangents(&l, &out, |_| Some(w.to_vec()))?;
        Ok(PerVariable::from_stacked(&f.variables, &out))
    }

    /// The Jacobian `[(i, j, k, l)]` = ∂Zᵢⱼ/∂Xₖₗ of the value Z, forward or in reverse, whichever takes fewer
    /// directions.
    ///
    /// # Errors
    /// As [`block`](Point::block), for functions of any shape.
    pub fn jacobian<'k>(&self, x: impl Into<Key<'k>>) -> Result<Block> {
        let f = &*self.function.inner;
        let x = f.variables.find(x.into())?;
        let (m, n) = (f.shape.len(), f.variables.len_of(x));
        let control = Control::new();
        self.afford("jacobian", bytes(m, n).saturating_mul(2), &control)?;
        let (kind, seeded, wanted, count) = if n <= m {
            (Kind::Jvp, smallvec![x as u32], Set::new(), n)
        } else {
            (Kind::Vjp, Set::new(), smallvec![x as u32], m)
        };
        let mut out = DMatrix::zeros(m, n);
        if count > 0 {
            let l = self.linearize(kind, &seeded, &wanted, count, &control)?;
            if kind == Kind::Jvp {
                self.sweep(&l, Directions::Units, n, &[], out.as_mut_slice(), &control)?;
            } else {
                let mut transposed = DMatrix::zeros(n, m);
                self.sweep(&l, Directions::Units, m, &[], transposed.as_mut_slice(), &control)?;
                out = transposed.transpose();
            }
            if let Some(c) = self.bad_column(out.as_slice(), m) {
                self.check_tangents(&l, &out.as_slice()[c * m..(c + 1) * m], |_| {
                    let mut unit = vec![0.0; count];
                    unit[c.min(count - 1)] = 1.0;
                    Some(unit)
                })?;
            }
        }
        let row = Axis { name: "Z".into(), rows: f.shape.rows, cols: f.shape.cols };
        Ok(Block { row, col: self.axis(x), entries: out, kind: "dZ_ij/dX_kl" })
    }

    fn axis(&self, k: usize) -> Axis {
        let v = &self.function.inner.variables.list[k];
        Axis { name: v.name.clone(), rows: v.shape.rows, cols: v.shape.cols }
    }

    fn afford(&self, what: &str, needed_bytes: u64, control: &Control<'_>) -> Result<()> {
        let limit = control.limit(self.function.budget);
        if needed_bytes <= limit {
            return Ok(());
        }
        Err(Error::Budget { what: what.into(), needed_bytes, limit, alternatives: DENSE_ALTERNATIVES })
    }

    /// The first column with a non-finite entry, in the modes that mind.
    fn bad_column(&self, out: &[f64], height: usize) -> Option<usize> {
        if self.function.mode == Mode::Ieee || height == 0 {
            return None;
        }
        out.iter().position(|x| !x.is_finite()).map(|e| e / height)
    }

    /// An error that names the operation when a derivative is not finite.
    fn check_tangents(
        &self,
        l: &Linearized,
        out: &[f64],
        seed: impl Fn(usize) -> Option<Vec<f64>>,
    ) -> Result<()> {
        if self.bad_column(out, out.len()).is_none() {
            return Ok(());
        }
        let f = &*self.function.inner;
        let (_, derived) = derive(f, &l.plan.key)?;
        let seeds: Vec<Vec<f64>> = (0..derived.seeds.len()).filter_map(seed).collect();
        // Inputs in the program's order: the variables, then what a derivation added, of which the last are seeds.
        let mut inputs: Vec<Vec<f64>> = self.inputs().into_iter().map(<[f64]>::to_vec).collect();
        for &shape in &derived.program.inputs[inputs.len()..] {
            inputs.push(vec![0.0; shape.len()]);
        }
        let first = inputs.len() - seeds.len();
        inputs.splice(first.., seeds);
        let inputs: Vec<&[f64]> = inputs.iter().map(|x| &x[..]).collect();
        let targets: Vec<_> = derived.derivatives.iter().flatten().copied().collect();
        Err(failures::locate(&derived.program, &targets, &inputs, Phase::Tangent)?)
    }
}

fn length(name: &str, expected: usize, got: usize) -> Result<()> {
    if expected == got {
        return Ok(());
    }
    Err(Error::SeedShape {
        name: name.into(),
        expected: format!("{expected} numbers"),
        got: format!("{got} numbers"),
    })
}
