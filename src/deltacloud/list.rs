//! Lists without pages of their own. A list that fits one page of the database is one document with an `ETag`; a
//! longer one is sent as it is read, page by page, so that no list, however long, takes more memory than a page.

use std::{mem, time::Instant};

use actix_web::{HttpResponse, http::StatusCode, web::Bytes};
use futures_util::stream;
use maud::Markup;
use serde::Serialize;
use uuid::Uuid;

use super::{
    collections::Name,
    cx::{Cx, Links},
    error::Failure,
    html,
    negotiate::Format,
    reply,
    xml::Xml,
};
use crate::{
    domain::{Direction, ListQuery},
    service::{Call, ServiceError},
};

/// Rows that are read at a time, and the most that one request holds in memory.
const PAGE: u32 = 500;

/// Something that is in a list, in each format.
pub trait View {
    /// The collection, which is also the name of the list.
    const NAME: Name;
    /// `<storage_snapshot>…</storage_snapshot>`
    fn xml(&self, xml: &mut Xml, links: &Links);
    /// The same for JSON.
    fn json(&self, links: &Links) -> impl Serialize;
    /// `<li>…</li>`
    fn li(&self, links: &Links) -> Markup;
}

/// Where a list comes from.
pub trait Source: 'static {
    /// What is in it.
    type Item: View;
    /// At most [`PAGE`] rows behind the row `marker`.
    fn after(&self, marker: Option<Uuid>) -> impl Future<Output = Result<Vec<Self::Item>, ServiceError>>;
    /// What the next page starts behind.
    fn marker(item: &Self::Item) -> Uuid;
}

/// Answers with everything that the source has.
///
/// # Errors
/// [`Failure`] of the first page. When a later one fails, the answer has begun: it ends in the middle, which no
/// client takes for a whole.
pub async fn reply<S: Source>(cx: &Cx, source: S) -> Result<HttpResponse, Failure> {
    let started = Instant::now();
    let first = source.after(None).await?;
    let mut writer = Writer::new(cx, S::Item::NAME);
    writer.open();
    let next = next_marker::<S>(&first);
    for item in &first {
        writer.item(item);
    }
    let Some(marker) = next else {
        writer.close();
        return Ok(reply::timed(cx, started, writer.take()));
    };
    let mut builder = HttpResponse::build(StatusCode::OK);
    builder
        .content_type(cx.format.content_type())
        .insert_header(reply::REVALIDATE)
        .insert_header((reply::RUNTIME, reply::runtime(started)));
    if cx.is_head() {
        // Nobody would read it, and so nothing would hold it back.
        return Ok(builder.streaming(stream::empty::<Result<Bytes, ServiceError>>()));
    }
    if cx.is_http_1_0() {
        // It knows no chunks: the end of the connection is the end of the list.
        builder.force_close();
    }
    let state = State {
        source,
        writer,
        next: Some(marker),
        ended: false,
    };
    let mut reply = builder.streaming(stream::unfold(state, State::step));
    reply.head_mut().no_chunking(cx.is_http_1_0());
    Ok(reply)
}

/// The question for a page of the project's own, the latest first, as Cinder lists.
pub fn latest_first<K>(call: &Call, created_at: K, id: K, marker: Option<Uuid>) -> ListQuery<K> {
    ListQuery {
        scope: call.own_scope(),
        filters: Vec::new(),
        sort: vec![(created_at, Direction::Desc), (id, Direction::Desc)],
        marker,
        marker_scope: call.own_scope(),
        limit: PAGE,
        offset: 0,
        with_count: false,
    }
}

/// A full page may have a next one.
fn next_marker<S: Source>(page: &[S::Item]) -> Option<Uuid> {
    (page.len() >= PAGE as usize)
        .then(|| page.last().map(S::marker))
        .flatten()
}

/// A list that is being sent.
struct State<S> {
    source: S,
    writer: Writer,
    next: Option<Uuid>,
    ended: bool,
}

