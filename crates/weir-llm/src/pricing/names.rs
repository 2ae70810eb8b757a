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
pub(crate) fn without<'a>(name: &'a str, shape: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(shape.len())?;
    let suffix = name.get(at..)?;
    let fits = suffix.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    });
    fits.then(|| &name[..at])
}

/// The names to look a model up by, in order: as it is; without the collection in front; the model
/// inside an ARN; for Bedrock without the region, whose prices differ and therefore come first; for
/// Vertex without the publisher; for a tuned model the one it was made of.
pub(super) fn candidates<'a>(
    provider: &'a str,
    model: &'a str,
) -> impl Iterator<Item = &'a str> + 'a {
    let listed = model.rsplit_once("models/").map(|(_, name)| name);
    let short = listed.unwrap_or(model);
    let arn = short.strip_prefix("arn:").and_then(|arn| arn.rsplit('/').next());
    let name = arn.unwrap_or(short);
    let region = without_region(name);
    let publisher = name.rsplit_once('/').filter(|_| provider == "google-vertex-ai");
    let tuned = name.strip_prefix("ft:").map(|rest| {
        let base = rest.split(':').next().unwrap_or(rest);
        &name[.."ft:".len() + base.len()]
    });
    let tails = [listed, arn, region, publisher.map(|(_, name)| name), tuned];
    std::iter::once(model).chain(tails.into_iter().flatten())
}

/// A Bedrock model id without the prefix of an inference profile.
fn without_region(model: &str) -> Option<&str> {
    ["us.", "eu.", "apac.", "global.", "us-gov.", "jp.", "au.", "ca."]
        .iter()
        .find_map(|region| model.strip_prefix(region))
}
