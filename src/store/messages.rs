//! User messages.
//!
//! A message that somebody deletes is only marked, and one whose time is over stays while the thing it is
//! about is in an error: the reason of an error lives as long as the error (invariant I2). Lists and lookups
//! see no marked message.

use chrono::{DateTime, Utc};

use super::{
    Store, StoreError, Tx,
    engine::{Statement, statement},
    list,
    rows::{MessageRow, message_columns},
};
use crate::domain::{ListQuery, Message, MessageId, MessageKey, Page, Scope};

pub(super) const STATEMENTS: &[Statement] = &[SHOW, INSERT, DISMISS, EXPIRE];

statement!(
    SHOW = "SELECT ",
    message_columns!(),
    " FROM messages WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)
                   AND dismissed_at IS NULL"
);
statement!(
    INSERT = "INSERT INTO messages (id, project_id, request_id, resource_type, resource_uuid, event_id, message_level,
                  cause, created_at, expires_at)
              VALUES ($1, $2, $3, $4, $5, $6, 'ERROR', $7, $8, $9)"
);
statement!(DISMISS = "UPDATE messages SET dismissed_at = $2 WHERE id = $1 AND dismissed_at IS NULL");
statement!(
    EXPIRE = "DELETE FROM messages
               WHERE expires_at <= $1
                 AND NOT EXISTS (SELECT 1 FROM volumes v WHERE v.id = messages.resource_uuid AND v.status LIKE 'error%')
                 AND NOT EXISTS (SELECT 1 FROM snapshots s
                                  WHERE s.id = messages.resource_uuid AND s.status LIKE 'error%')
                 AND NOT EXISTS (SELECT 1 FROM volume_groups g
                                  WHERE g.id = messages.resource_uuid AND g.status LIKE 'error%')
                 AND NOT EXISTS (SELECT 1 FROM group_snapshots w
                                  WHERE w.id = messages.resource_uuid AND w.status LIKE 'error%')"
);

impl Store {
    /// The message, if the scope shows it.
    pub async fn message(&self, scope: &Scope, id: MessageId) -> Result<Option<Message>, StoreError> {
        let row = self
            .optional::<MessageRow>(SHOW.bind(id.uuid()).bind(scope.project()))
            .await?;
        row.map(MessageRow::into_message).transpose()
    }

    /// One page of messages; `None` when the marker is unknown.
    pub async fn message_list(&self, query: &ListQuery<MessageKey>) -> Result<Option<Page<Message>>, StoreError> {
        Ok(list::page(self, query, MessageRow::into_message).await?.found())
    }

    /// Takes a message out of sight. False when it is already.
    pub async fn message_dismiss(&self, id: MessageId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(self.execute(DISMISS.bind(id.uuid()).bind(now)).await? == 1)
    }

    /// Removes the messages whose time is over, but for the reasons of errors that last.
    pub async fn message_expire(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.execute(EXPIRE.bind(now)).await
    }
}

impl Tx {
    /// Adds a message.
    pub async fn message_insert(&mut self, new: &Message) -> Result<(), StoreError> {
        self.open
            .execute(
                INSERT
                    .bind(new.id.uuid())
                    .bind(new.project_id.as_str())
                    .bind(new.request_id.as_str())
                    .bind(new.resource.code())
                    .bind(new.resource_uuid)
                    .bind(new.event_id())
                    .bind(new.cause.as_str())
                    .bind(new.created_at)
                    .bind(new.expires_at),
            )
            .await?;
        Ok(())
    }
}
