//! The matrices of the command, and what is asked of them, every name and shape being checked.

use crate::args::Args;
use crate::error::{Error, Result};
use crate::expression::{Tree, functions, parse::Node};
use crate::input::{self, Source};
use crate::progress::Work;
use hessite::{Binding, Coordinates, Graph, Matrix, Structure, bind};
use nalgebra::DMatrix;
use std::collections::BTreeMap;

/// The matrices of the command, in its order.
pub(super) struct Inputs {
    pub list: Vec<(String, Source)>,
    /// Those that are not differentiated.
    pub constants: Vec<String>,
    /// Those of a structure.
    structures: Vec<(String, Structure)>,
}

/// Reads the matrices.
///
/// # Errors
/// A name given twice, a constant that is none of them, and all that is wrong with a file.
pub(super) fn read(args: &Args, values: &[&str]) -> Result<Inputs> {
    let mut list: Vec<(String, Source)> = Vec::new();
    let _work = Work::start("reading");
    for argument in values {
        let (name, value) = input::named(argument)?;
        if list.iter().any(|(n, _)| n == name) {
            return Err(Error::usage(format!("{name} is given twice")));
        }
        list.push((name.into(), input::value(name, value)?));
    }
    let mut inputs = Inputs { list, constants: Vec::new(), structures: Vec::new() };
    for name in &args.data {
        inputs.find(name)?;
    }
    inputs.constants = args.data.clone();
    for argument in &args.structure {
        let structure = inputs.structure(argument)?;
        inputs.structures.push(structure);
    }
    Ok(inputs)
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

    /// A word of `--structure`.
    fn structure(&self, argument: &str) -> Result<(String, Structure)> {
        let fail = |why: String| Err(Error::usage(format!("--structure {argument}: {why}")));
        let Some((name, kind)) = argument.split_once('=') else {
            return fail("a name and a kind are needed, as in --structure X=symmetric".into());
        };
        let structure = match kind {
            "symmetric" => Structure::Symmetric,
            "skew" => Structure::Skew,
            "lower" => Structure::LowerTriangular,
            "diagonal" => Structure::Diagonal,
            "posdef" => Structure::PositiveDefinite,
            _ => return fail("the kind is symmetric, skew, lower, diagonal or posdef".into()),
        };
        let (rows, cols) = self.variable(name)?.shape();
        match rows == cols && self.structured(name).is_none() {
            true => Ok((name.into(), structure)),
            false if rows != cols => fail(format!("{name} is {rows}x{cols}, and a square matrix is needed")),
            false => fail(format!("{name} has one already")),
        }
    }

    /// The structure of a variable, if it has one.
    pub fn structured(&self, name: &str) -> Option<Structure> {
        self.structures.iter().find(|(n, _)| n == name).map(|(_, s)| *s)
    }

    /// Whether results by one of these variables are by coordinates that are no entries.
    pub fn by_coordinates(&self, names: &[&str]) -> bool {
        names.iter().any(|n| self.structured(n) == Some(Structure::PositiveDefinite))
    }

    /// What stands behind the index of a result by these variables, where some have a structure.
    pub fn among(&self, names: &[&str]) -> String {
        let packed = self.by_coordinates(names);
        let of = |n: &&str| {
            Some(match self.structured(n)? {
                Structure::PositiveDefinite => {
                    format!("{n} = L Lᵀ by L_ij below and ln L_ii on the diagonal")
                }
                _ if packed => format!("{n} by its independent entries"),
                s => format!("{s} {n}"),
            })
        };
        let words: Vec<String> = names.iter().filter_map(of).collect();
        match (words.is_empty(), packed) {
            (true, _) => String::new(),
            (_, true) => format!(", {}, each column by column", words.join(" and ")),
            _ => format!(", among {}", words.join(" and ")),
        }
    }

    /// A direction as it is given: coordinates where there are no others.
    pub fn direction<'a>(&self, name: &'a str, matrix: &'a DMatrix<f64>) -> Binding<'a> {
        let direction = bind(name, matrix);
        if self.by_coordinates(&[name]) { direction.packed() } else { direction }
    }

    /// Those that are differentiated.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &DMatrix<f64>)> {
        let varies = |name: &String| !self.constants.contains(name);
        self.list.iter().filter(move |(n, _)| varies(n)).map(|(n, s)| (n.as_str(), &s.matrix))
    }

    /// All of them on a graph.
    pub fn declare<'g>(&self, graph: &'g Graph) -> BTreeMap<&str, Matrix<'g>> {
        let declare = |(name, source): &'_ (String, Source)| {
            let (rows, cols) = source.matrix.shape();
            match self.constants.contains(name) {
                true => graph.data(&source.matrix),
                false => match self.structured(name) {
                    Some(s) => graph.structured(name, rows, s, Coordinates::Entries),
                    None => graph.matrix(name, rows, cols),
                },
            }
        };
        self.list.iter().map(|input| (input.0.as_str(), declare(input))).collect()
    }

    /// The point.
    pub fn bindings(&self) -> Vec<Binding<'_>> {
        self.variables().map(|(name, matrix)| bind(name, matrix)).collect()
    }

    /// Says on stderr which matrices the expression does not contain.
    pub fn unused(&self, tree: &Tree<'_>) {
        let used =
            |name: &str| tree.nodes.iter().any(|n| matches!(n, Node::Name(at) if tree.piece(*at) == name));
        for (name, _) in self.variables().filter(|(name, _)| !used(name)) {
            crate::say(&format!("note: {name} is not in the expression; its derivatives are zero"));
        }
    }
}

