//! The names one model goes by.

/// A name without regard to case and to the choice between dots and dashes.
pub(super) fn fold(model: &str) -> String {
    model.chars().map(|c| if c == '.' { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// A folded name without what only names a release: `-latest`, a date (`-2024-07-18`, `-20250929`,
/// `@20250929`), Bedrock's `-v1:0`, Google's `-001`.
pub(super) fn bare(folded: &str) -> &str {
    let mut name = folded;
    loop {
        let shorter = name
            .strip_suffix("-latest")
            .or_else(|| without(name, "-dddd-dd-dd"))
            .or_else(|| without(name, "-dddddddd"))
            .or_else(|| without(name, "@dddddddd"))
            .or_else(|| without(name, "-vd:d"))
            .or_else(|| without(name, "-ddd"))
            .or_else(|| without(name, "@ddd"))
            .filter(|shorter| !shorter.is_empty());
        match shorter {
            Some(shorter) => name = shorter,
            None => return name,
        }
    }
}

/// Cuts a suffix of that shape off, where `d` is any digit.
fn without<'a>(name: &'a str, shape: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(shape.len())?;
    let suffix = name.get(at..)?;
    let fits = suffix.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    });
    fits.then(|| &name[..at])
}

/// The model or profile inside an ARN; any other name as it is.
pub(super) fn without_arn(model: &str) -> &str {
    match model.strip_prefix("arn:") {
        Some(arn) => arn.rsplit('/').next().unwrap_or(model),
        None => model,
    }
}

/// A Bedrock model id without the prefix of an inference profile.
pub(super) fn without_region(model: &str) -> Option<&str> {
    ["us.", "eu.", "apac.", "global.", "us-gov.", "jp.", "au.", "ca."]
        .iter()
        .find_map(|region| model.strip_prefix(region))
}
