//! Results and how they leave: as text, as one JSON object, or as an NPY file for each array.

pub mod files;
pub mod json;
pub mod layout;
pub mod npy;
pub mod text;

/// An array of results in column-major order, the first index running fastest.
pub struct Array {
    /// What it is: `gradient`, `block`, `hessian`, `hvp`, `jacobian`, `second`.
    pub kind: &'static str,
    /// The variables it is about.
    pub of: Vec<String>,
    /// What an entry is: `H[i,j,k,l] = d²L/dX_ij dY_kl`.
    pub index: String,
    /// Two or four sizes.
    pub shape: Vec<usize>,
    /// The entries.
    pub entries: Vec<f64>,
}

/// A named matrix of the expression.
pub struct Named {
    /// Its name.
    pub name: String,
    /// Rows and columns.
    pub shape: (usize, usize),
    /// Whether it is a constant.
    pub constant: bool,
}

/// All that an evaluation found.
pub struct Results {
    /// The expression.
    pub expression: String,
    /// Its matrices, in the order given.
    pub matrices: Vec<Named>,
    /// Rows and columns of the value.
    pub value_shape: (usize, usize),
    /// The value, column by column.
    pub value: Vec<f64>,
    /// The derivatives, in the order asked for.
    pub arrays: Vec<Array>,
    /// What it costs, in words.
    pub estimate: Option<String>,
    /// The certificate, in words, and whether it passed.
    pub certificate: Option<(String, bool)>,
}
