//! The README and the pages of docs/, one module each. Their code blocks are compiled and run by the tests of this
//! crate; what else they claim about the repository is tested in `tests`.
//!
//! To add a page: write it, and add its line below. To let other pages link to it here as well as in the repository,
//! give it a label in `links.md`: the first definition of a label wins, so the labels of `links.md` go before the ones
//! at the foot of a page, which point to files.

#![forbid(unsafe_code)]

macro_rules! pages {
    ($($name:ident = $path:literal),* $(,)?) => {
        $(#[doc = concat!(include_str!("links.md"), include_str!($path))] pub mod $name {})*
    };
}

pages! {
    readme = "../../README.md",
    architecture = "../architecture.md",
    notation = "../notation.md",
    references = "../references.md",
    semantics = "../semantics.md",
    performance = "../performance.md",
}

/// Pages to read in order.
pub mod guide {
    pages! {
        first_hessian = "../guide/first-hessian.md",
        matrices = "../guide/matrices.md",
        origin = "../guide/origin.md",
        symmetric = "../guide/symmetric.md",
        implicit = "../guide/implicit.md",
        primitive = "../guide/primitive.md",
    }
}

macro_rules! programs {
    ($($name:ident = $path:literal),* $(,)?) => {
        $(
            #[doc = concat!("`cargo run --release -p hessite --example ", stringify!($name), "`")]
            #[doc = concat!("```rust\n", include_str!($path), "```")]
            pub mod $name {}
        )*
    };
}

/// The examples of the crate hessite.
pub mod examples {
    programs! {
        first_hessian = "../../crates/hessite/examples/first_hessian.rs",
        newton_cg = "../../crates/hessite/examples/newton_cg.rs",
        sensitivity = "../../crates/hessite/examples/sensitivity.rs",
    }
}

#[cfg(test)]
mod tests;
