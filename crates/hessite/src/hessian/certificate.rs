//! stub
/// x
pub struct Certificate;
