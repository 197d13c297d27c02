//! One thread and two.

use super::chart::{Axis, Chart, Sample, Scale, Section, Series, Spread};
use super::contest::turns;
use super::{Effort, Error, machine, words};
use crate::copies::Copies;
use crate::distance;
use crate::measure::{Run, run};
use crate::problems::{self, Problem};
use crate::requests::{Request, Session};
use indicatif::ProgressBar;
use std::cell::RefCell;

/// Hessians and panels deal directions to threads, single products the strips of large matrices.
fn cases(effort: Effort) -> Vec<(&'static str, Problem, Request)> {
    let mut cases = vec![
        ("Hessian of a small network", problems::small_network(), Request::Hessian),
        ("32 products H·v of a network", problems::network(), Request::HvpMany(32)),
    ];
    if effort.largest > 8 {
        cases.push(("Hessian of ‖XXY‖, n = 24", problems::product_norm(24, 0), Request::Hessian));
        cases.push(("32 products H·v, n = 128", problems::product_norm(128, 32), Request::HvpMany(32)));
        cases.push(("Hessian of a mixture", problems::gaussian_mixture(), Request::Hessian));
        cases.push(("one product H·v, n = 512", problems::product_norm(512, 1), Request::Hvp));
    }
    cases
}

/// The time of two threads over that of one.
///
/// # Errors
/// What hessite refuses.
pub fn section(effort: Effort, progress: &ProgressBar) -> Result<Section, Error> {
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pools = [pool(1)?, pool(2)?];
    let (mut series, mut seen) = (Vec::new(), Vec::new());
    for (k, (label, problem, request)) in cases(effort).into_iter().enumerate() {
        progress.set_message(format!("threads, {label}"));
        let session = RefCell::new(Session::start(&problem, request)?);
        let by = |pool: usize| -> Run<'_> {
            let (pool, session) = (&pools[pool], &session);
            Box::new(move |count| {
                let session = &mut *session.borrow_mut();
                pool.install(|| (0..count).try_for_each(|_| session.evaluate()))
            })
        };
        let mut copies = Copies::start(&problem, request)?;
        let both: Run<'_> = Box::new(move |count| copies.evaluate(count));
        let mut trips = Vec::new();
        let apart = run(|| {
            trips.push(distance::round_trip());
            Ok(())
        });
        let times = turns(&mut [by(0), by(1), both, apart], effort)?;
        let one = times[0].wall.middle;
        // Set apart sideways, so that bars do not cover each other.
        let aside = 0.03 * (k as f64 - 2.5);
        let sample =
            |threads: f64, t: Spread| Sample { x: Spread::exact(threads + aside), y: t.map(|t| t / one) };
        seen.push(format!(
            "{label}: {} by one thread, {} by two; a gain of {} in the medians, of {} in the least times. Two copies at once, each by one thread, gained {} and {}. Meanwhile {}.",
            words::spread(times[0].wall),
            words::spread(times[1].wall),
            words::digits(one / times[1].wall.middle),
            words::digits(times[0].wall.low / times[1].wall.low),
            words::digits(2.0 * one / times[2].wall.middle),
            words::digits(2.0 * times[0].wall.low / times[2].wall.low),
            apart_in_words(&trips)
        ));
        let samples = vec![sample(1.0, times[0].wall), sample(2.0, times[1].wall)];
        series.push(Series { label: label.into(), look: k, samples, joined: true });
        progress.inc(1);
    }
    let none: Vec<String> =
        series.iter().filter(|s| s.samples[1].y.middle > 1.0 / words::TIE).map(|s| s.label.clone()).collect();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    if let Some(load) = machine::load().filter(|&load| load > 0.75 * processors as f64) {
        seen.push(format!(
            "The load was {} on {processors} processors: others wanted the second one, so these gains say little about hessite.",
            words::digits(load)
        ));
    }
    seen.push(match none.as_slice() {
        [] => format!("Every case gains more than {}.", words::TIE),
        none => {
            format!("No gain above {} in the medians of this run: {}.", words::TIE, words::list(none))
        }
    });
    Ok(Section {
        id: "threads",
        heading: "One thread and two",
        what: "The clock's time, by one and by two threads in turns, over the median of one thread. Other work on the \
               machine counts here, unlike in CPU seconds: on a machine with two busy cores a second thread can gain \
               nothing. Nor can it where a virtual machine's two processors are, for the moment, the two hardware threads \
               of one core; so in each round the time is taken too that a cache line needs from one thread to the other \
               and back. What two copies gain that share nothing but the machine is about the most that dealing can, while results fit in the caches. The results have the same bits."
            .into(),
        chart: Chart {
            title: "hessite by one thread and by two".into(),
            x: Axis { label: "threads".into(), scale: Scale::Counts },
            y: Axis { label: "time / median time of one thread".into(), scale: Scale::Ratios },
            series,
            line: Some((0.5, "twice as fast".into())),
        },
        seen,
    })
}

/// What the round trips of all rounds say.
fn apart_in_words(trips: &[Option<f64>]) -> String {
    let mut found: Vec<f64> = trips.iter().flatten().copied().collect();
    if found.is_empty() {
        return "the second processor was not free long enough to tell where it is".into();
    }
    found.sort_by(f64::total_cmp);
    let same = |a: &f64, b: &f64| distance::meaning(*a) == distance::meaning(*b);
    let place = |alike: &[f64]| match (alike.len(), found.len()) {
        (k, n) if k == n => distance::meaning(alike[0]).to_string(),
        (k, n) => format!("{} in {k} of {n} looks", distance::meaning(alike[0])),
    };
    let places = words::list(&found.chunk_by(same).map(place).collect::<Vec<_>>());
    format!(
        "a cache line went to the other thread and back in {}: {places}",
        words::spread(Spread::of(found))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_the_threads_is_said() {
        let said = apart_in_words(&[Some(99e-9), None, Some(101e-9)]);
        assert!(said.ends_with("in 101 ns (99.0 ns to 101 ns): two cores that share a cache"), "{said}");
        let said = apart_in_words(&[Some(45e-9), Some(480e-9), Some(46e-9)]);
        let near = "the two hardware threads of one core in 2 of 3 looks";
        assert!(
            said.contains(near) && said.ends_with("two cores that share no cache in 1 of 3 looks"),
            "{said}"
        );
        assert!(apart_in_words(&[None]).contains("not free"));
    }
}
