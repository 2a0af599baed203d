//! The complete list of fixed statements, and whether the schema fits them.

use super::{
    Store, StoreError, application_credentials, attachments, audit, audit_groups, backends, dependents,
    engine::{Dialect, Statement},
    group_snapshots, group_types, groups, messages, quotas, revocations, services, signing_key, snapshots,
    stored_objects, tasks, tombstones, type_access, type_encryption, types, volumes,
};

/// Every fixed statement.
fn statements() -> Vec<Statement> {
    [
        snapshots::STATEMENTS,
        volumes::STATEMENTS,
        dependents::STATEMENTS,
        attachments::STATEMENTS,
        tasks::STATEMENTS,
        messages::STATEMENTS,
        quotas::STATEMENTS,
        types::STATEMENTS,
        type_access::STATEMENTS,
        type_encryption::STATEMENTS,
        tombstones::STATEMENTS,
        backends::STATEMENTS,
        services::STATEMENTS,
        audit::STATEMENTS,
        audit_groups::STATEMENTS,
        stored_objects::STATEMENTS,
        signing_key::STATEMENTS,
        revocations::STATEMENTS,
        application_credentials::STATEMENTS,
        group_types::STATEMENTS,
        groups::STATEMENTS,
        group_snapshots::STATEMENTS,
    ]
    .concat()
}

impl Store {
    /// Prepares every fixed statement, so that a schema that does not fit the program is found at
    /// start-up and not by a request.
    ///
    /// # Errors
    /// [`StoreError::Schema`] naming the statement.
    pub async fn verify(&self) -> Result<(), StoreError> {
        for statement in statements() {
            let prepared = self.engine.prepare(statement, self.patience).await;
            prepared.map_err(|error| {
                StoreError::Schema(format!("the schema does not fit statement {}: {error}", statement.name))
            })?;
        }
        Ok(())
    }

    /// The name of every fixed statement and its text for this database, for operators and tests who ask the database
    /// how it would go about it.
    pub fn statements(&self) -> Vec<(&'static str, &'static str)> {
        let dialect = self.engine.dialect();
        let text = |statement: Statement| match dialect {
            Dialect::Sqlite => (statement.name, statement.sqlite),
            Dialect::Postgres => (statement.name, statement.postgres),
        };
        statements().into_iter().map(text).collect()
    }
}
