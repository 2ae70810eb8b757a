//! Pictures and documents: bytes only, of few formats.

use super::body::{Block, Bytes, Document, Image};
use super::family::Family;
use crate::canonical::{self, Media, Source};
use crate::fault::{Fault, Losses, Param};

pub(super) fn image<'a>(
    image: &'a canonical::Image,
    family: &Family,
    place: &Param,
    losses: &mut Losses,
) -> Result<Block<'a>, Fault> {
    if !family.images {
        return Err(losses.refuse(place, "takes no images with this model; send text only"));
    }
    if image.detail.as_deref().is_some_and(|detail| detail != "auto") {
        losses.drop(&Param::ImageDetail)?;
    }
    let (media_type, bytes) = bytes(&image.source, "images", place, losses)?;
    let format = match media_type {
        "image/png" => "png",
        "image/jpeg" | "image/jpg" => "jpeg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        _ => return Err(losses.invalid(place, "an image has to be PNG, JPEG, GIF or WebP")),
    };
    Ok(Block::Image(Image { format, source: Bytes { bytes } }))
}

pub(super) fn document<'a>(
    media: &'a Media,
    family: &Family,
    names: &mut Names,
    place: &Param,
    losses: &Losses,
) -> Result<Block<'a>, Fault> {
    if !family.documents {
        return Err(losses.refuse(place, "takes no documents with this model; send their text"));
    }
    let (media_type, bytes) = bytes(&media.source, "documents", place, losses)?;
    let name = media.name.as_deref();
    let Some(format) = document_format(media_type, name) else {
        let why = "a document has to be PDF, CSV, DOC, DOCX, XLS, XLSX, HTML, TXT or MD";
        return Err(losses.invalid(place, why));
    };
    let name = names.unique(name.unwrap_or("document"));
    Ok(Block::Document(Document { format, name, source: Bytes { bytes } }))
}

fn bytes<'a>(
    source: &'a Source,
    what: &str,
    place: &Param,
    losses: &Losses,
) -> Result<(&'a str, &'a str), Fault> {
    match source {
        Source::Data { media_type, base64 } => Ok((media_type, base64)),
        Source::Url(_) => {
            Err(losses.refuse(place, &format!("fetches no {what}; send the bytes as a data: URL")))
        }
        Source::Id(_) => {
            let why = format!("knows no files of other providers; send {what} as a data: URL");
            Err(losses.refuse(place, &why))
        }
    }
}

/// By the type, or by the file name where the type says nothing.
fn document_format(media_type: &str, name: Option<&str>) -> Option<&'static str> {
    const OFFICE: &str = "application/vnd.openxmlformats-officedocument.";
    Some(match media_type {
        "application/pdf" => "pdf",
        "text/csv" => "csv",
        "application/msword" => "doc",
        "application/vnd.ms-excel" => "xls",
        "text/html" => "html",
        "text/plain" => "txt",
        "text/markdown" => "md",
        "" | "application/octet-stream" => {
            let (_, extension) = name?.rsplit_once('.')?;
            let known = ["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"];
            known.into_iter().find(|known| known.eq_ignore_ascii_case(extension))?
        }
        other => match other.strip_prefix(OFFICE)? {
            "wordprocessingml.document" => "docx",
            "spreadsheetml.sheet" => "xlsx",
            _ => return None,
        },
    })
}

/// Names of documents in one request: Converse wants them different, and of few characters.
#[derive(Default)]
pub(super) struct Names(Vec<String>);

impl Names {
    /// Longest name, with room for a number behind it.
    const LONGEST: usize = 190;

    fn unique(&mut self, file: &str) -> String {
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let permitted = |c: char| c.is_ascii_alphanumeric() || "-()[]".contains(c);
        let spaced: String = stem.chars().map(|c| if permitted(c) { c } else { ' ' }).collect();
        let words: Vec<&str> = spaced.split_ascii_whitespace().collect();
        let mut name = words.join(" ");
        name.truncate(Self::LONGEST);
        let name = if name.trim().is_empty() { "document" } else { name.trim() };
        let mut unique = name.to_owned();
        let mut count = 1;
        while self.0.contains(&unique) {
            count += 1;
            unique = format!("{name} {count}");
        }
        self.0.push(unique.clone());
        unique
    }
}
