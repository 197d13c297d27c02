//! Text to lexemes.
//!
//! Three things depend on what stands before: a quote is a transpose after an operand and opens a text elsewhere; a
//! point belongs to `.*`, `./`, `.^`, `.'` or `.T` rather than to a number; and blanks separate elements inside
//! brackets, where `[a -b]` has two elements and `[a - b]` has one.

use super::Span;
use crate::error::Marked;

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*` or `@`: the matrix product.
    Mul,
    /// `/`
    Div,
    /// `\`: the solution of a system of equations.
    LeftDiv,
    /// `.*`
    TimesEach,
    /// `./`
    DivEach,
    /// `^`: the power of a square matrix or a number.
    Pow,
    /// `.^`
    PowEach,
}

impl Operator {
    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Operator::Add => "+",
            Operator::Sub => "-",
            Operator::Mul => "*",
            Operator::Div => "/",
            Operator::LeftDiv => "\\",
            Operator::TimesEach => ".*",
            Operator::DivEach => "./",
            Operator::Pow => "^",
            Operator::PowEach => ".^",
        }
    }
}

/// What a lexeme is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token {
    /// An unsigned number.
    Number(f64),
    /// A variable or function.
    Name,
    /// A text in quotes.
    Text,
    /// A binary operator, or a sign.
    Operator(Operator),
    /// `'`, `.'` or `.T`
    Transpose,
    /// `(` or `[`
    Open(char),
    /// `)` or `]`
    Close(char),
    /// `,`, or the blank that stands for it in brackets.
    Comma,
    /// `;`, or the line break that stands for it in brackets.
    Semicolon,
    /// The end of the text.
    End,
}

impl Token {
    fn ends_operand(self) -> bool {
        matches!(self, Token::Number(_) | Token::Name | Token::Text | Token::Transpose | Token::Close(_))
    }

    fn starts_operand(self) -> bool {
        matches!(self, Token::Number(_) | Token::Name | Token::Text | Token::Open(_))
    }
}

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lexeme {
    /// What it is.
    pub token: Token,
    /// Where it is.
    pub span: Span,
}

/// The lexemes of a text, the last of which is [`Token::End`].
///
/// # Errors
/// A character that no token begins with, a number that can't be read, a text without its end.
pub fn lexemes(text: &str) -> Result<Vec<Lexeme>, Marked> {
    let mut lexer = Lexer { text, at: 0, found: Vec::new(), open: Vec::new() };
    while lexer.next()? {}
    Ok(lexer.found)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    found: Vec<Lexeme>,
    /// The brackets that are open.
    open: Vec<char>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text[self.at..].chars().nth(ahead)
    }

    fn fail<T>(&self, why: impl Into<String>, start: usize, end: usize) -> Result<T, Marked> {
        Err(Marked::new(why, self.text, Span::new(start, end)))
    }

    fn after_operand(&self) -> bool {
        self.found.last().is_some_and(|l| l.token.ends_operand())
    }

    /// Adds the next lexeme; false at the end.
    fn next(&mut self) -> Result<bool, Marked> {
        let (blank_from, line_break) = (self.at, self.skip_blanks());
        let blank = self.at > blank_from;
        let in_brackets = self.open.last() == Some(&'[');
        let start = self.at;
        let Some(c) = self.peek(0) else {
            self.found.push(Lexeme { token: Token::End, span: Span::new(start, start) });
            return Ok(false);
        };
        let after_operand = self.after_operand();
        let token = self.token(c, after_operand && !(blank && in_brackets))?;
        if blank && in_brackets && after_operand {
            let sign = matches!(token, Token::Operator(Operator::Add | Operator::Sub));
            let unary = sign && self.peek(0).is_some_and(|c| !c.is_whitespace());
            if token.starts_operand() || unary {
                let separator = if line_break { Token::Semicolon } else { Token::Comma };
                self.found.push(Lexeme { token: separator, span: Span::new(blank_from, start) });
            }
        }
        match token {
            Token::Open(c) => self.open.push(c),
            Token::Close(_) => drop(self.open.pop()),
            _ => {}
        }
        self.found.push(Lexeme { token, span: Span::new(start, self.at) });
        Ok(true)
    }

    /// Skips white space; true if a line ended in it.
    fn skip_blanks(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let len = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
        self.at += len;
        rest[..len].contains('\n')
    }

    /// The token at `c`, stepped over. `quote_transposes` says what a quote would be.
    fn token(&mut self, c: char, quote_transposes: bool) -> Result<Token, Marked> {
        if c.is_ascii_digit() || (c == '.' && self.peek(1).is_some_and(|d| d.is_ascii_digit())) {
            return self.number();
        }
        let (token, len) = match (c, self.peek(1), self.peek(2)) {
            ('.', Some('*'), Some('*')) | ('*', Some('*'), _) => {
                let why = "`**` means different things to MATLAB and NumPy; write ^ for a matrix power, .^ for entries";
                return self.fail(why, self.at, self.at + 2);
            }
            ('.', Some('*'), _) => (Token::Operator(Operator::TimesEach), 2),
            ('.', Some('/'), _) => (Token::Operator(Operator::DivEach), 2),
            ('.', Some('^'), _) => (Token::Operator(Operator::PowEach), 2),
            ('.', Some('\'' | '’'), _) => (Token::Transpose, 2),
            ('.', Some('T'), next) if !next.is_some_and(in_name) => (Token::Transpose, 2),
            ('\'' | '’', ..) if quote_transposes => (Token::Transpose, 1),
            ('ᵀ', ..) => (Token::Transpose, 1),
            ('\'' | '"', ..) => return self.quoted(c),
            ('+', ..) => (Token::Operator(Operator::Add), 1),
            ('-' | '−', ..) => (Token::Operator(Operator::Sub), 1),
            ('*' | '@' | '·', ..) => (Token::Operator(Operator::Mul), 1),
            ('∘' | '⊙', ..) => (Token::Operator(Operator::TimesEach), 1),
            ('/', ..) => (Token::Operator(Operator::Div), 1),
            ('\\', ..) => (Token::Operator(Operator::LeftDiv), 1),
            ('^', ..) => (Token::Operator(Operator::Pow), 1),
            ('(' | '[', ..) => (Token::Open(c), 1),
            (')' | ']', ..) => (Token::Close(c), 1),
            (',', ..) => (Token::Comma, 1),
            (';', ..) => (Token::Semicolon, 1),
            _ if starts_name(c) => {
                let rest = &self.text[self.at..];
                self.at += rest.find(|c| !in_name(c)).unwrap_or(rest.len());
                return Ok(Token::Name);
            }
            _ => return self.stranger(c),
        };
        self.at += self.text[self.at..].chars().take(len).map(char::len_utf8).sum::<usize>();
        Ok(token)
    }

    fn stranger(&self, c: char) -> Result<Token, Marked> {
        let why = match c {
            '<' | '>' | '=' | '~' | '!' | '&' | '|' => {
                format!("`{c}`: there are no comparisons; see at_least and select in `hessite functions`")
            }
            '{' | '}' => format!("`{c}`: write matrices in [ ]"),
            _ => format!("unexpected character `{}`", c.escape_debug()),
        };
        self.fail(why, self.at, self.at + c.len_utf8())
    }

    fn quoted(&mut self, quote: char) -> Result<Token, Marked> {
        let body = &self.text[self.at + 1..];
        match body.find(quote) {
            Some(len) => {
                self.at += len + 2;
                Ok(Token::Text)
            }
            None => self.fail("this quote is never closed", self.at, self.at + 1),
        }
    }

    /// Digits, a fraction, an exponent. A point before an operator sign is the operator's: `2.*X` is `2 .* X`.
    fn number(&mut self) -> Result<Token, Marked> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let mut end = digits(start);
        let operator_follows = matches!(bytes.get(end + 1), Some(b'*' | b'/' | b'^' | b'\'' | b'T'));
        if bytes.get(end) == Some(&b'.') && !operator_follows {
            end = digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let after = digits(end + 1 + sign);
            if after > end + 1 + sign {
                end = after;
            }
        }
        self.at = end;
        if let Some(c) = self.peek(0).filter(|&c| starts_name(c) && c != 'ᵀ') {
            let name_end = end + c.len_utf8();
            let number = &self.text[start..end];
            return self.fail(format!("a number runs into a name; write {number}*{c}…"), start, name_end);
        }
        match self.text[start..end].parse::<f64>() {
            Ok(x) if x.is_finite() => Ok(Token::Number(x)),
            _ => self.fail("this number is larger than a double can hold", start, end),
        }
    }
}

fn starts_name(c: char) -> bool {
    c == '_' || (c.is_alphabetic() && c != 'ᵀ')
}

fn in_name(c: char) -> bool {
    starts_name(c) || c.is_numeric()
}
