use proptest::prelude::*;

use super::Form;
use crate::fault::FaultKind;

const TYPE: &str = "multipart/form-data; boundary=----b0undary";

/// A form of the parts, each with its headers, an empty line and its value.
fn form(parts: &[&str]) -> Vec<u8> {
    let mut body = String::new();
    for part in parts {
        body += "------b0undary\r\n";
        body += part;
        body += "\r\n";
    }
    (body + "------b0undary--\r\n").into_bytes()
}

fn named(name: &str, value: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}")
}

fn file() -> &'static str {
    "Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\
     Content-Type: audio/wav\r\n\r\nRIFF\r\n--\r\n\u{0}\u{1}model"
}

#[test]
fn only_the_models_bytes_change() {
    let model = named("model", "openai/whisper-1");
    for parts in [[file(), &model], [&model, file()]] {
        let body = form(&parts);
        let form = Form::read(TYPE, &body).unwrap();
        assert_eq!(form.model(), "openai/whisper-1");
        assert_eq!(&body[form.place()], b"openai/whisper-1");
        let got = form.with_model("whisper-1").unwrap();
        let expected = String::from_utf8(body.clone()).unwrap();
        assert_eq!(
            String::from_utf8(got).unwrap(),
            expected.replace("openai/whisper-1", "whisper-1")
        );
    }
}

