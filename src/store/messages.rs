//! User messages.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as};

use super::{
    Store, StoreError, Tx,
    dialect::{Statement, execute, execute_one, read, statement},
    list::{self, Marker},
    rows::MessageRow,
};
use crate::domain::{ListQuery, Message, MessageId, MessageKey, Page, Scope};

pub(super) const STATEMENTS: &[Statement] = &[SHOW, INSERT, DELETE, EXPIRE];

statement!(SHOW = "SELECT * FROM messages WHERE id = $1 AND (project_id = $2 OR $2 IS NULL)");
statement!(
    INSERT = "INSERT INTO messages (id, project_id, request_id, resource_type, resource_uuid, event_id, message_level,
                  cause, created_at, expires_at)
              VALUES ($1, $2, $3, $4, $5, $6, 'ERROR', $7, $8, $9)"
);
statement!(DELETE = "DELETE FROM messages WHERE id = $1");
statement!(EXPIRE = "DELETE FROM messages WHERE expires_at <= $1");

impl Store {
    /// The message, if the scope shows it.
    pub async fn message(&self, scope: &Scope, id: MessageId) -> Result<Option<Message>, StoreError> {
        let row = read!(self, SHOW, |c, sql| query_as::<_, MessageRow>(sql)
            .bind(id.uuid())
            .bind(scope.project())
            .fetch_optional(c))?;
        row.map(MessageRow::into_message).transpose()
    }

    /// One page of messages; `None` when the marker is unknown.
    pub async fn message_list(&self, query: &ListQuery<MessageKey>) -> Result<Option<Page<Message>>, StoreError> {
        let Marker::Found(page) = list::page::<_, MessageRow>(self, query).await? else {
            return Ok(None);
        };
        let items = page
            .items
            .into_iter()
            .map(MessageRow::into_message)
            .collect::<Result<_, _>>()?;
        Ok(Some(Page {
            items,
            total: page.total,
        }))
    }

    /// Removes a message. False when it is already gone.
    pub async fn message_delete(&self, id: MessageId) -> Result<bool, StoreError> {
        Ok(execute_one!(self, DELETE, |sql| query(sql).bind(id.uuid()))? == 1)
    }

    /// Removes the messages whose time is over.
    pub async fn message_expire(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(execute_one!(self, EXPIRE, |sql| query(sql).bind(now))?)
    }
}

impl Tx {
    /// Adds a message.
    pub async fn message_insert(&mut self, new: &Message) -> Result<(), StoreError> {
        execute!(self, INSERT, |sql| query(sql)
            .bind(new.id.uuid())
            .bind(new.project_id.as_str())
            .bind(new.request_id.as_str())
            .bind(new.resource.code())
            .bind(new.resource_uuid)
            .bind(new.event_id())
            .bind(new.cause.as_str())
            .bind(new.created_at)
            .bind(new.expires_at))?;
        Ok(())
    }
}
