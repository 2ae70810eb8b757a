//! The words of a condition.

use super::{Condition, ConditionError};

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name or a keyword.
    Name(String),
    /// A number.
    Number(f64),
    /// A text, without its quotes.
    Text(String),
    /// An operator or a bracket.
    Sign(&'static str),
    /// There is no more.
    End,
}

/// A word, and the number of its first character, from 1.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) token: Token,
    pub(super) at: usize,
}

/// Longer signs come before those that they begin with.
const SIGNS: [&str; 16] =
    ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ",", ".", "-"];

/// Takes a text apart. The last word is [`Token::End`].
pub(super) fn words(text: &str) -> Result<Vec<Word>, ConditionError> {
    if text.len() > Condition::MAX_BYTES {
        let message = format!("is longer than {} bytes", Condition::MAX_BYTES);
        return Err(ConditionError { at: Condition::MAX_BYTES, message });
    }
    let mut lexer = Lexer { rest: text, at: 1 };
    let mut words = Vec::new();
    loop {
        lexer.skip_while(char::is_whitespace);
        let at = lexer.at;
        let token = lexer.token()?;
        let end = token == Token::End;
        words.push(Word { token, at });
        if end {
            return Ok(words);
        }
    }
}

struct Lexer<'a> {
    rest: &'a str,
    /// Number of the first character of `rest`.
    at: usize,
}

impl<'a> Lexer<'a> {
    fn token(&mut self) -> Result<Token, ConditionError> {
        let Some(first) = self.rest.chars().next() else { return Ok(Token::End) };
        if first.is_ascii_alphabetic() || first == '_' {
            let name = self.skip_while(|c| c.is_ascii_alphanumeric() || c == '_');
            return Ok(Token::Name(name.to_owned()));
        }
        if first.is_ascii_digit() {
            return self.number();
        }
        if first == '"' || first == '\'' {
            return self.text(first);
        }
        let sign = SIGNS.into_iter().find(|sign| self.rest.starts_with(sign));
        let sign = sign.ok_or_else(|| self.error(format!("{first:?} means nothing here")))?;
        self.skip(sign.len());
        Ok(Token::Sign(sign))
    }

    fn number(&mut self) -> Result<Token, ConditionError> {
        let at = self.at;
        let mut text = self.digits().to_owned();
        let fraction = self.rest.strip_prefix('.').unwrap_or_default();
        if fraction.starts_with(|c: char| c.is_ascii_digit()) {
            self.skip(1);
            text = format!("{text}.{}", self.digits());
        }
        let more = self.rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && !more => Ok(Token::Number(number)),
            _ => Err(ConditionError { at, message: "is not a number such as 5 or 0.5".to_owned() }),
        }
    }

    fn digits(&mut self) -> &'a str {
        self.skip_while(|c| c.is_ascii_digit())
    }

    fn text(&mut self, quote: char) -> Result<Token, ConditionError> {
        let at = self.at;
        self.skip(1);
        let mut text = String::new();
        loop {
            text.push_str(self.skip_while(|c| c != quote && c != '\\' && c != '\n'));
            if self.rest.starts_with(quote) {
                self.skip(1);
                return Ok(Token::Text(text));
            }
            let mut escape = self.rest.chars().skip(1);
            match (self.rest.starts_with('\\'), escape.next()) {
                (true, Some(c @ ('\\' | '"' | '\''))) => text.push(c),
                (true, Some('n')) => text.push('\n'),
                (true, Some('t')) => text.push('\t'),
                (true, _) => {
                    let known = r#"an escape must be one of \\, \", \', \n, \t"#;
                    return Err(self.error(known.to_owned()));
                }
                (false, _) => {
                    return Err(ConditionError { at, message: "the text does not end".to_owned() });
                }
            }
            self.skip(2);
        }
    }

    fn skip_while(&mut self, take: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !take(c)).unwrap_or(self.rest.len());
        self.skip(end)
    }

    /// Passes over so many bytes, which end at a character's end.
    fn skip(&mut self, bytes: usize) -> &'a str {
        let (passed, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        self.at += passed.chars().count();
        passed
    }

    fn error(&self, message: String) -> ConditionError {
        ConditionError { at: self.at, message }
    }
}
