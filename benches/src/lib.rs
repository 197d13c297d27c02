//! Workloads and inputs shared by the benches and the `peers` binary.