/// What is asked, every name being known.
pub(super) struct Requests {
    pub gradients: Vec<String>,
    pub blocks: Vec<(String, String)>,
    pub hessian: Vec<String>,
    pub jacobians: Vec<String>,
    pub seconds: Vec<(String, String)>,
    pub directions: Vec<(String, Source)>,
}

impl Requests {
    /// Looks at every name.
    ///
    /// # Errors
    /// A name that is no variable, a direction of the wrong shape.
    pub fn new(args: &Args, inputs: &Inputs) -> Result<Self> {
        let (blocks, seconds) = (pairs("--block", &args.block)?, pairs("--second", &args.second)?);
        let all = matches!(&args.hessian[..], [one] if one == "all" && inputs.find("all").is_err());
        let hessian = match all {
            true => inputs.variables().map(|(name, _)| name.to_string()).collect(),
            false => args.hessian.clone(),
        };
        let named = args.gradient.iter().chain(&hessian).chain(&args.jacobian);
        for name in named.chain(blocks.iter().chain(&seconds).flat_map(|(x, y)| [x, y])) {
            inputs.variable(name)?;
        }
        if let Some((x, y)) =
            seconds.iter().find(|(x, y)| [x, y].iter().any(|n| inputs.structured(n).is_some()))
        {
            let why = "of matrices without --structure only";
            return Err(Error::usage(format!("--second {x},{y}: {why}")));
        }
        let directions = directions(args, inputs)?;
        Ok(Requests {
            gradients: distinct(args.gradient.clone()),
            blocks: distinct(blocks),
            hessian,
            jacobians: distinct(args.jacobian.clone()),
            seconds: distinct(seconds),
            directions,
        })
    }

    /// The names of the arrays that will result, in their order.
    pub fn stems(&self, inputs: &Inputs) -> Vec<String> {
        let mut stems: Vec<String> = self.gradients.iter().map(|x| format!("gradient_{x}")).collect();
        stems.extend(self.blocks.iter().map(|(x, y)| format!("block_{x}_{y}")));
        if !self.hessian.is_empty() {
            stems.push(format!("hessian_{}", self.hessian.join("_")));
        }
        if !self.directions.is_empty() {
            stems.extend(inputs.variables().map(|(x, _)| format!("hvp_{x}")));
        }
        stems.extend(self.jacobians.iter().map(|x| format!("jacobian_{x}")));
        stems.extend(self.seconds.iter().map(|(x, y)| format!("second_{x}_{y}")));
        stems
    }
}

