//! The workloads of the comparison with other engines, one line of JSON for each case.
#![forbid(unsafe_code)]

use clap::Parser;

/// Measures hessite on the workloads of docs/performance.md.
#[derive(Parser)]
struct Arguments {
    /// Threads that directions and large products are dealt to.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Workloads to run, each alone, with what is asked, or with the size too: W1,W2:hvp,W1:hvp:64. All if left out.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads).build()?;
    // Cases are made inside: what records a problem need not be sent between threads.
    pool.install(|| {
        for case in hessite_bench::report::cases() {
            if case.wanted(&arguments.only) {
                println!("{}", case.run(arguments.threads));
            }
        }
    });
    Ok(())
}
