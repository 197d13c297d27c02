//! An expression with its matrices: recorded, evaluated at the point, and what was asked of it.

use crate::args::{Args, Format};
use crate::error::{Error, Marked, Result};
use crate::expression::{self, Lowered, Span, Tree, functions, lower::Scope};
use crate::input::{self, Source};
use crate::output::{Array, Named, Results, files, json, text};
use crate::progress::Work;
use hessite::{Binding, Control, Function, Graph, Matrix, Mode, Phase, Point, bind};
use nalgebra::DMatrix;
use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

/// Evaluates the expression of the command and writes the results; false if a check failed.
///
/// # Errors
/// Everything that can be wrong with the arguments, the expression, the files and the point.
pub fn run(args: &Args) -> Result<bool> {
    let (expression, values) = args.words()?;
    let tree = expression::parse(expression).map_err(Error::Expression)?;
    let inputs = read(args, &values)?;
    let requests = Requests::new(args, &inputs)?;

    let stems = files::stems(requests.stems(&inputs).into_iter());
    let targets = files::targets(args.format, args.out.as_deref(), &stems)?;
    let sources: Vec<PathBuf> =
        inputs.list.iter().chain(&requests.directions).filter_map(|(_, s)| s.file.clone()).collect();
    files::refuse(&targets, &sources, args.force)?;

    let graph = Graph::new();
    let names = inputs.declare(&graph);
    let scope = Scope { graph: &graph, names, limit: args.budget };
    let lowered = expression::lower(&tree, &scope).map_err(Error::Expression)?;
    inputs.unused(&tree);
    let f = graph.function(lowered.output)?.with_mode(args.mode.into()).with_budget(args.budget);

    let query = Query { args, tree: &tree, graph: &graph, lowered: &lowered, inputs: &inputs };
    let bindings = inputs.bindings();
    let results = query.results(&f, &bindings, &requests).map_err(|e| query.point_at(e, &bindings))?;
    write(args, &results, &targets)?;
    Ok(results.certificate.is_none_or(|(_, passed)| passed))
}

/// The matrices of the command, in its order.
struct Inputs {
    list: Vec<(String, Source)>,
    constants: Vec<String>,
}

fn read(args: &Args, values: &[&str]) -> Result<Inputs> {
    let mut list: Vec<(String, Source)> = Vec::new();
    let _work = Work::start("reading");
    for argument in values {
        let (name, value) = input::named(argument)?;
        if list.iter().any(|(n, _)| n == name) {
            return Err(Error::usage(format!("{name} is given twice")));
        }
        list.push((name.into(), input::value(name, value)?));
    }
    let inputs = Inputs { list, constants: Vec::new() };
    for name in &args.data {
        inputs.find(name)?;
    }
    Ok(Inputs { constants: args.data.clone(), ..inputs })
}

impl Inputs {
    fn find(&self, name: &str) -> Result<&DMatrix<f64>> {
        if let Some((_, source)) = self.list.iter().find(|(n, _)| n == name) {
            return Ok(&source.matrix);
        }
        let known = self.list.iter().map(|(n, _)| n.as_str());
        let hint = match functions::nearest(name, known) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("add {name}=FILE to the command"),
        };
        Err(Error::usage(format!("no matrix {name:?} is given; {hint}")))
    }

    /// A matrix that is differentiated.
    fn variable(&self, name: &str) -> Result<&DMatrix<f64>> {
        let matrix = self.find(name)?;
        match self.constants.iter().any(|c| c == name) {
            true => {
                Err(Error::usage(format!("{name} is --data, a constant: there are no derivatives by it")))
            }
            false => Ok(matrix),
        }
    }

    fn variables(&self) -> impl Iterator<Item = (&str, &DMatrix<f64>)> {
        let varies = |name: &String| !self.constants.contains(name);
        self.list.iter().filter(move |(n, _)| varies(n)).map(|(n, s)| (n.as_str(), &s.matrix))
    }

    fn declare<'g>(&self, graph: &'g Graph) -> HashMap<&str, Matrix<'g>> {
        let declare = |(name, source): &'_ (String, Source)| {
            let (rows, cols) = source.matrix.shape();
            match self.constants.contains(name) {
                true => graph.data(&source.matrix),
                false => graph.matrix(name, rows, cols),
            }
        };
        self.list.iter().map(|input| (input.0.as_str(), declare(input))).collect()
    }

    fn bindings(&self) -> Vec<Binding<'_>> {
        self.variables().map(|(name, matrix)| bind(name, matrix)).collect()
    }

    /// Says on stderr which matrices the expression does not contain.
    fn unused(&self, tree: &Tree<'_>) {
        let used = |name: &str| {
            tree.nodes
                .iter()
                .any(|n| matches!(n, expression::parse::Node::Name(at) if tree.piece(*at) == name))
        };
        for (name, _) in self.variables().filter(|(name, _)| !used(name)) {
            eprintln!("note: {name} is not in the expression; its derivatives are zero");
        }
    }
}