#[test]
fn the_ways_of_writing_it() {
    let reads = |content_type: &str, body: &[u8]| {
        assert_eq!(Form::read(content_type, body).unwrap().model(), "m", "{content_type}");
    };
    let body = form(&[&named("model", "m")]);
    reads("Multipart/Form-Data ; charset=utf-8; Boundary=\"----b0undary\";", &body);
    reads("multipart/form-data;boundary=----b0undary", &[b"preamble\r\n", &body[..]].concat());
    reads(TYPE, &[&body[..], b"epilogue"].concat());
    let text = String::from_utf8(body).unwrap();
    reads(TYPE, text.replace("b0undary\r\n", "b0undary \t\r\n").as_bytes());
    reads(TYPE, text.replace("\"model\"", "model").as_bytes());
    reads(TYPE, text.replace("\"model\"", r#""mo\del""#).as_bytes());
    reads(TYPE, text.replace("Content-Disposition:", "content-disposition:").as_bytes());
    let more = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n";
    reads(TYPE, text.replace("Content-Dis", &format!("{more}Content-Dis")).as_bytes());
    // A name that only begins alike is another one, and so is one in another case.
    let others = [named("model2", "a"), named("Model", "b"), named("model", "m")];
    reads(TYPE, &form(&others.each_ref().map(String::as_str)));
    let quotes =
        "Content-Disposition: form-data; filename=\"a\\\"; name=\\\"model.wav\"; name=f\r\n\r\n";
    reads(TYPE, &form(&[quotes, &named("model", "m")]));
}

#[track_caller]
fn fails(content_type: &str, body: &[u8], kind: FaultKind, says: &str) {
    let fault = Form::read(content_type, body).unwrap_err();
    assert_eq!(fault.kind(), kind, "{fault}");
    assert!(fault.message().contains(says), "{fault}");
}

#[test]
fn content_types_that_do_not_do() {
    let body = form(&[&named("model", "m")]);
    let fails =
        |content_type: &str, says: &str| fails(content_type, &body, FaultKind::Invalid, says);
    fails("application/json", "send it as multipart/form-data");
    fails("", "send it as multipart/form-data");
    fails("multipart/form-data", "has no boundary");
    fails("multipart/form-data; boundary=", "cannot be read");
    fails("multipart/form-data; boundary=a; boundary=----b0undary", "two boundaries");
    fails("multipart/form-data; boundary=\"a", "cannot be read");
    fails("multipart/form-data; boundary=\"\"", "1 to 70");
    fails("multipart/form-data; boundary=\"a\u{e4}\"", "1 to 70");
    fails(&format!("multipart/form-data; boundary={}", "a".repeat(71)), "1 to 70");
    fails("multipart/form-data; boundary=other", "does not occur");
}

#[test]
fn forms_that_are_not_whole() {
    let fails = |body: &str, says: &str| fails(TYPE, body.as_bytes(), FaultKind::Invalid, says);
    let good = String::from_utf8(form(&[&named("model", "m")])).unwrap();
    fails("", "does not occur");
    fails(&good.replace("b0undary--", "b0und"), "cut off");
    fails(&good.replace("b0undary--", "b0undaryX"), "something else than a line break");
    fails(&good.replace("\r\n\r\nm", "\r\nm"), "headers of a part do not end");
    fails(&good.replace("\r\n\r\nm", "\r\n\r\nm------b0undary"), "elsewhere");
    fails(&format!("x{good}"), "elsewhere");
    fails(&format!("{good}{good}"), "behind its closing");
    fails(&good.replace("\r\n", "\n"), "something else than a line break");
    fails(&good.replace("\r\n-", "\n-"), "elsewhere");
    fails(&good.replace("Content-Disposition: ", "X-Other: "), "no content-disposition");
    fails(&good.replace("form-data; name", "attachment; name"), "not form-data");
    fails(&good.replace("name=\"model\"", "name=\"model"), "cannot be read");
    fails(&good.replace("name=\"model\"", "size=1"), "no name");
    fails(&good.replace("name=\"model\"", "name=a; name*=UTF-8''model"), "extended form");
    fails(&good.replace("\r\n\r\nm\r\n", "\r\n\r\n"), "it has no value");
    fails(&good.replace("name=\"model\"", "name=a; name=model"), "two names");
    fails(&good.replace("; name", "\r\n ; name"), "no colon");
    fails(
        &good.replace(
            "form-data; name",
            "form-data; name=a\r\nContent-Disposition: form-data; name",
        ),
        "two content-disposition",
    );
    fails(
        &good.replace("Content-Dis", "A: b\r\n------b0undary\r\nContent-Dis"),
        "headers of a part do not end",
    );
    fails(
        &good.replace("Content-Dis", &format!("A: {}\r\nContent-Dis", "b".repeat(20_000))),
        "do not end",
    );
}

#[test]
fn the_model_is_one_text() {
    let fails = |parts: &[&str], kind, says: &str| fails(TYPE, &form(parts), kind, says);
    let model = named("model", "m");
    fails(&[file()], FaultKind::Missing, "no part of this name");
    fails(&[&model, &model], FaultKind::Invalid, "twice");
    fails(&[&named("model", "")], FaultKind::Invalid, "empty");
    fails(&[&named("model", "a\r\nb")], FaultKind::Invalid, "control characters");
    fails(&[&named("model", &"a".repeat(600))], FaultKind::Invalid, "too long");
    let as_file = model.replace("\r\n\r\n", "; filename=x\r\n\r\n");
    fails(&[&as_file], FaultKind::Invalid, "not a file");
    let encoded = model.replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    fails(&[&encoded], FaultKind::Invalid, "not a file");
    let many = vec![named("a", "b"); 300];
    fails(
        &many.iter().map(String::as_str).collect::<Vec<_>>(),
        FaultKind::Invalid,
        "more than 256",
    );
}

#[test]
fn a_new_name_cannot_end_its_part() {
    let body = form(&[&named("model", "m")]);
    let form = Form::read(TYPE, &body).unwrap();
    assert!(form.with_model("a\r\n------b0undary--").is_err());
    assert!(form.with_model("------b0undary--").is_err());
    assert!(form.with_model("").is_err());
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let known = [
        "------b0undary",
        "--",
        "\r\n",
        "\r\n\r\n",
        "\r",
        "\n",
        "Content-Disposition: form-data",
        "; name=\"model\"",
        "; name=",
        "; filename=\"",
        "\\",
        "\"",
        ":",
        " ",
        "m",
        "x",
    ];
    let piece = proptest::sample::select(known.to_vec()).prop_map(|text| text.as_bytes().to_vec());
    let piece = prop_oneof![8 => piece, 1 => proptest::collection::vec(any::<u8>(), 0..4)];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in pieces(), content_type in "(multipart/form-data)?[;=\" a-z-]{0,30}") {
        let _ = Form::read(&content_type, &body);
        if let Ok(form) = Form::read(TYPE, &body) {
            let again = form.with_model("other").unwrap();
            let read = Form::read(TYPE, &again).unwrap();
            prop_assert_eq!(read.model(), "other");
            prop_assert_eq!(read.with_model(form.model()).unwrap(), body);
        }
    }

    #[test]
    fn any_file_survives(
        mut file in proptest::collection::vec(any::<u8>(), 0..200),
        first in any::<bool>(),
        model in "[ -~]{1,20}",
    ) {
        // What a client does when it chooses a boundary: one that is not in the file.
        file.retain(|byte| *byte != b'-');
        let head = b"------b0undary\r\nContent-Disposition: form-data; name=file; filename=f\r\n\r\n";
        let mut parts = [
            [head, &file[..]].concat(),
            ["------b0undary\r\n", &named("model", "whisper")].concat().into_bytes(),
        ];
        if first {
            parts.reverse();
        }
        let body = [&parts[0], &b"\r\n"[..], &parts[1], b"\r\n------b0undary--"].concat();
        let changed = Form::read(TYPE, &body).unwrap().with_model(&model).unwrap();
        let read = Form::read(TYPE, &changed).unwrap();
        prop_assert_eq!(read.model(), &model);
        prop_assert_eq!(read.with_model("whisper").unwrap(), body);
    }
}
