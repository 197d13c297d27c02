//! An expression with its matrices: recorded, evaluated at the point, and what was asked of it.

mod blame;
mod requests;

use crate::args::{Args, Format};
use crate::certificate::certify;
use crate::error::{Error, Marked, Result};
use crate::expression::{self, lower::Scope};
use crate::input::Source;
use crate::output::{Array, Named, Results, files, json, text};
use crate::progress::Work;
use hessite::{Binding, Control, Function, Graph, PerVariable, Point};
use nalgebra::DMatrix;
use requests::{Inputs, Requests};
use std::io::Write;
use std::path::PathBuf;

/// Evaluates the expression of the command and writes the results; false if a check failed.
///
/// # Errors
/// Everything that can be wrong with the arguments, the expression, the files and the point.
pub fn run(args: &Args) -> Result<bool> {
    let (expression, values) = args.words()?;
    let tree = expression::parse(expression).map_err(Error::Expression)?;
    let inputs = requests::read(args, &values)?;
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

    let bindings = inputs.bindings();
    let place = |e: &hessite::Error| blame::place(e, &tree, &graph, &lowered, &bindings);
    let query = Query { args, expression, inputs: &inputs, requests: &requests, place: &place };
    let results =
        query.results(&f, &bindings).map_err(|e| blame::locate(e, &tree, &graph, &lowered, &bindings))?;
    write(args, &results, &targets)?;
    Ok(results.certificate.is_none_or(|(_, passed)| passed))
}

/// What an entry of a block is.
fn second(x: &str, y: &str) -> String {
    format!("H[i,j,k,l] = d²L/d{x}_ij d{y}_kl")
}

struct Query<'q> {
    args: &'q Args,
    expression: &'q str,
    inputs: &'q Inputs,
    requests: &'q Requests,
    /// Where in the expression a kink is.
    place: &'q dyn Fn(&hessite::Error) -> Option<Marked>,
}

impl Query<'_> {
    fn results(&self, f: &Function, bindings: &[Binding<'_>]) -> hessite::Result<Results> {
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
            expression: self.expression.into(),
            matrices: self.inputs.list.iter().map(named).collect(),
            value_shape: f.shape(),
            value: at.value_matrix().as_slice().to_vec(),
            arrays: self.arrays(&at)?,
            estimate: if self.args.estimate { Some(f.estimate()?.to_string()) } else { None },
            certificate: if self.args.check { Some(self.certificate(&at)?) } else { None },
        })
    }

    /// The certificate in words, with the place of a kink, and whether it passed.
    fn certificate(&self, at: &Point) -> hessite::Result<(String, bool)> {
        let found = certify(at)?;
        let mut words = found.lines.join("\n");
        if let Some(marked) = found.kink.and_then(|kink| (self.place)(&kink)) {
            let lines: Vec<String> = marked.to_string().lines().map(|l| format!("  {l}")).collect();
            words = format!("{}\n{}", words.trim_end(), lines.join("\n"));
        }
        Ok((words, found.passed))
    }

    /// The part of a variable: a matrix of its structure, or coordinates where these are no entries.
    fn part(&self, all: &PerVariable, name: &str) -> hessite::Result<DMatrix<f64>> {
        match self.inputs.by_coordinates(&[name]) {
            true => all.of(name).cloned(),
            false => all.structured(name),
        }
    }

    fn arrays(&self, at: &Point) -> hessite::Result<Vec<Array>> {
        let requests = self.requests;
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
                let index = format!("g[i,j] = dL/d{x}_ij{}", self.inputs.among(&[x]));
                arrays.push(matrix("gradient", x, index, &self.part(&gradient, x)?));
            }
        }
        for (x, y) in &requests.blocks {
            let work = Work::start(format!("block {x},{y}"));
            let block = at.block_with(x, y, &Control::new().progress(&|p| work.tell(p)))?;
            let among = self.inputs.among(&[x, y]);
            let packed = among.is_empty() || self.inputs.by_coordinates(&[x, y]);
            let block = if packed { block } else { block.structured()? };
            arrays.push(four("block", vec![x.clone(), y.clone()], second(x, y) + &among, block));
        }
        if !requests.hessian.is_empty() {
            arrays.push(hessian(at, &requests.hessian, self.inputs)?);
        }
        if !requests.directions.is_empty() {
            let _work = Work::start("product H·v");
            let v: Vec<Binding<'_>> =
                requests.directions.iter().map(|(x, s)| self.inputs.direction(x, &s.matrix)).collect();
            let product = at.hvp(&v)?;
            for (x, _) in product.iter() {
                let term = |y: &String| format!("(d²L/d{x}_ij d{y})·v_{y}");
                let sum: Vec<String> = requests.directions.iter().map(|(y, _)| term(y)).collect();
                let index = format!("h[i,j] = {}{}", sum.join(" + "), self.inputs.among(&[x]));
                arrays.push(matrix("hvp", x, index, &self.part(&product, x)?));
            }
        }
        for x in &requests.jacobians {
            let _work = Work::start(format!("jacobian {x}"));
            let jacobian = at.jacobian(x)?;
            let among = self.inputs.among(&[x]);
            let packed = among.is_empty() || self.inputs.by_coordinates(&[x]);
            let jacobian = if packed { jacobian } else { jacobian.structured()? };
            arrays.push(four(
                "jacobian",
                vec![x.clone()],
                format!("J[i,j,k,l] = dZ_ij/d{x}_kl{among}"),
                jacobian,
            ));
        }
        for (x, y) in &requests.seconds {
            let _work = Work::start(format!("second derivatives by {x},{y}"));
            let tensor = at.second_tensor(x, y)?;
            arrays.push(Array {
                kind: "second",
                of: vec![x.clone(), y.clone()],
                index: format!("T[i,j,k,l,p,q] = d²Z_ij/d{x}_kl d{y}_pq"),
                shape: tensor.shapes().iter().flat_map(|&(m, n)| [m, n]).collect(),
                entries: tensor.as_slice().to_vec(),
            });
        }
        Ok(arrays)
    }
}

fn four(kind: &'static str, of: Vec<String>, index: String, block: hessite::Block) -> Array {
    let ((m, n), (p, q)) = block.shapes();
    Array { kind, of, index, shape: vec![m, n, p, q], entries: block.into_matrix().data.into() }
}

fn hessian(at: &Point, variables: &[String], inputs: &Inputs) -> hessite::Result<Array> {
    let work = Work::start("Hessian");
    let keys: Vec<&str> = variables.iter().map(String::as_str).collect();
    let h = at.hessian_with(&keys, &Control::new().progress(&|p| work.tell(p)))?.into_matrix();
    let packed = match keys.iter().any(|k| inputs.structured(k).is_some()) {
        true => ", those of a structure by their independent entries (of the lower triangle)",
        false => "",
    };
    let index = format!("H[p,q] over ({}) stacked, each column by column{packed}", variables.join(", "));
    Ok(Array {
        kind: "hessian",
        of: variables.to_vec(),
        index,
        shape: vec![h.nrows(), h.ncols()],
        entries: h.data.into(),
    })
}

fn write(args: &Args, results: &Results, targets: &[PathBuf]) -> Result<()> {
    let style = text::Style { decimals: args.precision.into(), full: args.full };
    let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
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
            text::notes(&mut stdout, results)?;
        }
    }
    Ok(stdout.flush()?)
}
