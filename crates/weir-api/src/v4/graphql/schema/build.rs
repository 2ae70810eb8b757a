//! Making the types.

use super::{Body, FieldDef, InputDef, ROOT, TypeDef, TypeRef};
use crate::v4::graphql::groups::{self, AVERAGES, DATASETS, Dataset, Kind, SUMS};

fn field(name: &str, kind: &str, about: &'static str) -> FieldDef {
    let (name, kind) = (name.to_owned(), TypeRef::of(kind));
    FieldDef { name, about, arguments: Vec::new(), kind }
}

fn input(name: impl Into<String>, kind: &str) -> InputDef {
    InputDef { name: name.into(), kind: TypeRef::of(kind) }
}

fn object(name: impl Into<String>, about: &'static str, fields: Vec<FieldDef>) -> TypeDef {
    TypeDef { name: name.into(), about, body: Body::Object(fields) }
}

const fn scalar_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Texts => "string",
        Kind::Number(1) => "uint8",
        Kind::Number(999) => "uint16",
        Kind::Number(_) => "uint64",
        Kind::Time => "Time",
        Kind::Date => "Date",
    }
}

/// Every type.
pub(super) fn types() -> Vec<TypeDef> {
    let scalars = [
        ("string", "A text"),
        ("uint8", "A number; 0 or 1 where it is a flag"),
        ("uint16", "A number"),
        ("uint64", "A number"),
        ("float64", "A number"),
        ("Time", "RFC 3339"),
        ("Date", "Year, month and day"),
        ("bool", "True or false"),
        ("String", "A text, of the schema itself"),
        ("Boolean", "True or false, of the schema itself"),
    ];
    let scalar = |(name, about): (&str, &'static str)| TypeDef {
        name: name.to_owned(),
        about,
        body: Body::Scalar,
    };
    let mut types: Vec<TypeDef> = scalars.into_iter().map(scalar).collect();
    types.push(object(ROOT, "Where queries begin", vec![field("viewer", "viewer!", "")]));
    let mut accounts = field("accounts", "[account!]!", "The caller's account");
    accounts.arguments =
        vec![input("filter", "AccountFilter_InputObject"), input("limit", "uint64")];
    types.push(object("viewer", "What the caller sees", vec![accounts]));
    types.push(TypeDef {
        name: "AccountFilter_InputObject".to_owned(),
        about: "Which accounts",
        body: Body::Input(vec![input("accountTag", "string"), input("accountTag_in", "[string!]")]),
    });
    let mut account = vec![field("accountTag", "string!", "Its id")];
    let mut settings = Vec::new();
    for dataset in DATASETS {
        let name = dataset.type_name;
        let mut groups = field(dataset.field, &format!("[{name}!]!"), dataset.about);
        groups.arguments = vec![
            input("limit", "uint64"),
            input("filter", &format!("{name}Filter_InputObject")),
            input("orderBy", &format!("[{name}OrderBy!]")),
        ];
        account.push(groups);
        settings.push(field(dataset.field, "Settings!", dataset.about));
        types.extend(of_dataset(dataset));
    }
    account.push(field("settings", "AccountSettings!", "What can be asked"));
    types.push(object("account", "An account", account));
    types.push(object("AccountSettings", "What can be asked of each dataset", settings));
    types.push(object(
        "Settings",
        "What can be asked of a dataset; null where there is no bound",
        vec![
            field("enabled", "bool!", ""),
            field("maxDuration", "uint64", "Seconds between the ends of a query's time"),
            field("maxNumberOfFields", "uint64", ""),
            field("maxPageSize", "uint64", "Largest limit"),
            field("notOlderThan", "uint64", "Seconds into the past"),
            field("availableFields", "[string!]!", ""),
        ],
    ));
    types.extend(about_types());
    types
}

