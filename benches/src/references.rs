//! Second derivatives to more than 50 digits, made by mpmath (`data/*.py`): what errors are measured against.

use crate::problems::{self, Problem};

/// A file of references that can't be read.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Numbers to 32 digits: each as the nearest f64 and what it leaves.
#[derive(Clone, Debug)]
pub struct Exact(Vec<(f64, f64)>);

impl Exact {
    /// A line for each number, its two parts.
    ///
    /// # Errors
    /// A line is not two numbers.
    pub fn read(text: &str) -> Result<Self, Error> {
        let number = |line: &str| -> Result<(f64, f64), Error> {
            let (near, rest) = line.split_once(' ').ok_or("the reference has one number in a line")?;
            Ok((near.parse()?, rest.parse()?))
        };
        Ok(Exact(text.lines().map(number).collect::<Result<_, _>>()?))
    }

    /// The same numbers in another order: the k-th comes from `from(k)`.
    pub fn reordered(&self, len: usize, from: impl Fn(usize) -> usize) -> Self {
        Exact((0..len).map(|k| self.0[from(k)]).collect())
    }

    /// The nearest f64 of each.
    pub fn rounded(&self) -> Vec<f64> {
        self.0.iter().map(|e| e.0).collect()
    }

    /// The largest error of an entry, relative to the largest entry; at least 10⁻¹⁸, so that it has a logarithm.
    pub fn error(&self, answer: &[f64]) -> f64 {
        self.error_of_every(1, answer)
    }

    /// The same among every k-th entry, from the first on.
    pub fn error_of_every(&self, k: usize, answer: &[f64]) -> f64 {
        let scale = self.0.iter().fold(f64::MIN_POSITIVE, |s, e| s.max(e.0.abs()));
        let errors = answer.iter().zip(&self.0).step_by(k).map(|(h, e)| (h - e.0 - e.1).abs());
        // `max` would leave out NaN.
        let worst =
            errors.fold(1e-18 * scale, |worst, e| if worst.is_nan() || e <= worst { worst } else { e });
        worst / scale
    }
}

/// A workload and its H·v, along its first direction.
pub struct Reference {
    /// One word.
    pub id: &'static str,
    /// Of the workload and what it is.
    pub name: &'static str,
    /// What is asked.
    pub problem: Problem,
    /// H·v, stacked.
    pub exact: Exact,
}

/// W2, W4, W7, and W3 and W6 of 20 variables. [`second_derivative`] has W1.
///
/// # Errors
/// A file of references can't be read.
pub fn products() -> Result<Vec<Reference>, Error> {
    let reference = |id, name, problem: Problem, text| -> Result<Reference, Error> {
        let by_rows = Exact::read(text)?;
        let index = problem.layout.stacked_index();
        let mut row = vec![0; index.len()];
        index.iter().enumerate().for_each(|(k, &s)| row[s] = k);
        let exact = by_rows.reordered(row.len(), |s| row[s]);
        Ok(Reference { id, name, problem, exact })
    };
    Ok(vec![
        reference(
            "small",
            "W2 small network",
            problems::small_network(),
            include_str!("../data/references/small.txt"),
        )?,
        reference(
            "softmax",
            "W2 softmax",
            problems::softmax(),
            include_str!("../data/references/softmax.txt"),
        )?,
        reference("mlp", "W2 mlp", problems::network(), include_str!("../data/references/mlp.txt"))?,
        reference(
            "rosenbrock",
            "W3 Rosenbrock, n = 20",
            problems::rosenbrock(20),
            include_str!("../data/references/rosenbrock.txt"),
        )?,
        reference(
            "mixture",
            "W4 Gaussian mixture",
            problems::gaussian_mixture(),
            include_str!("../data/references/mixture.txt"),
        )?,
        reference(
            "luksan-vlcek",
            "W6 Lukšan–Vlček, n = 20",
            problems::luksan_vlcek(20),
            include_str!("../data/references/luksan_vlcek.txt"),
        )?,
        reference(
            "process",
            "W7 Gaussian process",
            problems::gaussian_process(200),
            include_str!("../data/references/process.txt"),
        )?,
    ])
}

/// Rows and columns of the matrices of [`second_derivative`].
pub const N: usize = 6;

/// d²L/dY² of ‖X·X·Y‖, n = [`N`], stacked.
///
/// # Errors
/// The file can't be read.
pub fn second_derivative() -> Result<Exact, Error> {
    let lower = Exact::read(include_str!("../data/second_derivative.txt"))?;
    let m = N * N;
    // Row a ≥ b of the lower triangle, row by row.
    let place = |a: usize, b: usize| a * (a + 1) / 2 + b;
    Ok(lower.reordered(m * m, |k| place((k % m).max(k / m), (k % m).min(k / m))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::{Request, Session};

    #[test]
    fn hessite_is_as_close_as_rounding_allows() {
        for r in products().unwrap() {
            let session = Session::start(&r.problem, Request::Hvp).unwrap();
            let error = r.exact.error(session.stacked());
            // Sums of up to 1000 terms of which the largest are a few hundred times the result (W4, W7).
            assert!(error < 1e-12, "{}: {error:.1e}", r.name);
        }
        let problem = problems::product_norm(N, 0);
        let session = Session::start(&problem, Request::Block(1, 1)).unwrap();
        assert!(second_derivative().unwrap().error(session.stacked()) < 1e-15);
    }

    #[test]
    fn an_error_is_seen_below_the_last_digit_and_nan_too() {
        let exact = Exact::read("1.0 1e-20\n2.0 0.0").unwrap();
        assert_eq!(exact.error(&[1.0, 2.0 + 4.0 * f64::EPSILON]), 2.0 * f64::EPSILON);
        assert_eq!(exact.error(&[1.0, 2.0]), 1e-18);
        assert!(exact.error(&[f64::NAN, 2.0]).is_nan());
        assert_eq!(exact.error_of_every(2, &[1.0 + f64::EPSILON, 3.0]), (f64::EPSILON - 1e-20) / 2.0);
        assert!(Exact::read("1.0").is_err());
    }
}
