//! The model's name in a body.

use weir_core::{Error, Kind};
use weir_llm::fault::Fault;
use weir_llm::json::Object;
use weir_llm::multipart::Form;
use weir_llm::operation::Operation;

use super::Asked;

/// The unified name of the model that a body is for.
pub(super) fn model(operation: Operation, asked: &Asked<'_>) -> Result<String, Error> {
    let unusable = |fault: Fault| Error::new(Kind::BadRequest, fault.message().to_owned());
    if operation.is_multipart() {
        let form = Form::read(asked.content_type.unwrap_or_default(), asked.body);
        return form.map(|form| form.model().to_owned()).map_err(unusable);
    }
    let object = Object::read(asked.body).map_err(unusable)?;
    let model = object.get::<String>("model").map_err(unusable)?;
    model.filter(|model| !model.is_empty()).ok_or_else(|| {
        Error::new(Kind::BadRequest, "The body names no model")
            .with_hint("add \"model\": \"{provider}/{model}\", e.g. \"openai/gpt-4o-mini\"")
    })
}
