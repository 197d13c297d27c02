//! Composite functions of matrices against numbers of 50 digits, and against closed forms.

mod closed;
mod composites;
mod spectral;