/// Pairs of variables of an option.
fn pairs(option: &str, texts: &[String]) -> Result<Vec<(String, String)>> {
    let pair = |text: &String| match text.split(',').map(str::trim).collect::<Vec<_>>()[..] {
        [x, y] => Ok((x.to_string(), y.to_string())),
        _ => Err(Error::usage(format!("{option} {text}: two variables are needed, as in {option} X,Y"))),
    };
    texts.iter().map(pair).collect()
}

/// Each of a list once, in its order.
fn distinct<T: PartialEq>(list: Vec<T>) -> Vec<T> {
    let mut once: Vec<T> = Vec::new();
    list.into_iter().for_each(|x| {
        if !once.contains(&x) {
            once.push(x)
        }
    });
    once
}

/// The direction of `--hvp`, matrix by matrix.
fn directions(args: &Args, inputs: &Inputs) -> Result<Vec<(String, Source)>> {
    let mut list: Vec<(String, Source)> = Vec::new();
    for argument in &args.hvp {
        let parts = match argument.contains('=') {
            true => {
                let (name, value) = input::named(argument)?;
                inputs.variable(name)?;
                vec![(name.to_string(), input::value(name, value)?)]
            }
            false => bare_direction(argument, inputs)?,
        };
        for (name, source) in parts {
            let (shape, got) = (inputs.variable(&name)?.shape(), source.matrix.shape());
            let (packed, n) = (inputs.by_coordinates(&[&name]), shape.0);
            let wanted = if packed { (n * (n + 1) / 2, 1) } else { shape };
            if got != wanted {
                let is = if packed { "has the coordinates" } else { "is" };
                let why =
                    format!("the direction is {}x{}, {name} {is} {}x{}", got.0, got.1, wanted.0, wanted.1);
                return Err(Error::usage(format!("--hvp {argument}: {why}")));
            }
            if list.iter().any(|(n, _)| *n == name) {
                return Err(Error::usage(format!("--hvp: two directions for {name}")));
            }
            list.push((name, source));
        }
    }
    Ok(list)
}

/// A direction without a name: of the only variable; a vector of all variables stacked; or of the first variable of
/// its shape.
fn bare_direction(argument: &str, inputs: &Inputs) -> Result<Vec<(String, Source)>> {
    let source = input::value("--hvp", argument)?;
    let variables: Vec<(&str, &DMatrix<f64>)> = inputs.variables().collect();
    if let [(only, _)] = variables[..] {
        return Ok(vec![(only.into(), source)]);
    }
    let total: usize = variables.iter().map(|(_, m)| m.len()).sum();
    if source.matrix.len() == total && (source.matrix.nrows() == 1 || source.matrix.ncols() == 1) {
        let mut rest = source.matrix.as_slice();
        let mut part = |(name, m): &(&str, &DMatrix<f64>)| {
            let (mine, others) = rest.split_at(m.len());
            rest = others;
            let matrix = DMatrix::from_column_slice(m.nrows(), m.ncols(), mine);
            (name.to_string(), Source { matrix, file: source.file.clone() })
        };
        return Ok(variables.iter().map(&mut part).collect());
    }
    let mut fits =
        variables.iter().filter(|(_, m)| m.shape() == source.matrix.shape()).map(|(name, _)| *name);
    let Some(first) = fits.next() else {
        let why = format!("neither a vector of all {total} entries stacked nor of the shape of a variable");
        return Err(Error::usage(format!("--hvp {argument}: {why}; say whose it is, as in --hvp X=v.mtx")));
    };
    if let Some(other) = fits.next() {
        crate::say(&format!(
            "note: {argument} is taken as the direction of {first}; for {other} write --hvp {other}={argument}"
        ));
    }
    Ok(vec![(first.into(), source)])
}