/// What is asked, every name being known.
struct Requests {
    gradients: Vec<String>,
    blocks: Vec<(String, String)>,
    hessian: Vec<String>,
    jacobians: Vec<String>,
    directions: Vec<(String, Source)>,
}

impl Requests {
    fn new(args: &Args, inputs: &Inputs) -> Result<Self> {
        let pair = |text: &String| match text.split(',').map(str::trim).collect::<Vec<_>>()[..] {
            [x, y] => Ok((x.to_string(), y.to_string())),
            _ => Err(Error::usage(format!("--block {text}: two variables are needed, as in --block X,Y"))),
        };
        let blocks = args.block.iter().map(pair).collect::<Result<Vec<_>>>()?;
        let all = matches!(&args.hessian[..], [one] if one == "all" && inputs.find("all").is_err());
        let hessian = match all {
            true => inputs.variables().map(|(name, _)| name.to_string()).collect(),
            false => args.hessian.clone(),
        };
        let named = args.gradient.iter().chain(&hessian).chain(&args.jacobian);
        for name in named.chain(blocks.iter().flat_map(|(x, y)| [x, y])) {
            inputs.variable(name)?;
        }
        let directions = directions(args, inputs)?;
        Ok(Requests {
            gradients: args.gradient.clone(),
            blocks,
            hessian,
            jacobians: args.jacobian.clone(),
            directions,
        })
    }

    /// The names of the arrays that will result, in their order.
    fn stems(&self, inputs: &Inputs) -> Vec<String> {
        let mut stems: Vec<String> = self.gradients.iter().map(|x| format!("gradient_{x}")).collect();
        stems.extend(self.blocks.iter().map(|(x, y)| format!("block_{x}_{y}")));
        if !self.hessian.is_empty() {
            stems.push(format!("hessian_{}", self.hessian.join("_")));
        }
        if !self.directions.is_empty() {
            stems.extend(inputs.variables().map(|(x, _)| format!("hvp_{x}")));
        }
        stems.extend(self.jacobians.iter().map(|x| format!("jacobian_{x}")));
        stems
    }
}

/// The direction of `--hvp`, matrix by matrix.
fn directions(args: &Args, inputs: &Inputs) -> Result<Vec<(String, Source)>> {
    let mut list: Vec<(String, Source)> = Vec::new();
    for argument in &args.hvp {
        let variables: Vec<&str> = inputs.variables().map(|(name, _)| name).collect();
        let (name, value) = match (argument.contains('='), &variables[..]) {
            (true, _) => input::named(argument)?,
            (false, [only]) => (*only, argument.as_str()),
            (false, _) => {
                let why = "say whose direction it is, as in --hvp X=v.mtx --hvp Y=w.mtx; what is left out stays fixed";
                return Err(Error::usage(format!("--hvp {argument}: {why}")));
            }
        };
        let shape = inputs.variable(name)?.shape();
        let source = input::value(name, value)?;
        let got = source.matrix.shape();
        if got != shape {
            let why = format!("the direction is {}x{}, {name} is {}x{}", got.0, got.1, shape.0, shape.1);
            return Err(Error::usage(format!("--hvp {argument}: {why}")));
        }
        if list.iter().any(|(n, _)| n == name) {
            return Err(Error::usage(format!("--hvp: two directions for {name}")));
        }
        list.push((name.into(), source));
    }
    Ok(list)
}

