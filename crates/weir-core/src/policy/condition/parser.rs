//! Reading a condition: recursive descent with a bound on the depth.

use super::expression::{Comparison, Expression, Literal, Method, ValueKind};
use super::lexer::{Token, Word, words};
use super::{Condition, ConditionError};
use crate::policy::identity::Field;
use crate::text;

type Parsed<T> = Result<T, ConditionError>;

/// Reads a whole condition.
pub(super) fn parse(text: &str) -> Parsed<Expression> {
    let mut parser = Parser { words: words(text)?, place: 0, depth: 0 };
    let condition = parser.any()?;
    if parser.peek() != &Token::End {
        return Err(parser.unexpected("the end, or an operator"));
    }
    of_kind(&condition, 1, &[ValueKind::Bool], "a condition must be true or false")?;
    Ok(condition)
}

struct Parser {
    /// Never empty; the last one is [`Token::End`].
    words: Vec<Word>,
    place: usize,
    depth: usize,
}

const COMPARISONS: [(&str, Comparison); 6] = [
    ("==", Comparison::Eq),
    ("!=", Comparison::Ne),
    ("<", Comparison::Lt),
    ("<=", Comparison::Le),
    (">", Comparison::Gt),
    (">=", Comparison::Ge),
];
const METHODS: [(&str, Method); 3] = [
    ("endsWith", Method::EndsWith),
    ("startsWith", Method::StartsWith),
    ("contains", Method::Contains),
];

impl Parser {
    /// `a || b || c`
    fn any(&mut self) -> Parsed<Expression> {
        self.joined("||", Self::all, Expression::Any)
    }

    /// `a && b && c`
    fn all(&mut self) -> Parsed<Expression> {
        self.joined("&&", Self::relation, Expression::All)
    }

    fn joined(
        &mut self,
        sign: &'static str,
        part: fn(&mut Self) -> Parsed<Expression>,
        join: fn(Vec<Expression>) -> Expression,
    ) -> Parsed<Expression> {
        let at = self.at();
        let first = part(self)?;
        if self.peek() != &Token::Sign(sign) {
            return Ok(first);
        }
        truth(&first, at)?;
        let mut parts = vec![first];
        while self.eat(sign) {
            let at = self.at();
            let next = part(self)?;
            truth(&next, at)?;
            parts.push(next);
        }
        Ok(join(parts))
    }

    /// `a == b`, `a in b`. Chains of them would compare truth values, which nobody means.
    fn relation(&mut self) -> Parsed<Expression> {
        let at = self.at();
        let left = self.unary()?;
        let relation = if self.eat_name("in") {
            let right_at = self.at();
            let right = self.unary()?;
            of_kind(&right, right_at, &[ValueKind::List], "must be a list")?;
            Expression::In(Box::new(left), Box::new(right))
        } else if let Some(comparison) = self.eat_one_of(&COMPARISONS) {
            let right_at = self.at();
            let right = self.unary()?;
            if !matches!(comparison, Comparison::Eq | Comparison::Ne) {
                let ordered = [ValueKind::Number, ValueKind::Text];
                of_kind(&left, at, &ordered, "has no order: compare numbers or texts")?;
                of_kind(&right, right_at, &ordered, "has no order: compare numbers or texts")?;
            }
            if let (Some(left), Some(right)) = (left.kind(), right.kind())
                && left != right
            {
                let message = format!("compares a {left:?} with a {right:?}").to_lowercase();
                return Err(ConditionError { at, message });
            }
            Expression::Compare(comparison, Box::new(left), Box::new(right))
        } else {
            return Ok(left);
        };
        if COMPARISONS.iter().any(|(sign, _)| self.peek() == &Token::Sign(sign)) {
            return Err(self.unexpected("&&, || or the end; put a comparison in parentheses"));
        }
        Ok(relation)
    }

    /// `!a`
    fn unary(&mut self) -> Parsed<Expression> {
        if !self.eat("!") {
            return self.postfix();
        }
        let at = self.at();
        let inner = self.deeper(Self::unary)?;
        truth(&inner, at)?;
        Ok(Expression::Not(Box::new(inner)))
    }

    /// `a.endsWith("x")`
    fn postfix(&mut self) -> Parsed<Expression> {
        let at = self.at();
        let text = self.primary()?;
        if !self.eat(".") {
            return Ok(text);
        }
        let method_at = self.at();
        let names = METHODS.map(|(name, _)| name);
        let found = METHODS.into_iter().find(|(name, _)| self.eat_name(name));
        let Some((_, method)) = found else {
            return Err(self.unexpected(&format!("one of {}", names.join(", "))));
        };
        let texts = [ValueKind::Text];
        of_kind(&text, at, &texts, "must be a text")?;
        self.expect("(")?;
        let part_at = self.at();
        let part = self.primary()?;
        of_kind(&part, part_at, &texts, "must be a text")?;
        self.expect(")")?;
        if self.peek() == &Token::Sign(".") {
            let message = "the answer of a method has no methods".to_owned();
            return Err(ConditionError { at: method_at, message });
        }
        Ok(Expression::Method(method, Box::new(text), Box::new(part)))
    }

