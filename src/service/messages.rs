//! User messages.

use chrono::TimeDelta;
use uuid::Uuid;

use super::{Call, Service, ServiceError};
use crate::{
    auth::policy::Action,
    domain::{
        ListQuery, Message, MessageAction, MessageDetail, MessageId, MessageKey, MessageResource, Page, ProjectId,
    },
};

impl Service {
    /// A message that belongs to the owner of what it is about.
    pub(super) fn message_about(
        &self,
        call: &Call,
        owner: &ProjectId,
        (resource, resource_uuid): (MessageResource, Uuid),
        (action, detail): (MessageAction, MessageDetail),
        cause: &str,
    ) -> Message {
        let now = self.clock.now();
        Message {
            id: MessageId::new(self.ids.next()),
            project_id: owner.clone(),
            request_id: call.request_id.clone(),
            resource,
            resource_uuid,
            action,
            detail,
            cause: cause.to_owned(),
            created_at: now,
            expires_at: now + TimeDelta::seconds(i64::from(self.installation.message_ttl)),
        }
    }

    /// One message.
    ///
    /// # Errors
    /// [`ServiceError::MessageNotFound`] also for other projects' messages.
    pub async fn message_show(&self, call: &Call, id: &str) -> Result<Message, ServiceError> {
        let message = match id.parse::<MessageId>() {
            Ok(id) => self.store.message(&call.scope(), id).await?,
            Err(_not_an_id) => None,
        };
        let message = message.ok_or_else(|| ServiceError::MessageNotFound(id.to_owned()))?;
        call.authorize(Action::MessageShow, &message.project_id)?;
        Ok(message)
    }

    /// One page of messages.
    ///
    /// # Errors
    /// [`ServiceError::MessageNotFound`] when the marker is unknown, [`ServiceError::Forbidden`].
    pub async fn message_list(
        &self,
        call: &Call,
        query: &ListQuery<MessageKey>,
    ) -> Result<Page<Message>, ServiceError> {
        call.authorize_own(Action::MessageList)?;
        let page = self.store.message_list(query).await?;
        page.ok_or_else(|| {
            let marker = query
                .marker
                .map(|id| id.as_hyphenated().to_string())
                .unwrap_or_default();
            ServiceError::MessageNotFound(marker)
        })
    }

    /// Removes a message.
    ///
    /// # Errors
    /// [`ServiceError::MessageNotFound`], [`ServiceError::Forbidden`].
    pub async fn message_delete(&self, call: &Call, id: &str) -> Result<(), ServiceError> {
        let message = self.message_show(call, id).await?;
        call.authorize(Action::MessageDelete, &message.project_id)?;
        if self.store.message_dismiss(message.id, self.clock.now()).await? {
            Ok(())
        } else {
            Err(ServiceError::MessageNotFound(id.to_owned()))
        }
    }
}
