//! Which projects may use a private volume type.

use super::{
    Store, StoreError, Tx,
    engine::{Statement, statement},
};
use crate::domain::{ProjectId, VolumeTypeId};

pub(super) const STATEMENTS: &[Statement] = &[LIST, ADD, REMOVE];

statement!(LIST = "SELECT project_id FROM volume_type_projects WHERE volume_type_id = $1 ORDER BY project_id");
statement!(
    ADD = "INSERT INTO volume_type_projects (volume_type_id, project_id) VALUES ($1, $2)
           ON CONFLICT (volume_type_id, project_id) DO NOTHING"
);
statement!(REMOVE = "DELETE FROM volume_type_projects WHERE volume_type_id = $1 AND project_id = $2");

impl Store {
    /// The projects that were given access.
    pub async fn volume_type_projects(&self, id: VolumeTypeId) -> Result<Vec<ProjectId>, StoreError> {
        let rows: Vec<String> = self.all(LIST.bind(id.uuid())).await?;
        Ok(rows.into_iter().map(ProjectId::new).collect())
    }
}

impl Tx {
    /// Gives a project access. False when it has it already.
    pub async fn volume_type_grant(&mut self, id: VolumeTypeId, project: &ProjectId) -> Result<bool, StoreError> {
        let rows = self.open.execute(ADD.bind(id.uuid()).bind(project.as_str())).await?;
        Ok(rows == 1)
    }

    /// Takes a project's access away. False when it has none.
    pub async fn volume_type_revoke(&mut self, id: VolumeTypeId, project: &ProjectId) -> Result<bool, StoreError> {
        let rows = self.open.execute(REMOVE.bind(id.uuid()).bind(project.as_str())).await?;
        Ok(rows == 1)
    }
}
