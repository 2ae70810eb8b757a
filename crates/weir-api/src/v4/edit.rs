//! Objects of an account whose fields callers may write as they are stored: their stored form is
//! JSON, so a body is laid over it field by field.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use weir_core::config::{Configuration, Resource};
use weir_core::{AccountId, Timestamp};

use super::gateways::later_than;
use crate::Api;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::path::Segments;
use crate::schema::{Presence, Schema};

/// Such an object.
pub(super) trait Edited: Resource + Clone {
    /// One of them, for people.
    const NAME: &'static str;
    /// Its segment of a path.
    const SEGMENT: &'static str;
    /// The most that an account may have.
    const MOST: usize;
    /// What a new one is made of.
    const INPUT: Schema;
    /// The same with nothing required.
    const CHANGE: Schema;

    /// Refuses what cannot be one of the account. `before` is what it takes the place of.
    fn check(&self, api: &Api, now: &Configuration, before: Option<&Self>) -> Result<(), ApiError>;

    /// Refuses to let one go that is needed.
    fn check_deletion(&self, _now: &Configuration) -> Result<(), ApiError> {
        Ok(())
    }

    /// When it was changed last.
    fn modified_at(&mut self) -> &mut Timestamp;
}

/// The object of that id.
pub(super) fn find<'a, T: Edited>(
    now: &'a Configuration,
    account: &AccountId,
    id: &str,
) -> Result<&'a Arc<T>, ApiError> {
    now.get(account, id).ok_or_else(|| ApiError::NotFound(format!("{} not found", T::NAME).into()))
}

/// The object of a path.
pub(super) fn of_path<'a, T: Edited>(
    caller: &'a Caller,
    segments: &Segments,
) -> Result<&'a Arc<T>, ApiError> {
    find(caller.configuration(), caller.account(), segments.get(T::SEGMENT)?)
}

/// Adds an object.
pub(super) async fn create<T: Edited>(
    api: &Api,
    caller: &Caller,
    object: T,
) -> Result<T, ApiError> {
    let change = caller.change(api, |now, changes| {
        if now.of::<T>(caller.account()).count() >= T::MOST {
            let message = format!("an account may have {} {}s", T::MOST, T::NAME);
            return Err(ApiError::input(&["body"], message));
        }
        object.check(api, now, None)?;
        changes.put(object.clone());
        Ok(object.clone())
    });
    change.await
}

/// Lays a body over the object of a path.
pub(super) async fn write<T: Edited>(
    api: &Api,
    caller: &Caller,
    segments: &Segments,
    body: &Map<String, Value>,
    left_out: LeftOut,
) -> Result<T, ApiError> {
    let id = segments.get(T::SEGMENT)?;
    let form = if left_out == LeftOut::Kept { &T::CHANGE } else { &T::INPUT };
    let change = caller.change(api, |now, changes| {
        let present = find::<T>(now, caller.account(), id)?;
        let mut object = edited(&**present, form, body, left_out)?;
        let changed = object.modified_at();
        *changed = later_than(*changed);
        object.check(api, now, Some(present))?;
        changes.put(object.clone());
        Ok(object)
    });
    change.await
}

/// Deletes the object of a path.
pub(super) async fn delete<T: Edited>(
    api: &Api,
    caller: &Caller,
    segments: &Segments,
) -> Result<Arc<T>, ApiError> {
    let id = segments.get(T::SEGMENT)?;
    let change = caller.change(api, |now, changes| {
        let object = find::<T>(now, caller.account(), id)?;
        object.check_deletion(now)?;
        changes.delete(&**object);
        Ok(Arc::clone(object))
    });
    change.await
}

/// What becomes of a field that a body leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// It keeps its value: `PATCH`.
    Kept,
    /// It gets its default: `POST`, `PUT`.
    Default,
}

/// `present` with the fields of `body` that `form` lets callers write. Null gives a field its
/// default.
pub(super) fn edited<T: Serialize + DeserializeOwned>(
    present: &T,
    form: &Schema,
    body: &Map<String, Value>,
    left_out: LeftOut,
) -> Result<T, ApiError> {
    let internal = |error: serde_json::Error| ApiError::Internal(error.into());
    let Schema::Object(fields) = form else {
        return Err(ApiError::Internal("the form is not that of an object".into()));
    };
    let mut edited = serde_json::to_value(present).map_err(internal)?;
    let Some(stored) = edited.as_object_mut() else {
        return Err(ApiError::Internal("the object is not stored as one".into()));
    };
    for field in fields.iter().filter(|field| field.presence != Presence::ReadOnly) {
        match body.get(field.name) {
            None if left_out == LeftOut::Kept => {}
            None | Some(Value::Null) => {
                stored.shift_remove(field.name);
            }
            Some(value) => {
                stored.insert(field.name.to_owned(), value.clone());
            }
        }
    }
    // The form lets nothing else through than what the type takes, but for a required field that a
    // change sets to null.
    serde_json::from_value(edited).map_err(|error| ApiError::input(&["body"], error.to_string()))
}
