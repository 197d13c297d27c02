//! Two copies of one evaluation at once, each by a thread of its own: about all that a second thread can gain on the
//! machine as it is at the moment, whoever deals the work, while results fit in the caches.

use crate::problems::Problem;
use crate::requests::{Request, Session};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Two sessions that share nothing but the machine.
pub struct Copies<'p>([(Session<'p>, ThreadPool); 2]);

impl<'p> Copies<'p> {
    /// Both from recording to the first result.
    ///
    /// # Errors
    /// What hessite refuses; threads that can't be had.
    pub fn start(
        problem: &'p Problem,
        request: Request,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let one = || -> Result<_, Box<dyn std::error::Error + Send + Sync>> {
            Ok((Session::start(problem, request)?, ThreadPoolBuilder::new().num_threads(1).build()?))
        };
        Ok(Copies([one()?, one()?]))
    }

    /// Evaluates each copy so many times.
    ///
    /// # Errors
    /// What hessite refuses.
    pub fn evaluate(&mut self, count: usize) -> hessite::Result<()> {
        let [(first, theirs), (second, ours)] = &mut self.0;
        let times = |session: &mut Session<'_>| (0..count).try_for_each(|_| session.evaluate());
        let mut done = Ok(());
        let other = theirs.in_place_scope(|scope| {
            scope.spawn(|_| done = times(first));
            ours.install(|| times(second))
        });
        done.and(other)
    }
}
