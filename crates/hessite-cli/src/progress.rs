//! A bar on stderr for work longer than a second, when somebody watches.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Work under way; the bar goes when it is dropped.
pub struct Work {
    state: Arc<State>,
    watcher: Option<(Sender<()>, JoinHandle<()>)>,
}

#[derive(Default)]
struct State {
    done: AtomicU64,
    total: AtomicU64,
}

impl Work {
    /// Begins work called `what`. Nothing is shown in its first second, nor where stderr is no terminal.
    pub fn start(what: impl Into<String>) -> Work {
        let state = Arc::<State>::default();
        let watcher = std::io::stderr().is_terminal().then(|| {
            let (stop, stopped) = channel();
            let (state, what) = (state.clone(), what.into());
            let wait = move |time| stopped.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
            (stop, std::thread::spawn(move || watch(&state, &what, wait)))
        });
        Work { state, watcher }
    }

    /// Takes the library's word on how far it is.
    pub fn tell(&self, progress: hessite::Progress) {
        self.at(progress.done, progress.total);
    }

    /// Says how far the work is.
    pub fn at(&self, done: u64, total: u64) {
        self.state.total.store(total, Ordering::Relaxed);
        self.state.done.store(done, Ordering::Relaxed);
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some((stop, watcher)) = self.watcher.take() {
            drop(stop);
            // A watcher that panicked leaves no bar; the work itself is done.
            let _ = watcher.join();
        }
    }
}

/// Shows a spinner while the amount of work is unknown, a bar from then on, until `wait` says that it is over.
fn watch(state: &State, what: &str, wait: impl Fn(Duration) -> bool) {
    if !wait(Duration::from_secs(1)) {
        return;
    }
    let bar = ProgressBar::new_spinner().with_message(what.to_string());
    let bar_style = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} directions, {eta} left");
    let mut bar_style = bar_style.ok();
    loop {
        let total = state.total.load(Ordering::Relaxed);
        if total > 0 {
            if let Some(style) = bar_style.take() {
                bar.set_style(style);
            }
            bar.set_length(total);
            bar.set_position(state.done.load(Ordering::Relaxed));
        }
        bar.tick();
        if !wait(Duration::from_millis(100)) {
            break;
        }
    }
    bar.finish_and_clear();
}
