use super::*;

fn check(method: &Method, path: &str, expected: &Result<Endpoint, NoRoute>) {
    let uri: Uri = path.parse().unwrap();
    assert_eq!(find(method, &uri, &HeaderMap::new()).1, *expected, "{path}");
}

fn posted(path: &str, expected: Endpoint) {
    check(&Method::POST, path, &Ok(expected));
}

#[test]
fn only_the_end_of_the_path_counts() {
    for prefix in ["", "/v1", "/openai/v1", "/custom-x/anything/v1"] {
        for (end, endpoint) in ENDINGS {
            posted(&format!("{prefix}{end}"), endpoint.clone());
            posted(&format!("{prefix}{end}/"), endpoint.clone());
        }
        let path = |tail: &str| format!("{prefix}{tail}");
        check(&Method::GET, &path("/models"), &Ok(Endpoint::ModelList));
        check(&Method::GET, &path("/models/gpt-4o"), &Ok(Endpoint::Model("gpt-4o".into())));
    }
}

#[test]
fn google_has_verbs_after_the_model() {
    let model = || "gemini-3-pro".to_owned();
    for prefix in
        ["/v1beta", "/google-ai-studio/v1", "/v1/projects/p/locations/l/publishers/google"]
    {
        let gemini = |rest: &str, verb| {
            let path = format!("{prefix}/models/gemini-3-pro:{rest}");
            posted(&path, Endpoint::Gemini { verb, model: model() });
        };
        gemini("generateContent?key=x", GeminiVerb::Generate);
        gemini("streamGenerateContent", GeminiVerb::Stream { sse: false });
        gemini("streamGenerateContent?key=x&alt=sse", GeminiVerb::Stream { sse: true });
        gemini("countTokens", GeminiVerb::Count);
        gemini("batchEmbedContents", GeminiVerb::BatchEmbed);
        posted(&format!("{prefix}/models/e:predict"), Endpoint::Predict("e".into()));
    }
    check(&Method::GET, "/v1beta/models", &Ok(Endpoint::GeminiModels));
    check(&Method::GET, "/v1beta/models/gemini-3-pro", &Ok(Endpoint::GeminiModel(model())));
    let claude = "/v1/projects/p/locations/l/publishers/anthropic/models/claude-x@1";
    let raw = |stream| Endpoint::RawPredict { model: "claude-x@1".into(), stream };
    posted(&format!("{claude}:rawPredict"), raw(false));
    posted(&format!("{claude}:streamRawPredict"), raw(true));
    let scripted = Endpoint::Gemini { verb: GeminiVerb::Generate, model: "g;status=503".into() };
    posted("/v1beta/models/g%3Bstatus%3D503:generateContent", scripted.clone());
    posted("/v1beta/models/g;status=503:generateContent", scripted);
}

#[test]
fn bedrock_and_workers_ai_have_the_model_in_the_path() {
    let id = "anthropic.claude-x-v1:0;fail=1";
    for written in [id, "anthropic.claude-x-v1%3A0%3Bfail%3D1"] {
        let bedrock = |rest: &str, verb| {
            let path = format!("/aws-bedrock/model/{written}/{rest}");
            posted(&path, Endpoint::Bedrock { verb, model: id.to_owned() });
        };
        bedrock("converse", BedrockVerb::Converse);
        bedrock("converse-stream", BedrockVerb::ConverseStream);
        bedrock("invoke", BedrockVerb::Invoke);
        bedrock("invoke-with-response-stream", BedrockVerb::InvokeStream);
    }
    let model = Endpoint::WorkersAi("@cf/meta/llama-3.1-8b-instruct".to_owned());
    posted("/client/v4/accounts/a/ai/run/@cf/meta/llama-3.1-8b-instruct", model.clone());
    posted("/workers-ai/run/%40cf/meta/llama-3.1-8b-instruct", model);
}

#[test]
fn the_rest_is_refused() {
    check(&Method::GET, "/", &Err(NoRoute::UnknownPath));
    check(&Method::POST, "/v1/nothing", &Err(NoRoute::UnknownPath));
    check(&Method::GET, "/v1/chat/completions", &Err(NoRoute::WrongMethod));
    check(&Method::POST, "/v1beta/models", &Err(NoRoute::WrongMethod));
}
