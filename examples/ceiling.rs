//! How fast actix-web alone can say what breezeblock says: what `make bench` compares with.
//!
//! ```text
//! ceiling 127.0.0.1:8777 FOLDER
//! ```
//!
//! `/NAME/…` answers every request with the reply in `FOLDER/NAME.http`, which the benchmark has recorded from the real
//! server: status, headers and body, as they came over the wire. `POST /create` does what accepting a snapshot takes
//! without a database: it reads the body and writes a reply of its own, below the recorded status and headers.

use std::{
    collections::HashMap,
    env, fs,
    io::{Error, ErrorKind, Result},
    path::Path,
};

use actix_web::{
    App, HttpResponse, HttpServer,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    web::{self, Bytes, Data},
};
use breezeblock::clock::{Clock as _, Ids as _, RandomIds, SystemClock};
use serde::{Deserialize, Serialize};

/// The name whose reply is made and not repeated.
const CREATE: &str = "create";

/// A reply as it was recorded.
#[derive(Debug)]
struct Recorded {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

type Replies = HashMap<String, Recorded>;

#[derive(Debug, Deserialize)]
struct Request {
    snapshot: Wanted,
}

#[derive(Debug, Deserialize)]
struct Wanted {
    volume_id: String,
    name: Option<String>,
    description: Option<String>,
    #[serde(default)]
    metadata: HashMap<String, String>,
}

#[derive(Debug, Serialize)]
struct Reply {
    snapshot: Accepted,
}

/// The fields that Cinder answers with, in its order.
#[derive(Debug, Serialize)]
struct Accepted {
    id: String,
    created_at: String,
    updated_at: Option<String>,
    name: Option<String>,
    description: Option<String>,
    volume_id: String,
    status: &'static str,
    size: u32,
    metadata: HashMap<String, String>,
    group_snapshot_id: Option<String>,
    user_id: &'static str,
    consumes_quota: bool,
}

#[actix_web::main]
async fn main() -> Result<()> {
    let [address, folder] = env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_other| wrong("usage: ceiling ADDRESS FOLDER"))?;
    let replies = Data::new(recorded(Path::new(&folder))?);
    HttpServer::new(move || {
        App::new()
            .app_data(replies.clone())
            .route("/create", web::post().to(create))
            .route("/{name}/{rest:.*}", web::to(repeat))
    })
    .bind(address)?
    .run()
    .await
}

async fn repeat(path: web::Path<(String, String)>, replies: Data<Replies>) -> HttpResponse {
    replies.get(&path.0).map_or_else(
        || HttpResponse::NotFound().finish(),
        |recorded| recorded.with(recorded.body.clone()),
    )
}

async fn create(body: Bytes, replies: Data<Replies>) -> HttpResponse {
    let Ok(Request { snapshot }) = serde_json::from_slice(&body) else {
        return HttpResponse::BadRequest().finish();
    };
    let reply = Reply {
        snapshot: Accepted {
            id: RandomIds.next().to_string(),
            created_at: SystemClock.now().format("%Y-%m-%dT%H:%M:%S%.6f").to_string(),
            updated_at: None,
            name: snapshot.name,
            description: snapshot.description,
            volume_id: snapshot.volume_id,
            status: "creating",
            size: 1,
            metadata: snapshot.metadata,
            group_snapshot_id: None,
            user_id: "admin",
            consumes_quota: true,
        },
    };
    match (serde_json::to_vec(&reply), replies.get(CREATE)) {
        (Ok(body), Some(recorded)) => recorded.with(body.into()),
        _nothing_recorded => HttpResponse::InternalServerError().finish(),
    }
}

impl Recorded {
    fn with(&self, body: Bytes) -> HttpResponse {
        let mut reply = HttpResponse::build(self.status);
        for (name, value) in &self.headers {
            reply.insert_header((name, value));
        }
        reply.body(body)
    }
}

fn recorded(folder: &Path) -> Result<Replies> {
    let mut replies = Replies::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let Some(name) = path.file_stem().and_then(|name| name.to_str()) {
            replies.insert(name.to_owned(), parse(&fs::read(&path)?)?);
        }
    }
    Ok(replies)
}

/// A reply with a status line, headers, an empty line and a body. What the server writes by itself is left out.
fn parse(reply: &[u8]) -> Result<Recorded> {
    let end = reply
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or_else(|| wrong("a reply without an end of its headers"))?;
    let head = std::str::from_utf8(&reply[..end]).map_err(|_not_text| wrong("headers that are no text"))?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let status = status.and_then(|code| StatusCode::from_bytes(code.as_bytes()).ok());
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _value)| !["content-length", "date", "connection"].contains(&name.to_lowercase().as_str()))
        .map(|(name, value)| Ok((name.parse().map_err(wrong)?, value.parse().map_err(wrong)?)));
    Ok(Recorded {
        status: status.ok_or_else(|| wrong("a reply without a status"))?,
        headers: headers.collect::<Result<_>>()?,
        body: Bytes::copy_from_slice(&reply[end + 4..]),
    })
}

fn wrong(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::InvalidInput, reason)
}