/// What an entry of a block is.
fn second(x: &str, y: &str) -> String {
    format!("H[i,j,k,l] = d²L/d{x}_ij d{y}_kl")
}

struct Query<'q, 'g> {
    args: &'q Args,
    tree: &'q Tree<'q>,
    graph: &'g Graph,
    lowered: &'q Lowered<'g>,
    inputs: &'q Inputs,
}

impl Query<'_, '_> {
    fn results(
        &self,
        f: &Function,
        bindings: &[Binding<'_>],
        requests: &Requests,
    ) -> hessite::Result<Results> {
        let at = {
            let _work = Work::start("value");
            f.at(bindings)?
        };
        let named = |(name, source): &(String, Source)| Named {
            name: name.clone(),
            shape: source.matrix.shape(),
            constant: self.inputs.constants.contains(name),
        };
        Ok(Results {
            expression: self.tree.text.into(),
            matrices: self.inputs.list.iter().map(named).collect(),
            value_shape: f.shape(),
            value: at.value_matrix().as_slice().to_vec(),
            arrays: self.arrays(&at, requests)?,
            estimate: if self.args.estimate { Some(f.estimate()?.to_string()) } else { None },
            certificate: if self.args.check { Some(certificate(&at)?) } else { None },
        })
    }

    fn arrays(&self, at: &Point, requests: &Requests) -> hessite::Result<Vec<Array>> {
        let mut arrays = Vec::new();
        let matrix = |kind, of: &str, index: String, m: &DMatrix<f64>| Array {
            kind,
            of: vec![of.to_string()],
            index,
            shape: vec![m.nrows(), m.ncols()],
            entries: m.as_slice().to_vec(),
        };
        if !requests.gradients.is_empty() {
            let _work = Work::start("gradient");
            let gradient = at.gradient()?;
            for x in &requests.gradients {
                arrays.push(matrix("gradient", x, format!("g[i,j] = dL/d{x}_ij"), gradient.of(x)?));
            }
        }
        for (x, y) in &requests.blocks {
            let work = Work::start(format!("block {x},{y}"));
            let block = at.block_with(x, y, &Control::new().progress(&|p| work.tell(p)))?;
            arrays.push(four("block", vec![x.clone(), y.clone()], second(x, y), block));
        }
        if !requests.hessian.is_empty() {
            arrays.push(hessian(at, &requests.hessian)?);
        }
        if !requests.directions.is_empty() {
            let _work = Work::start("product H·v");
            let v: Vec<Binding<'_>> = requests.directions.iter().map(|(x, s)| bind(x, &s.matrix)).collect();
            let product = at.hvp(&v)?;
            for (x, part) in product.iter() {
                let term = |y: &String| format!("(d²L/d{x}_ij d{y})·v_{y}");
                let sum: Vec<String> = requests.directions.iter().map(|(y, _)| term(y)).collect();
                let index = format!("h[i,j] = {}", sum.join(" + "));
                arrays.push(matrix("hvp", x, index, part));
            }
        }
        for x in &requests.jacobians {
            let _work = Work::start(format!("jacobian {x}"));
            let jacobian = at.jacobian(x)?;
            arrays.push(four("jacobian", vec![x.clone()], format!("J[i,j,k,l] = dZ_ij/d{x}_kl"), jacobian));
        }
        Ok(arrays)
    }

    /// An error about a number that is not finite, or a kink, with the place in the expression: the first operation
    /// at which it occurs when every operation is looked at by itself.
    fn point_at(&self, error: hessite::Error, bindings: &[Binding<'_>]) -> Error {
        /// Looking at each operation takes time; long expressions have to do without.
        const MOST_STEPS: usize = 500;
        let steps = self.lowered.steps.iter().take(if self.lowered.steps.len() > MOST_STEPS {
            0
        } else {
            MOST_STEPS
        });
        let mut steps = steps.filter_map(|&(x, at)| Some((x, self.graph.function(x).ok()?, at)));
        let mark = |why: String, at: Span| Error::Expression(Marked::new(why, self.tree.text, at));
        match &error {
            hessite::Error::NonFinite { phase, value, .. } => {
                let bad = |(x, f, _): &(Matrix<'_>, Function, Span)| {
                    not_finite(self.graph, *x, f, *phase, bindings)
                };
                match steps.find(bad) {
                    Some((_, _, at)) => {
                        let hint = "--mode ieee lets it pass";
                        mark(format!("{phase} is not finite: this gives {value}; {hint}"), at)
                    }
                    None => error.into(),
                }
            }
            hessite::Error::Kink { index: (i, j), .. } => {
                let kink = |f: &Function| {
                    matches!(f.with_mode(Mode::Strict).at(bindings), Err(hessite::Error::Kink { .. }))
                };
                match steps.find(|(_, f, _)| kink(f)) {
                    Some((_, _, at)) => mark(format!("not differentiable here, at entry ({i}, {j})"), at),
                    None => error.into(),
                }
            }
            _ => error.into(),
        }
    }
}

/// Whether this step has a number that is not finite in the given pass. A directional derivative is tried along a
/// direction without zeros.
fn not_finite(graph: &Graph, x: Matrix<'_>, f: &Function, phase: Phase, bindings: &[Binding<'_>]) -> bool {
    let bad = |m: &DMatrix<f64>| m.iter().any(|x| !x.is_finite());
    let found = || -> hessite::Result<bool> {
        let at = f.with_mode(Mode::Ieee).at(bindings)?;
        if phase == Phase::Value {
            return Ok(bad(&at.value_matrix()));
        }
        let at = graph.function(x.sum())?.with_mode(Mode::Ieee).at(bindings)?;
        let gradient = at.gradient()?;
        if phase == Phase::Gradient {
            return Ok(gradient.iter().any(|(_, g)| bad(g)));
        }
        let ones: Vec<(&str, DMatrix<f64>)> =
            gradient.iter().map(|(name, g)| (name, DMatrix::repeat(g.nrows(), g.ncols(), 1.0))).collect();
        let v: Vec<Binding<'_>> = ones.iter().map(|(name, m)| bind(*name, m)).collect();
        Ok(at.hvp(&v)?.iter().any(|(_, h)| bad(h)))
    };
    found().unwrap_or(false)
}

fn four(kind: &'static str, of: Vec<String>, index: String, block: hessite::Block) -> Array {
    let ((m, n), (p, q)) = block.shapes();
    Array { kind, of, index, shape: vec![m, n, p, q], entries: block.into_matrix().data.into() }
}

fn hessian(at: &Point, variables: &[String]) -> hessite::Result<Array> {
    let work = Work::start("Hessian");
    let keys: Vec<&str> = variables.iter().map(String::as_str).collect();
    let h = at.hessian_with(&keys, &Control::new().progress(&|p| work.tell(p)))?.into_matrix();
    let index = format!("H[p,q] over ({}) stacked, each column by column", variables.join(", "));
    Ok(Array {
        kind: "hessian",
        of: variables.to_vec(),
        index,
        shape: vec![h.nrows(), h.ncols()],
        entries: h.data.into(),
    })
}

/// The certificate of a point, in words, and whether it passed.
///
/// # Errors
/// As [`Point::check`].
pub fn certificate(at: &Point) -> hessite::Result<(String, bool)> {
    let _work = Work::start("check");
    let certificate = at.check()?;
    Ok((certificate.to_string(), certificate.passed()))
}

fn write(args: &Args, results: &Results, targets: &[PathBuf]) -> Result<()> {
    let style = text::Style { decimals: args.precision.into(), full: args.full };
    let mut stdout = std::io::stdout().lock();
    match (args.format, targets) {
        (Format::Text, []) => text::write(&mut stdout, results, style)?,
        (Format::Json, []) => json::write(&mut stdout, results)?,
        (Format::Text, [path, ..]) => files::write(path, args.force, |w| text::write(w, results, style))?,
        (Format::Json, [path, ..]) => files::write(path, args.force, |w| json::write(w, results))?,
        (Format::Npy, _) => {
            let written = files::write_arrays(results, targets, args.force)?;
            text::value(&mut stdout, results, style)?;
            for path in written {
                writeln!(stdout, "wrote {}", path.display())?;
            }
            if let Some((words, _)) = &results.certificate {
                writeln!(stdout, "\n{}", words.trim_end())?;
            }
        }
    }
    Ok(stdout.flush()?)
}