impl<S: Source> State<S> {
    async fn step(mut self) -> Option<(Result<Bytes, ServiceError>, Self)> {
        if self.ended {
            return None;
        }
        // What is written is sent before more is read.
        let written = self.writer.take();
        if !written.is_empty() {
            return Some((Ok(written.into()), self));
        }
        let Some(marker) = self.next.take() else {
            self.ended = true;
            self.writer.close();
            return Some((Ok(self.writer.take().into()), self));
        };
        match self.source.after(Some(marker)).await {
            Ok(page) => {
                self.next = next_marker::<S>(&page);
                for item in &page {
                    self.writer.item(item);
                }
                Some((Ok(self.writer.take().into()), self))
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a list ends in the middle");
                self.ended = true;
                Some((Err(error), self))
            }
        }
    }
}

/// Writes a list in one format.
struct Writer {
    name: Name,
    links: Links,
    body: Body,
}

enum Body {
    Xml(Xml),
    Json {
        text: Vec<u8>,
        is_first: bool,
    },
    Html {
        text: String,
        bottom: String,
        is_first: bool,
    },
}

impl Writer {
    fn new(cx: &Cx, name: Name) -> Self {
        let body = match cx.format {
            Format::Xml => Body::Xml(Xml::declared()),
            Format::Json => Body::Json {
                text: Vec::new(),
                is_first: true,
            },
            Format::Html => {
                let (top, bottom) = html::list(cx, name);
                Body::Html {
                    text: top,
                    bottom,
                    is_first: true,
                }
            }
        };
        Self {
            name,
            links: cx.links.clone(),
            body,
        }
    }

    fn open(&mut self) {
        match &mut self.body {
            Body::Xml(xml) => xml.open(self.name.as_str(), &[]),
            Body::Json { text, .. } => text.extend(format!("{{\"{}\":[", self.name.as_str()).as_bytes()),
            Body::Html { .. } => {}
        }
    }

    fn item<V: View>(&mut self, item: &V) {
        match &mut self.body {
            Body::Xml(xml) => item.xml(xml, &self.links),
            Body::Json { text, is_first } => {
                if !mem::take(is_first) {
                    text.push(b',');
                }
                // Only a map whose keys are no texts could fail, and a view has none.
                let _infallible = serde_json::to_writer(text, &item.json(&self.links));
            }
            Body::Html { text, is_first, .. } => {
                if mem::take(is_first) {
                    text.push_str(html::LIST_START);
                }
                text.push_str(&item.li(&self.links).0);
            }
        }
    }

    fn close(&mut self) {
        match &mut self.body {
            Body::Xml(xml) => xml.close_document(self.name.as_str()),
            Body::Json { text, .. } => text.extend(b"]}"),
            Body::Html { text, bottom, is_first } => {
                let end = if *is_first {
                    html::LIST_OF_NOTHING
                } else {
                    html::LIST_END
                };
                text.extend([end, bottom]);
            }
        }
    }

    fn take(&mut self) -> Vec<u8> {
        match &mut self.body {
            Body::Xml(xml) => xml.take(),
            Body::Json { text, .. } => mem::take(text),
            Body::Html { text, .. } => mem::take(text).into_bytes(),
        }
    }
}

/// A list that is in memory already.
pub fn whole<V: View>(cx: &Cx, items: &[V]) -> Vec<u8> {
    let mut writer = Writer::new(cx, V::NAME);
    writer.open();
    for item in items {
        writer.item(item);
    }
    writer.close();
    writer.take()
}

/// One item as a whole document.
pub fn item<V: View>(cx: &Cx, item: &V, wrapper: &'static str, page: impl FnOnce() -> String) -> Vec<u8> {
    match cx.format {
        Format::Xml => {
            let mut xml = Xml::declared();
            item.xml(&mut xml, &cx.links);
            xml.end()
        }
        Format::Json => {
            let document = std::collections::BTreeMap::from([(wrapper, item.json(&cx.links))]);
            serde_json::to_vec(&document).unwrap_or_default()
        }
        Format::Html => page().into_bytes(),
    }
}
