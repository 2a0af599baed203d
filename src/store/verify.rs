//! The complete list of fixed statements, and whether the schema fits them.

use super::{
    Store, StoreError, application_credentials, attachments, audit, audit_groups, backends, dependents,
    group_snapshots, group_types, groups, messages, quotas, revocations, services, signing_key, snapshots,
    stored_objects, tasks, tombstones, type_access, type_encryption, types, volumes,
};

impl Store {
    /// Prepares every fixed statement, so that a schema that does not fit the program is found at
    /// start-up and not by a request.
    ///
    /// # Errors
    /// [`StoreError::Schema`] naming the statement.
    pub async fn verify(&self) -> Result<(), StoreError> {
        for statement in [
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
        {
            let prepared = self.engine.prepare(statement, self.patience).await;
            prepared.map_err(|error| {
                StoreError::Schema(format!("the schema does not fit statement {}: {error}", statement.name))
            })?;
        }
        Ok(())
    }
}
