//! Lexemes to a flat tree, by precedence climbing (Pratt).
//!
//! | binds | operators | |
//! |---|---|---|
//! | tightest | `'` `.'` `.T` `^` `.^` | from left to right; an exponent may have a sign: `2^-1` |
//! | | `+` `-` before an operand | `-A^2` is `-(A^2)` |
//! | | `*` `@` `/` `.*` `./` | from left to right |
//! | loosest | `+` `-` | from left to right |
//!
//! The nodes stand in a list, operands before what uses them, so every later walk is a loop; chains of operators of
//! any length are a loop here too. Only nesting recurses, up to [`DEPTH`] levels.

use super::Span;
use super::token::{Lexeme, Operator, Token, lexemes};
use crate::error::Marked;

/// Levels of parentheses, brackets, calls and signs.
pub const DEPTH: usize = 256;

/// The place of a node in its tree.
pub type Id = usize;

/// One operation of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A number.
    Number(f64),
    /// A variable or a named constant, and where its name is.
    Name(Span),
    /// A text in quotes, an option of a function, and where it is.
    Text(Span),
    /// `-x`
    Negated(Id),
    /// `x'`
    Transposed(Id),
    /// Two operands, and the operator's place.
    Binary(Operator, Id, Id, Span),
    /// A function, the place of its name, and its arguments.
    Call(Span, Vec<Id>),
    /// `[a, b; c, d]`, row by row.
    Rows(Vec<Vec<Id>>),
}

/// A parsed expression; the last node is its result.
#[derive(Clone, Debug)]
pub struct Tree<'t> {
    /// What was parsed.
    pub text: &'t str,
    /// Operands before operations.
    pub nodes: Vec<Node>,
    /// The piece of the text that each node is.
    pub spans: Vec<Span>,
}

impl Tree<'_> {
    /// The text of a piece.
    pub fn piece(&self, span: Span) -> &str {
        &self.text[span.start..span.end]
    }
}

/// Parses an expression.
///
/// # Errors
/// The first place at which the text stops being an expression, and what would be needed there.
pub fn parse(text: &str) -> Result<Tree<'_>, Marked> {
    let lexemes = lexemes(text)?;
    let tree = Tree { text, nodes: Vec::new(), spans: Vec::new() };
    let mut parser = Parser { lexemes, at: 0, tree, depth: 0 };
    if parser.peek() == Token::End {
        return parser.fail("the expression is empty");
    }
    parser.operation(0)?;
    match parser.peek() {
        Token::End => Ok(parser.tree),
        _ => parser.stray(),
    }
}

/// How tightly an operator binds its left side; its right side is bound one tighter, so chains group to the left.
fn binding(op: Operator) -> u8 {
    match op {
        Operator::Add | Operator::Sub => 1,
        Operator::Mul | Operator::Div | Operator::LeftDiv | Operator::TimesEach | Operator::DivEach => 3,
        Operator::Pow | Operator::PowEach => 7,
    }
}
const SIGN: u8 = 5;
const POSTFIX: u8 = 7;

