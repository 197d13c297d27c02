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
    for (what, request) in products.into_iter().chain([("hess", Request::Hessian)]) {
        add("W7", 200.into(), what, request, Box::new(|| problems::gaussian_process(200)));
    }
    for n in [10_000, 100_000] {
        add("W6", n.into(), "hvp", Request::Hvp, Box::new(move || problems::luksan_vlcek(n)));
    }
    all
}

impl Case {
    /// Whether a list such as `W1,W2:hvp,W1:hvp:64` asks for it; an empty one asks for all.
    pub fn wanted(&self, only: &[String]) -> bool {
        let size = self.size.to_string();
        let own = [self.workload, self.what, size.trim_matches('"')];
        only.is_empty() || only.iter().any(|o| o.split(':').zip(own).all(|(asked, own)| asked == own))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Checksums of JAX's results; data/README.md says how they were made.
    const REFERENCE: &str = include_str!("../data/checksums.jsonl");

    fn reference(case: &Case) -> Option<Checksum> {
        let lines = REFERENCE.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
        let fits =
            |l: &Value| l["workload"] == case.workload && l["size"] == case.size && l["what"] == case.what;
        let line = lines.into_iter().find(fits)?;
        let number = |v: &Value| v.as_f64().unwrap();
        let c = &line["checksum"];
        Some(Checksum {
            fro: number(&c["fro"]),
            e: [number(&c["e"][0]), number(&c["e"][1]), number(&c["e"][2])],
            wsum: number(&c["wsum"]),
        })
    }

    /// The largest sizes take most of the time and show nothing that smaller ones don't.
    fn small(case: &Case) -> bool {
        case.size.as_u64().is_none_or(|n| n != 512 && n < 1_000_000)
    }

    #[test]
    fn cases_have_the_checksums_of_jax() {
        for case in cases().into_iter().filter(small) {
            let name = format!("{} {} {}", case.workload, case.size, case.what);
            let expected = reference(&case).unwrap_or_else(|| panic!("{name}: no reference"));
            let difference = case.checksum().unwrap().difference(&expected);
            // Both round at 1e-16 a term; W4 and W6 cancel up to six digits of their largest terms.
            assert!(difference < 1e-9, "{name}: differs by {difference:.1e}");
        }
    }

    #[test]
    fn a_line_has_the_fields_of_the_comparison() {
        let case = cases().into_iter().find(|c| c.wanted(&["W1:hess_YY:4".into()])).unwrap();
        let line = case.run(1);
        for text in ["peer", "version", "workload", "what", "variant"] {
            assert!(line[text].is_string(), "{text}");
        }
        let numbers = [
            "setup_s",
            "eval_s_median",
            "cpu_s_median",
            "eval_s_min",
            "eval_s_max",
            "reps",
            "threads",
            "size",
        ];
        for number in numbers {
            assert!(line[number].is_number(), "{number}");
        }
        let c = &line["checksum"];
        assert!(c["fro"].is_number() && c["wsum"].is_number());
        assert_eq!(c["e"].as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn cases_are_chosen_by_workload_what_and_size() {
        let count = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(|o| o.to_string()).collect();
            cases().iter().filter(|c| c.wanted(&only)).count()
        };
        assert_eq!(count(&[]), cases().len());
        assert_eq!(count(&["W1"]) + count(&["W2", "W3", "W4", "W6", "W7"]), cases().len());
        assert_eq!((count(&["W1:hvp"]), count(&["W1:hvp:64"]), count(&["W2:hess:small"])), (4, 1, 1));
        assert_eq!(count(&["W5"]), 0);
    }
}
