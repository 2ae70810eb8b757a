use weir_llm::operation::Operation;

use super::{Ask, Door, Family, ModelsForm};

fn operation(rest: &str) -> Option<Operation> {
    match Door::compat(rest)?.ask {
        Ask::Operation(operation) => Some(operation),
        other => panic!("{rest}: {other:?}"),
    }
}

#[test]
fn aliases_lead_to_the_same_door() {
    for path in ["chat/completions", "v1/chat/completions", "chat/completion", "chat/completions/"]
    {
        assert_eq!(operation(path), Some(Operation::Chat), "{path}");
    }
    assert_eq!(operation("v1/messages?beta=true"), Some(Operation::Messages));
    assert_eq!(operation("messages/count_tokens"), Some(Operation::CountTokens));
    assert_eq!(operation("chat"), None);
    assert_eq!(operation(""), None);
}

#[test]
fn gemini_models_stand_in_the_path() {
    for path in [
        "v1beta/models/openai/gpt-5:streamGenerateContent?alt=sse&key=x",
        "v1beta/models/openai%2Fgpt-5:streamGenerateContent?key=x&alt=sse",
        "v1/models/openai/gpt-5:streamGenerateContent?alt=sse",
        "v1alpha/models/openai/gpt-5:streamGenerateContent?alt=sse",
    ] {
        let Some(Door { ask: Ask::OfModel { operation, model, stream, sse }, .. }) =
            Door::compat(path)
        else {
            panic!("{path}")
        };
        assert_eq!((operation, &*model), (Operation::Generate, "openai/gpt-5"));
        assert!(stream && sse);
    }
    let models = Door::compat("v1beta/models").unwrap();
    assert_eq!(models.ask, Ask::Models(ModelsForm::Gemini));
    for (path, form) in [
        ("models/aws-bedrock/us.amazon.nova-pro-v1:0", ModelsForm::Spoken),
        ("v1/models/aws-bedrock%2Fus.amazon.nova-pro-v1:0", ModelsForm::Spoken),
        ("v1beta/models/aws-bedrock/us.amazon.nova-pro-v1:0", ModelsForm::Gemini),
    ] {
        let name = "aws-bedrock/us.amazon.nova-pro-v1:0".into();
        let door = Door::compat(path).unwrap();
        assert_eq!(door.ask, Ask::Model { name, form }, "{path}");
        assert!(door.takes(&http::Method::GET) && !door.takes(&http::Method::POST));
    }
    let models = Door::compat("v1/models").unwrap();
    assert_eq!(models.ask, Ask::Models(ModelsForm::Spoken));
}

#[test]
fn the_api_host_has_its_own_paths() {
    let rest = |path: &str| Door::rest(path).map(|door| door.ask);
    assert_eq!(rest("v1/v1/messages"), Some(Ask::Operation(Operation::Messages)));
    assert_eq!(rest("v1/chat/completions"), Some(Ask::Operation(Operation::Chat)));
    assert_eq!(rest("run"), Some(Ask::Run { preview: false }));
    assert_eq!(rest("run/@cf/meta/m"), Some(Ask::RunModel("@cf/meta/m".into())));
    assert_eq!(rest("models/search"), None);
    assert_eq!(Door::preview_run().family, Family::Rest);
}