struct Parser<'t> {
    lexemes: Vec<Lexeme>,
    at: usize,
    tree: Tree<'t>,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn lexeme(&self) -> Lexeme {
        self.lexemes[self.at]
    }

    fn peek(&self) -> Token {
        self.lexeme().token
    }

    fn advance(&mut self) -> Lexeme {
        let lexeme = self.lexeme();
        self.at = (self.at + 1).min(self.lexemes.len() - 1);
        lexeme
    }

    fn push(&mut self, node: Node, span: Span) -> Id {
        self.tree.nodes.push(node);
        self.tree.spans.push(span);
        self.tree.nodes.len() - 1
    }

    fn fail<T>(&self, why: impl Into<String>) -> Result<T, Marked> {
        Err(Marked::new(why, self.tree.text, self.lexeme().span))
    }

    /// Runs one level deeper.
    fn nested<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, Marked>) -> Result<T, Marked> {
        if self.depth == DEPTH {
            return self.fail(format!(
                "nested deeper than {DEPTH} levels; give parts of it as matrices of their own"
            ));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    /// Operands joined by operators that bind at least as tightly as `least`.
    fn operation(&mut self, least: u8) -> Result<Id, Marked> {
        let mut left = self.operand()?;
        loop {
            let Lexeme { token, span: at } = self.lexeme();
            let start = self.tree.spans[left];
            match token {
                Token::Transpose if POSTFIX >= least => {
                    self.advance();
                    left = self.push(Node::Transposed(left), start.to(at));
                }
                Token::Operator(op) if binding(op) >= least => {
                    self.advance();
                    let right = match op {
                        Operator::Pow | Operator::PowEach => self.exponent()?,
                        _ => self.operation(binding(op) + 1)?,
                    };
                    let span = start.to(self.tree.spans[right]);
                    left = self.push(Node::Binary(op, left, right, at), span);
                }
                _ => return Ok(left),
            }
        }
    }

    /// Signs, and what they stand before.
    fn operand(&mut self) -> Result<Id, Marked> {
        self.signed(|p| p.operation(SIGN))
    }

    /// An exponent: signs and one primary, so that `2^-1` works and `a^b'` is `(a^b)'`.
    fn exponent(&mut self) -> Result<Id, Marked> {
        self.signed(Self::primary)
    }

    fn signed(&mut self, of: impl Fn(&mut Self) -> Result<Id, Marked>) -> Result<Id, Marked> {
        let first = self.lexeme().span;
        let mut negative = false;
        let mut signs = 0;
        while let Token::Operator(op @ (Operator::Add | Operator::Sub)) = self.peek() {
            self.advance();
            negative ^= op == Operator::Sub;
            signs += 1;
        }
        if signs == 0 {
            return self.primary();
        }
        let x = self.nested(of)?;
        let span = first.to(self.tree.spans[x]);
        Ok(if negative { self.push(Node::Negated(x), span) } else { x })
    }

    fn primary(&mut self) -> Result<Id, Marked> {
        let Lexeme { token, span } = self.lexeme();
        match token {
            Token::Number(x) => {
                self.advance();
                Ok(self.push(Node::Number(x), span))
            }
            Token::Text => {
                self.advance();
                Ok(self.push(Node::Text(span), span))
            }
            Token::Name => {
                self.advance();
                match self.peek() {
                    Token::Open('(') => self.nested(|p| p.call(span)),
                    _ => Ok(self.push(Node::Name(span), span)),
                }
            }
            Token::Open('(') => self.nested(Self::parenthesis),
            Token::Open(_) => self.nested(Self::literal),
            Token::End => self.fail("the expression ends where an operand is needed"),
            _ => self.fail(format!("expected an operand, found `{}`", self.tree.piece(span))),
        }
    }

    fn parenthesis(&mut self) -> Result<Id, Marked> {
        let open = self.advance().span;
        let x = self.operation(0)?;
        let close = self.close(open, ')')?;
        // The parentheses belong to the piece, so that messages quote what was written.
        self.tree.spans[x] = open.to(close);
        Ok(x)
    }

    fn call(&mut self, name: Span) -> Result<Id, Marked> {
        let open = self.advance().span;
        let mut arguments = Vec::new();
        if self.peek() != Token::Close(')') {
            arguments.push(self.operation(0)?);
            while self.peek() == Token::Comma {
                self.advance();
                arguments.push(self.operation(0)?);
            }
        }
        let close = self.close(open, ')')?;
        Ok(self.push(Node::Call(name, arguments), name.to(close)))
    }

    fn literal(&mut self) -> Result<Id, Marked> {
        let open = self.advance().span;
        let mut rows = vec![Vec::new()];
        loop {
            match self.peek() {
                Token::Close(']') => break,
                Token::Semicolon => {
                    self.advance();
                    rows.push(Vec::new());
                    continue;
                }
                _ => {}
            }
            let x = self.operation(0)?;
            if let Some(row) = rows.last_mut() {
                row.push(x);
            }
            match self.peek() {
                Token::Comma => drop(self.advance()),
                Token::Semicolon | Token::Close(']') => {}
                _ => return self.close(open, ']').map(|_| 0),
            }
        }
        let span = open.to(self.advance().span);
        rows.retain(|r| !r.is_empty());
        if let [row] = &rows[..] {
            let bracketed = |&x: &Id| matches!(&self.tree.nodes[x], Node::Rows(r) if r.len() == 1);
            if row.len() > 1 && row.iter().all(bracketed) {
                let why =
                    "MATLAB reads this as one row, NumPy as a row for each inner bracket; write [1, 2; 3, 4]";
                return Err(Marked::new(why, self.tree.text, span));
            }
        }
        Ok(self.push(Node::Rows(rows), span))
    }

    fn close(&mut self, open: Span, bracket: char) -> Result<Span, Marked> {
        match self.peek() {
            Token::Close(c) if c == bracket => Ok(self.advance().span),
            Token::End => {
                let why = format!("this `{}` is never closed", self.tree.piece(open));
                Err(Marked::new(why, self.tree.text, open))
            }
            _ => self.stray(),
        }
    }

    /// What stands where an operator, a comma or the end is needed.
    fn stray<T>(&self) -> Result<T, Marked> {
        let found = self.tree.piece(self.lexeme().span);
        match self.peek() {
            Token::Name | Token::Number(_) | Token::Text | Token::Open(_) => {
                self.fail(format!("an operator is missing before `{found}`; write `*` for a product"))
            }
            Token::Semicolon => self.fail("`;` separates the rows of a matrix in [ ]"),
            _ => self.fail(format!("unexpected `{found}`")),
        }
    }
}