    fn primary(&mut self) -> Parsed<Expression> {
        if self.eat("(") {
            let inner = self.deeper(Self::any)?;
            self.expect(")")?;
            return Ok(inner);
        }
        match self.peek().clone() {
            Token::Name(name) if !["true", "false"].contains(&name.as_str()) => self.named(&name),
            _ => self.literal().map(Expression::Literal),
        }
    }

    /// A field, or `has(field)`.
    fn named(&mut self, name: &str) -> Parsed<Expression> {
        let at = self.at();
        let follows = self.words.get(self.place + 1).map(|word| &word.token);
        if follows != Some(&Token::Sign("(")) {
            return self.field().map(Expression::Field);
        }
        if name != "has" {
            let message = format!("{name:?} is not a function; has is the only one");
            return Err(ConditionError { at, message });
        }
        self.place += 2;
        let field = self.field()?;
        self.expect(")")?;
        Ok(Expression::Has(field))
    }

    /// `a.b["c d"]`. A name before a bracket is a method's and stays.
    fn field(&mut self) -> Parsed<Field> {
        let at = self.at();
        let Token::Name(mut path) = self.peek().clone() else {
            return Err(self.unexpected("a field such as cf.user.email"));
        };
        self.place += 1;
        loop {
            let ahead = |steps: usize| self.words.get(self.place + steps).map(|word| &word.token);
            match (ahead(0), ahead(1), ahead(2)) {
                (Some(Token::Sign(".")), Some(Token::Name(name)), after)
                    if after != Some(&Token::Sign("(")) =>
                {
                    path = format!("{path}.{name}");
                    self.place += 2;
                }
                (Some(Token::Sign("[")), Some(Token::Text(name)), Some(Token::Sign("]"))) => {
                    path = format!("{path}.{name}");
                    self.place += 3;
                }
                _ => break,
            }
        }
        Field::parse(&path).ok_or_else(|| {
            let message = match text::nearest(&path, Field::NAMES) {
                Some(near) => format!("{path:?} is not a field; did you mean {near}?"),
                None => format!("{path:?} is not a field; known are {}", Field::NAMES.join(", ")),
            };
            ConditionError { at, message }
        })
    }

    fn literal(&mut self) -> Parsed<Literal> {
        if self.eat("[") {
            return self.deeper(Self::list);
        }
        let negative = self.eat("-");
        let literal = match self.peek() {
            Token::Number(number) => Literal::Number(if negative { -number } else { *number }),
            Token::Text(text) if !negative => Literal::Text(text.clone()),
            Token::Name(name) if !negative && name == "true" => Literal::Bool(true),
            Token::Name(name) if !negative && name == "false" => Literal::Bool(false),
            _ if negative => return Err(self.unexpected("a number")),
            _ => return Err(self.unexpected("a field, a literal or (")),
        };
        self.place += 1;
        Ok(literal)
    }

    /// What follows `[`.
    fn list(&mut self) -> Parsed<Literal> {
        let mut items = Vec::new();
        while !self.eat("]") {
            items.push(self.literal()?);
            if !self.eat(",") {
                self.expect("]")?;
                break;
            }
        }
        Ok(Literal::List(items))
    }

    fn deeper<T>(&mut self, step: fn(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > Condition::MAX_DEPTH {
            let message = format!("is nested more than {} levels deep", Condition::MAX_DEPTH);
            return Err(ConditionError { at: self.at(), message });
        }
        let output = step(self);
        self.depth -= 1;
        output
    }

    fn word(&self) -> &Word {
        // The last word is the end, which nothing passes over.
        &self.words[self.place.min(self.words.len() - 1)]
    }

    fn peek(&self) -> &Token {
        &self.word().token
    }

    fn at(&self) -> usize {
        self.word().at
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(next) if *next == sign);
        self.place += usize::from(found);
        found
    }

    fn eat_name(&mut self, name: &str) -> bool {
        let found = matches!(self.peek(), Token::Name(next) if next == name);
        self.place += usize::from(found);
        found
    }

    fn eat_one_of<T: Copy>(&mut self, signs: &[(&str, T)]) -> Option<T> {
        signs.iter().find(|(sign, _)| self.eat(sign)).map(|(_, meaning)| *meaning)
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.eat(sign) { Ok(()) } else { Err(self.unexpected(sign)) }
    }

    fn unexpected(&self, expected: &str) -> ConditionError {
        let found = match self.peek() {
            Token::End => "the end".to_owned(),
            Token::Name(name) => format!("{name:?}"),
            Token::Number(number) => format!("{number}"),
            Token::Text(_) => "a text".to_owned(),
            Token::Sign(sign) => format!("{sign:?}"),
        };
        ConditionError { at: self.at(), message: format!("expected {expected}, found {found}") }
    }
}

fn truth(part: &Expression, at: usize) -> Parsed<()> {
    of_kind(part, at, &[ValueKind::Bool], "must be true or false")
}

/// Refuses a part that can never be of these kinds.
fn of_kind(part: &Expression, at: usize, kinds: &[ValueKind], wrong: &str) -> Parsed<()> {
    match part.kind() {
        Some(kind) if !kinds.contains(&kind) => {
            Err(ConditionError { at, message: wrong.to_owned() })
        }
        _ => Ok(()),
    }
}
