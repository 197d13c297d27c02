//! The demonstration.
use crate::error::Result;
/// x
pub fn run() -> Result<bool> {
    Ok(true)
}
