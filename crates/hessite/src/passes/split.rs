//! A linear program falls into what a point computes once and what each direction computes.

use super::cost::cost;
use super::prune;
use crate::calculus::Derived;
use crate::error::Mismatch;
use crate::program::split::{
    Base, Factor, MOST_TERMS, MOST_WRITTEN, Outer, Pieces, Place, Side, Split, Term, Terms,
};
use crate::program::{Program, Shape, Value};
use smallvec::SmallVec;

/// The two parts of a linear program.
pub(crate) struct Parts {
    /// The base program with further values that serve every direction.
    pub point: Program,
    /// The direction part: its first inputs are the directions', the others stand for point values.
    pub direction: Program,
    /// Number of inputs that come per direction.
    pub lanes: usize,
    /// The shape of the seed when the directions are its unit matrices; the inputs are then the numbers of row and
    /// column.
    pub units: Option<Shape>,
    /// The point values behind the other inputs.
    pub imported: Vec<Value>,
    /// Per derivative asked for what it is made of, by numbers of outputs; nothing where it is zero.
    pub results: Vec<Pieces<usize>>,
    /// Nanoseconds for each direction, nearly: what is compared with other ways to the same.
    pub cost: f64,
}

/// Arrays with fewer entries take eight lanes through an operation as fast as their structure would be looked up.
/// Tests are small, and cover both; in them what is thin stays so.
const SMALL: usize = if cfg!(test) { 4 } else { 32 };

/// How much of the estimate for dense lanes that for thin directions may be.
const DOUBT: f64 = 0.95;

/// Splits what `derived` appends to `base`. `directions` is the number of directions that a point is expected to serve,
/// which decides what hoisting may cost; more than one are the unit matrices of the only seed, and kept thin where that
/// is estimated to gain.
pub(crate) fn split(base: &Program, derived: &Derived, directions: usize) -> Result<Parts, Mismatch> {
    let mut thin = split_as(base, derived, directions, true)?;
    thin.cost = cost(&thin, base.len(), directions);
    if thin.units.is_none() || cfg!(test) {
        return Ok(thin);
    }
    // Where it is a near thing, dense lanes are the safer guess: they use what caches and vector units give.
    let mut bar = thin.cost / DOUBT;
    let mut best = thin;
    for served in [directions, 1] {
        let mut dense = split_as(base, derived, served, false)?;
        dense.cost = cost(&dense, base.len(), directions);
        if dense.cost < bar {
            bar = dense.cost;
            best = dense;
        }
    }
    Ok(best)
}

fn split_as(base: &Program, derived: &Derived, directions: usize, thin: bool) -> Result<Parts, Mismatch> {
    let program = &derived.program;
    let start = base.len();
    let moving = program.influence(derived.seeds.iter().copied());
    let uses = Uses::count(program, start);
    let mut shapes: Vec<Shape> = derived.seeds.iter().map(|&s| program.shape(s)).collect();
    let widest = program.values().filter(|v| moving[v.index()]).map(|v| program.shape(v).len()).max();
    let units = match shapes[..] {
        [seed] if thin && directions > 1 && seed.len() > 1 && widest.is_some_and(|n| n >= SMALL) => {
            Some(seed)
        }
        _ => None,
    };
    if units.is_some() {
        // The numbers of row and column.
        shapes = vec![Shape::SCALAR; 2];
    }
    // What is appended may bring constants of its own.
    let base = Program { data: program.data.clone(), ..base.clone() };
    let (mut s, inputs) = Split::new(base, &shapes, directions, units.is_some());

    let mut sides: Vec<Option<Side>> = vec![None; program.len()];
    for (&seed, &input) in derived.seeds.iter().zip(&inputs) {
        let terms = match units {
            Some(shape) => unit_matrix(&mut s, shape, &inputs),
            None => Terms::base(program.shape(seed), input),
        };
        sides[seed.index()] = Some(Side::Lanes(terms));
    }
    let needed = program.cone(derived.derivatives.iter().flatten().copied());
    for v in program.values().skip(start).filter(|v| needed[v.index()]) {
        if sides[v.index()].is_some() {
            continue;
        }
        let instr = program.instr(v);
        let args: SmallVec<[Side; 3]> =
            instr.args.iter().map(|a| sides[a.index()].clone().unwrap_or(Side::Point(*a))).collect();
        (s.point.origin, s.direction.origin) = (instr.origin, instr.origin);
        let side = if moving[v.index()] {
            let nothing = |a: &Side| !matches!(a, Side::Lanes(t) if !t.list.is_empty());
            let terms = match args.iter().all(nothing) {
                // Linear in what turned out to be zero.
                true => Terms::zero(instr.shape),
                false => instr.op.act(&mut s, &args, instr.shape),
            };
            Side::Lanes(uses.settle(&mut s, v, terms))
        } else {
            let args: SmallVec<[Value; 3]> =
                args.iter().filter_map(|a| if let Side::Point(p) = a { Some(*p) } else { None }).collect();
            Side::Point(s.point.emit(instr.op.clone(), &args))
        };
        sides[v.index()] = Some(side);
    }

    let made: Vec<Pieces> = derived
        .derivatives
        .iter()
        .map(|d| match d.and_then(|v| sides[v.index()].as_ref()) {
            Some(Side::Lanes(terms)) => s.pieces(terms),
            _ => Pieces::zero(Shape::SCALAR),
        })
        .collect();
    finish(s, made, &inputs, units)
}

