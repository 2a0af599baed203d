//! Which request a line of the log belongs to.
//!
//! Not by a `tracing` span around each request: a span writes its fields down when it begins, for lines that nearly
//! never come, and costs more than all else that is around a request. What is known of the request waits here
//! instead, and becomes a span at the moment at which a line is written.

use tracing::Span;

tokio::task_local! {
    static CURRENT: Trail;
}

/// What the lines of one request have in common.
#[derive(Clone, Debug)]
pub struct Trail {
    /// Its id.
    pub id: String,
    /// The id under which a chain of services works on one thing, if the client is part of one.
    pub global: Option<String>,
    /// Method and path, with a blank in between.
    pub asked: String,
}

/// Lets all lines that `work` writes belong to a request.
pub async fn leave<T>(trail: Trail, work: impl Future<Output = T>) -> T {
    CURRENT.scope(trail, work).await
}

/// The same for the request that this is called for, if it is: for work that is given to another task.
pub fn carried<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let trail = CURRENT.try_with(Trail::clone).ok();
    async {
        match trail {
            Some(trail) => leave(trail, work).await,
            None => work.await,
        }
    }
}

/// The id of the request that this is called for.
pub fn id() -> Option<String> {
    CURRENT.try_with(|trail| trail.id.clone()).ok()
}

/// What `look` makes of the id of the request that this is called for.
pub fn with_id<T>(look: impl FnOnce(&str) -> T) -> Option<T> {
    CURRENT.try_with(|trail| look(&trail.id)).ok()
}

/// What the lines of this request have in common, as a span; outside of requests there is none.
pub fn span() -> Option<Span> {
    let span = |trail: &Trail| {
        let (method, path) = trail.asked.split_once(' ').unwrap_or_default();
        // Of the highest level: it is for whatever line is to be written.
        tracing::error_span!(
            "request",
            request_id = %trail.id,
            global_request_id = trail.global,
            %method,
            path
        )
    };
    CURRENT.try_with(span).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail() -> Trail {
        Trail {
            id: "req-1".to_owned(),
            global: None,
            asked: "GET /".to_owned(),
        }
    }

    #[tokio::test]
    async fn what_a_request_asks_of_another_task_belongs_to_it() {
        let tasks = tokio_util::task::TaskTracker::new();
        let found = leave(trail(), async {
            let lost = tasks.spawn(async { id() });
            let kept = tasks.spawn(carried(async { id() }));
            (lost.await.unwrap(), kept.await.unwrap())
        });
        assert_eq!(found.await, (None, Some("req-1".to_owned())));
        assert_eq!((id(), carried(async { id() }).await), (None, None));
    }
}
