//! Models, authors and tasks, as declared.

use crate::schema::{Field, Schema};

const TEXTS: Schema = Schema::list(&Schema::TEXT);
const TEXT_OR_NULL: Schema = Schema::Nullable(&Schema::TEXT);

/// A task.
pub(super) const TASK: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, ""),
    Field::required("name", Schema::TEXT, ""),
    Field::required("description", Schema::TEXT, ""),
]);

/// Who stands behind a model.
pub(super) const AUTHOR: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, "What the catalogue's `author` parameter takes."),
    Field::required("name", Schema::TEXT, ""),
]);

/// A model.
pub(super) const MODEL: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, "Same as the name."),
    Field::required("name", Schema::TEXT, "What a call names as its model."),
    Field::required("description", Schema::TEXT, ""),
    Field::required("source", Schema::NUMBER, "1: Workers AI, 2: other providers."),
    Field::required("task", TASK, ""),
    Field::required("tags", TEXTS, ""),
    Field::required(
        "properties",
        Schema::list(&Schema::Object(&[
            Field::required("property_id", Schema::TEXT, ""),
            Field::required("value", Schema::Any, ""),
        ])),
        "Price, end of its life, and whether it is a preview.",
    ),
]);

/// A model with `format=openrouter`.
pub(super) const OPENROUTER: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, ""),
    Field::required("name", Schema::TEXT, ""),
    Field::required("description", Schema::TEXT, ""),
    Field::required("input_modalities", TEXTS, ""),
    Field::required("output_modalities", TEXTS, ""),
    Field::required(
        "pricing",
        Schema::Object(&[
            Field::required("prompt", TEXT_OR_NULL, "US dollars for a token; null when unknown."),
            Field::required("completion", TEXT_OR_NULL, ""),
            Field::required("input_cache_read", TEXT_OR_NULL, ""),
        ]),
        "",
    ),
]);
