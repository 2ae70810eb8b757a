//! What the text of a stored key means for its provider (spec: providers 2, 3).

#[cfg(test)]
mod tests;

use weir_core::Secret;

use super::CredentialFault;
use super::aws_sigv4::AwsCredential;
use super::google_jwt::{ServiceAccount, TokenUri};
use super::members::Members;

/// A credential, ready to be put on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderCredential {
    /// Goes into a header as it is; at Bedrock a bearer key.
    Key(Secret<String>),
    /// Signs requests to AWS.
    Aws {
        /// The pair of keys.
        credential: AwsCredential,
        /// Where requests without a region of their own go.
        region: String,
    },
    /// Is exchanged for a token at Google.
    GoogleServiceAccount(Box<ServiceAccount>),
}

/// Reads a stored key of `provider`. Providers with one kind of key take the text as it is, without
/// white space around it.
///
/// # Errors
/// Names what is missing or wrong, without quoting the text.
pub fn read(
    provider: &str,
    text: &Secret<String>,
    token_uri: TokenUri,
) -> Result<ProviderCredential, CredentialFault> {
    let clear = text.expose().trim();
    let is_json = clear.starts_with('{');
    match provider {
        "aws-bedrock" if is_json => aws(clear),
        "google-vertex-ai" => {
            let account = ServiceAccount::detect(clear, token_uri)?;
            Ok(account.map_or_else(|| key(clear), as_account))
        }
        "azure-openai" if is_json => {
            let members = Members::read("the stored key", clear.as_bytes())?;
            let named = ["key", "apiKey"].iter().find_map(|name| members.optional(name));
            let missing = CredentialFault::Missing { what: "the stored key", key: "key" };
            named.map(key).ok_or(missing)
        }
        _ => Ok(key(clear)),
    }
}

fn key(text: &str) -> ProviderCredential {
    ProviderCredential::Key(Secret::new(text.to_owned()))
}

fn as_account(account: ServiceAccount) -> ProviderCredential {
    ProviderCredential::GoogleServiceAccount(Box::new(account))
}

fn aws(text: &str) -> Result<ProviderCredential, CredentialFault> {
    let what = "the AWS credential";
    let members = Members::read(what, text.as_bytes())?;
    let credential = AwsCredential {
        access_key_id: members.required("accessKeyId")?.to_owned(),
        secret_access_key: Secret::new(members.required("secretAccessKey")?.to_owned()),
        session_token: members.optional("sessionToken").map(|it| Secret::new(it.to_owned())),
    };
    let region = members.region()?;
    let region = region.ok_or(CredentialFault::Missing { what, key: "region" })?.to_owned();
    Ok(ProviderCredential::Aws { credential, region })
}
