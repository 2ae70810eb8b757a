//! Ids of calls. This dialect often does without them; the others need one for each.

/// The calls of a conversation that have no result yet.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// Name and id, in order.
    open: Vec<(String, String)>,
    made: u32,
}

impl Calls {
    /// The id of a new call: its own, or one made up.
    pub(super) fn call(&mut self, given: Option<String>, name: &str) -> String {
        let id = given.filter(|id| !id.is_empty()).unwrap_or_else(|| {
            self.made += 1;
            format!("call_{}", self.made - 1)
        });
        self.open.push((name.to_owned(), id.clone()));
        id
    }

    /// The call that a result answers: the one with its id, or else the oldest of its name. Clients
    /// give ids to results whose calls came without.
    pub(super) fn answered(&mut self, id: Option<&str>, name: &str) -> Option<String> {
        let by_id = id.and_then(|id| self.open.iter().position(|(_, open)| open == id));
        let at = by_id.or_else(|| self.open.iter().position(|(open, _)| open == name))?;
        Some(self.open.remove(at).1)
    }
}
