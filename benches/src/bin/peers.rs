//! The workloads of the comparison with other engines, as JSON lines.

fn main() {}
