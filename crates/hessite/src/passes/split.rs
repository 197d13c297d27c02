//! A linear program falls into what a point computes once and what each direction computes.

use super::prune;
use crate::calculus::Derived;
use crate::error::Mismatch;
use crate::program::split::{Side, Split, Terms};
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
    /// The point values behind the other inputs.
    pub imported: Vec<Value>,
    /// Per derivative asked for the output that holds it, `None` where it is zero.
    pub outputs: Vec<Option<usize>>,
}

/// Splits what `derived` appends to `base`. `directions` is the number of directions that a point is expected to
/// serve, which decides what hoisting may cost.
pub(crate) fn split(base: &Program, derived: &Derived, directions: usize) -> Result<Parts, Mismatch> {
    let program = &derived.program;
    let start = base.len();
    let moving = program.influence(derived.seeds.iter().copied());
    let uses = Uses::count(program, start);
    let shapes: Vec<Shape> = derived.seeds.iter().map(|&s| program.shape(s)).collect();
    let (mut s, inputs) = Split::new(base.clone(), &shapes, directions);

    let mut sides: Vec<Option<Side>> = vec![None; program.len()];
    for (&seed, &input) in derived.seeds.iter().zip(&inputs) {
        sides[seed.index()] = Some(Side::Lanes(Terms::base(program.shape(seed), input)));
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
            let terms = instr.op.act(&mut s, &args, instr.shape);
            Side::Lanes(uses.settle(&mut s, v, terms))
        } else {
            let args: SmallVec<[Value; 3]> =
                args.iter().filter_map(|a| if let Side::Point(p) = a { Some(*p) } else { None }).collect();
            Side::Point(s.point.emit(instr.op.clone(), &args))
        };
        sides[v.index()] = Some(side);
    }

    let made: Vec<Option<Value>> = derived
        .derivatives
        .iter()
        .map(|d| match d.and_then(|v| sides[v.index()].as_ref()) {
            Some(Side::Lanes(terms)) => Some(s.materialize(terms)),
            _ => None,
        })
        .collect();
    // A linear function that does not depend on its argument is zero.
    let varying = s.direction.program().influence(inputs.iter().copied());
    let (mut results, mut outputs) = (Vec::new(), Vec::new());
    for v in made {
        outputs.push(v.filter(|v| varying[v.index()]).map(|v| {
            results.push(v);
            results.len() - 1
        }));
    }
    finish(s, results, outputs, inputs.len())
}

fn finish(
    s: Split,
    results: Vec<Value>,
    outputs: Vec<Option<usize>>,
    lanes: usize,
) -> Result<Parts, Mismatch> {
    let whole = s.direction.finish(results)?;
    let (direction, place) = prune(&whole, lanes);
    // Point values that a pruned instruction alone had asked for are not imported.
    let kept = whole.values().filter(|v| place[v.index()].is_some());
    let imported: Vec<Value> = kept
        .filter_map(|v| whole.instr(v).op.as_input()?.checked_sub(lanes).map(|k| s.imported[k]))
        .collect();
    let point = s.point.finish(imported.clone())?;
    Ok(Parts { point, direction, lanes, imported, outputs })
}

/// How often each value is used, and how often elementwise.
struct Uses {
    all: Vec<u32>,
    elementwise: Vec<u32>,
}

impl Uses {
    fn count(program: &Program, start: usize) -> Self {
        let mut uses = Uses { all: vec![0; program.len()], elementwise: vec![0; program.len()] };
        for i in &program.instrs[start..] {
            for a in &i.args {
                uses.all[a.index()] += 1;
                uses.elementwise[a.index()] += u32::from(i.op.elementwise());
            }
        }
        for o in &program.outputs {
            uses.all[o.index()] += 1;
        }
        uses
    }

    /// A sum of several terms that elementwise consumers would each write out again becomes an array.
    fn settle(&self, s: &mut Split, v: Value, terms: Terms) -> Terms {
        let again = self.all[v.index()] > 1 && self.elementwise[v.index()] > 0;
        if terms.list.len() > 1 && again { Terms::base(terms.shape, s.materialize(&terms)) } else { terms }
    }
}