/// The unit matrix whose entry the two inputs name.
fn unit_matrix(s: &mut Split, shape: Shape, inputs: &[Value]) -> Terms {
    let [u, v] = [(inputs[0], shape.rows), (inputs[1], shape.cols)].map(|(index, n)| match n {
        1 => s.ones(1),
        _ => Factor::Unit(Place { index, from: 0, to: n }),
    });
    Terms::one(shape, Outer::unit(u, v).term())
}

fn finish(s: Split, made: Vec<Pieces>, inputs: &[Value], units: Option<Shape>) -> Result<Parts, Mismatch> {
    // A linear function that does not depend on its argument is zero.
    let varying = s.direction.program().influence(inputs.iter().copied());
    let mut outputs: Vec<Value> = Vec::new();
    let mut number = |v: Value| {
        outputs.iter().position(|&o| o == v).unwrap_or_else(|| {
            outputs.push(v);
            outputs.len() - 1
        })
    };
    let results = made.into_iter().map(|p| p.named(|v| varying[v.index()], &mut number)).collect();
    let lanes = inputs.len();
    let whole = s.direction.finish(outputs)?;
    let (direction, place) = prune(&whole, lanes);
    // Point values that a pruned instruction alone had asked for are not imported.
    let kept = whole.values().filter(|v| place[v.index()].is_some());
    let imported: Vec<Value> = kept
        .filter_map(|v| whole.instr(v).op.as_input()?.checked_sub(lanes).map(|k| s.imported[k]))
        .collect();
    let point = s.point.finish(imported.clone())?;
    Ok(Parts { point, direction, lanes, units, imported, results, cost: 0.0 })
}

/// How often each value is used, how often elementwise, and whether results alone are made of it, without arithmetic
/// that would go through its terms one by one.
struct Uses {
    all: Vec<u32>,
    elementwise: Vec<u32>,
    written: Vec<bool>,
}

impl Uses {
    fn count(program: &Program, start: usize) -> Self {
        let n = program.len();
        let mut uses = Uses { all: vec![0; n], elementwise: vec![0; n], written: vec![true; n] };
        for (k, i) in program.instrs.iter().enumerate().skip(start).rev() {
            let written = uses.written[k] && (i.op.elementwise() || i.op.arranges());
            for a in &i.args {
                uses.written[a.index()] &= written;
                uses.all[a.index()] += 1;
                uses.elementwise[a.index()] += u32::from(i.op.elementwise());
            }
        }
        for o in &program.outputs {
            uses.all[o.index()] += 1;
        }
        uses
    }

    /// A sum of several terms that elementwise consumers would each write out again becomes an array, and so does one of
    /// many terms.
    fn settle(&self, s: &mut Split, v: Value, terms: Terms) -> Terms {
        let most = if s.units && self.written[v.index()] { MOST_WRITTEN } else { MOST_TERMS };
        if terms.list.len() >= most {
            return Terms::base(terms.shape, s.materialize(&terms));
        }
        let again = self.all[v.index()] > 1 && self.elementwise[v.index()] > 0;
        let lazy = |t: &Term| t.is_thin() || (s.units && s.spread(t).is_some());
        let (thin, arrays): (SmallVec<[Term; 1]>, SmallVec<[Term; 1]>) =
            terms.list.iter().copied().partition(lazy);
        if arrays.len() < 2 || !again {
            return terms;
        }
        let array = s.materialize(&Terms { shape: terms.shape, list: arrays });
        let list = thin.into_iter().chain([Term::of(Base::Array(array))]).collect();
        Terms { shape: terms.shape, list }
    }
}