fn of_dataset(dataset: &Dataset) -> Vec<TypeDef> {
    let name = dataset.type_name;
    let mut types = Vec::new();
    let mut group = vec![field("dimensions", &format!("{name}Dimensions"), "")];
    let dimension = |dimension: &'static groups::Dimension| {
        let scalar = scalar_of(dimension.kind);
        let list = dimension.kind == Kind::Texts;
        field(
            dimension.name,
            &if list { format!("[{scalar}!]!") } else { format!("{scalar}!") },
            "",
        )
    };
    let dimensions = dataset.dimensions().map(dimension).collect();
    types.push(object(format!("{name}Dimensions"), "What groups are told apart by", dimensions));
    if dataset.is_counted() {
        group.push(field("count", "uint64!", "Calls"));
    } else {
        group.push(field("max", &format!("{name}Max"), ""));
        let rows = vec![field("rows", "uint64!", "Log rows of the fullest gateway")];
        types.push(object(format!("{name}Max"), "Largest figures", rows));
    }
    if dataset.is_summed() {
        for (block, ending, figures) in [("sum", "Sum", SUMS), ("avg", "Avg", AVERAGES)] {
            let inner = format!("{name}{ending}");
            group.push(field(block, &inner, ""));
            let figure = |(name, scalar, _): &groups::Named| field(name, &format!("{scalar}!"), "");
            types.push(object(inner, "Figures of a group", figures.iter().map(figure).collect()));
        }
    }
    let filter = format!("{name}Filter_InputObject");
    let mut conditions: Vec<InputDef> = dataset
        .dimensions()
        .flat_map(|dimension| {
            let scalar = scalar_of(dimension.kind);
            groups::suffixes(dimension.kind).iter().map(move |suffix| {
                let list = ["_in", "_notin"].contains(suffix);
                let kind = if list { format!("[{scalar}!]") } else { scalar.to_owned() };
                input(format!("{}{suffix}", dimension.name), &kind)
            })
        })
        .collect();
    conditions.extend(["AND", "OR"].map(|name| input(name, &format!("[{filter}!]"))));
    types.push(TypeDef { name: filter, about: "Which calls", body: Body::Input(conditions) });
    let keys = groups::order_keys(dataset).into_iter();
    let words = keys.flat_map(|(key, ..)| [format!("{key}_ASC"), format!("{key}_DESC")]);
    types.push(TypeDef {
        name: format!("{name}OrderBy"),
        about: "What groups are sorted by",
        body: Body::Enum(words.collect()),
    });
    types.push(object(name, dataset.about, group));
    types
}

/// `__schema` and `__type`.
pub(super) fn meta_fields() -> Vec<FieldDef> {
    let mut kind = field("__type", "__Type", "");
    kind.arguments = vec![input("name", "String!")];
    vec![field("__schema", "__Schema!", ""), kind]
}

/// The types that tell about types.
fn about_types() -> Vec<TypeDef> {
    let deprecated = |mut field: FieldDef| {
        field.arguments = vec![input("includeDeprecated", "Boolean")];
        field
    };
    let named = |more: Vec<FieldDef>| {
        let mut fields = vec![field("name", "String!", ""), field("description", "String", "")];
        fields.extend(more);
        fields
    };
    let dated =
        || vec![field("isDeprecated", "Boolean!", ""), field("deprecationReason", "String", "")];
    let words = |words: &[&str]| Body::Enum(words.iter().map(|word| (*word).to_owned()).collect());
    let mut of_field =
        vec![deprecated(field("args", "[__InputValue!]!", "")), field("type", "__Type!", "")];
    of_field.extend(dated());
    let mut of_input = vec![field("type", "__Type!", ""), field("defaultValue", "String", "")];
    of_input.extend(dated());
    vec![
        object(
            "__Schema",
            "The schema",
            vec![
                field("description", "String", ""),
                field("types", "[__Type!]!", ""),
                field("queryType", "__Type!", ""),
                field("mutationType", "__Type", ""),
                field("subscriptionType", "__Type", ""),
                field("directives", "[__Directive!]!", ""),
            ],
        ),
        object(
            "__Type",
            "A type",
            vec![
                field("kind", "__TypeKind!", ""),
                field("name", "String", ""),
                field("description", "String", ""),
                field("specifiedByURL", "String", ""),
                field("isOneOf", "Boolean", ""),
                deprecated(field("fields", "[__Field!]", "")),
                field("interfaces", "[__Type!]", ""),
                field("possibleTypes", "[__Type!]", ""),
                deprecated(field("enumValues", "[__EnumValue!]", "")),
                deprecated(field("inputFields", "[__InputValue!]", "")),
                field("ofType", "__Type", ""),
            ],
        ),
        object("__Field", "A field to ask for", named(of_field)),
        object("__InputValue", "A field to send", named(of_input)),
        object("__EnumValue", "A word", named(dated())),
        object(
            "__Directive",
            "A directive",
            named(vec![
                field("isRepeatable", "Boolean!", ""),
                field("locations", "[__DirectiveLocation!]!", ""),
                deprecated(field("args", "[__InputValue!]!", "")),
            ]),
        ),
        TypeDef {
            name: "__TypeKind".to_owned(),
            about: "What a type is",
            body: words(&[
                "SCALAR",
                "OBJECT",
                "INTERFACE",
                "UNION",
                "ENUM",
                "INPUT_OBJECT",
                "LIST",
                "NON_NULL",
            ]),
        },
        TypeDef {
            name: "__DirectiveLocation".to_owned(),
            about: "Where a directive can stand",
            body: words(&["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"]),
        },
    ]
}
