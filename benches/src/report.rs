//! The cases of the comparison, each a line of JSON.

use crate::measure::{Checksum, median, repeat};
use crate::problems::{self, Problem};
use crate::requests::{Request, Session};
use serde_json::{Value, json};
use std::time::Instant;

/// One line of the comparison.
pub struct Case {
    /// The workload's number, `W1` to `W8`.
    pub workload: &'static str,
    /// Its size: a number or a name.
    pub size: Value,
    /// What is asked, as the other engines' drivers call it.
    pub what: &'static str,
    request: Request,
    problem: Box<dyn Fn() -> Problem>,
}

/// All cases.
pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    let mut add = |workload, size: Value, what, request, problem: Box<dyn Fn() -> Problem>| {
        all.push(Case { workload, size, what, request, problem })
    };
    let products = [("hvp", Request::Hvp), ("hvp_lin", Request::HvpKept)];
    for n in [4, 8, 16, 24] {
        add("W1", n.into(), "hess_YY", Request::Block(1, 1), Box::new(move || problems::product_norm(n, 0)));
        add("W1", n.into(), "hess_XY", Request::Block(0, 1), Box::new(move || problems::product_norm(n, 0)));
    }
    for n in [16, 64, 256, 512] {
        for (what, request) in products {
            add("W1", n.into(), what, request, Box::new(move || problems::product_norm(n, 1)));
        }
    }
    let many = ("hvp32", Request::HvpMany(32));
    add("W1", 128.into(), many.0, many.1, Box::new(|| problems::product_norm(128, 32)));
    for (name, problem) in [("softmax", problems::softmax as fn() -> Problem), ("mlp", problems::network)] {
        for (what, request) in products.into_iter().chain([many]) {
            add("W2", name.into(), what, request, Box::new(problem));
        }
    }
    add("W2", "small".into(), "hess", Request::Hessian, Box::new(problems::small_network));
    for n in [1_000, 100_000, 1_000_000] {
        add("W3", n.into(), "hvp", Request::Hvp, Box::new(move || problems::rosenbrock(n)));
    }
    add("W4", "d10k5n1000".into(), "hvp", Request::Hvp, Box::new(problems::gaussian_mixture));
    add("W4", "d10k5n1000".into(), "hess", Request::Hessian, Box::new(problems::gaussian_mixture));
    for n in [10_000, 100_000] {
        add("W6", n.into(), "hvp", Request::Hvp, Box::new(move || problems::luksan_vlcek(n)));
    }
    all
}

impl Case {
    /// Whether a list such as `W1,W2:hvp` asks for it; an empty one asks for all.
    pub fn wanted(&self, only: &[String]) -> bool {
        only.is_empty()
            || only.iter().any(|o| match o.split_once(':') {
                Some((workload, what)) => workload == self.workload && what == self.what,
                None => o == self.workload,
            })
    }

    /// The checksum of the first result.
    ///
    /// # Errors
    /// What hessite refuses.
    pub fn checksum(&self) -> hessite::Result<Checksum> {
        Ok(Checksum::of(&Session::start(&(self.problem)(), self.request)?.by_rows()))
    }

    /// Runs the case: set-up is everything from recording to the first result. A refusal is told in the line.
    pub fn run(&self, threads: usize) -> Value {
        let mut line = json!({
            "peer": "hessite",
            "version": env!("CARGO_PKG_VERSION"),
            "workload": self.workload,
            "size": self.size,
            "what": self.what,
            "variant": "",
            "threads": threads,
        });
        let more = match self.measure() {
            Ok(more) => more,
            Err(e) => json!({ "error": e.to_string() }),
        };
        if let (Value::Object(line), Value::Object(more)) = (&mut line, more) {
            line.extend(more);
        }
        line
    }

    fn measure(&self) -> hessite::Result<Value> {
        let problem = (self.problem)();
        let start = Instant::now();
        let mut session = Session::start(&problem, self.request)?;
        let setup = start.elapsed().as_secs_f64();
        let c = Checksum::of(&session.by_rows());
        let times = repeat(|| session.evaluate())?;
        Ok(json!({
            "setup_s": setup,
            "checksum": { "fro": c.fro, "e": c.e, "wsum": c.wsum },
            "eval_s_median": median(&times.wall),
            "cpu_s_median": median(&times.cpu),
            "eval_s_min": times.wall[0],
            "eval_s_max": times.wall[times.wall.len() - 1],
            "reps": times.wall.len(),
        }))
    }
}
