//! As much of PostgreSQL's protocol as it takes to know which statement a client sends and where an answer ends.

use std::collections::HashMap;

/// Cuts a stream of bytes into messages.
#[derive(Debug)]
pub struct Messages {
    /// The client's first message has no type.
    startup: bool,
    bytes: Vec<u8>,
}

/// One message: its type, 0 for the client's first, and what is behind its length.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
    pub kind: u8,
    pub body: Vec<u8>,
}

impl Message {
    /// Whether it is the last of a client's request, to which there is one answer: its first of all, a simple query, or
    /// the end of what was sent in parts.
    pub fn ends_a_request(&self) -> bool {
        matches!(self.kind, 0 | b'Q' | b'S')
    }

    /// Whether it is the server's word that a statement is complete, and not without effect: `UPDATE 0`.
    pub fn has_changed_something(&self) -> bool {
        self.kind == b'C' && !self.body.ends_with(b" 0\0")
    }
}

impl Messages {
    pub const fn of_client() -> Self {
        Self {
            startup: true,
            bytes: Vec::new(),
        }
    }

    pub const fn of_server() -> Self {
        Self {
            startup: false,
            bytes: Vec::new(),
        }
    }

    /// The messages that are complete with these bytes.
    pub fn read(&mut self, bytes: &[u8]) -> Vec<Message> {
        self.bytes.extend_from_slice(bytes);
        let mut messages = Vec::new();
        loop {
            let head = usize::from(!self.startup);
            let Some(len) = self.bytes.get(head..head + 4) else {
                return messages;
            };
            let end = head + usize::try_from(u32::from_be_bytes(len.try_into().unwrap())).unwrap();
            if self.bytes.len() < end {
                return messages;
            }
            let rest = self.bytes.split_off(end);
            let message = std::mem::replace(&mut self.bytes, rest);
            messages.push(Message {
                kind: if self.startup { 0 } else { message[0] },
                body: message[head + 4..].to_vec(),
            });
            self.startup = false;
        }
    }
}

/// Remembers which text a client's prepared statements have.
#[derive(Debug, Default)]
pub struct Statements {
    prepared: HashMap<Vec<u8>, String>,
}

impl Statements {
    /// The text of the statement that the message makes the server run.
    pub fn run_by(&mut self, message: &Message) -> Option<String> {
        let mut parts = message.body.split(|byte| *byte == 0);
        match message.kind {
            b'Q' => Some(text(parts.next()?)),
            b'P' => {
                let (name, sql) = (parts.next()?, parts.next()?);
                self.prepared.insert(name.to_vec(), text(sql));
                None
            }
            b'B' => {
                let (_portal, name) = (parts.next()?, parts.next()?);
                self.prepared.get(name).cloned()
            }
            _ => None,
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn messages_and_statements_are_found() {
    let message = |kind: &[u8], body: &[u8]| {
        let len = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [kind, &len, body].concat()
    };
    let stream = [
        message(b"", b"\0\x03\0\0user\0me\0\0"),
        message(b"P", b"s1\0DELETE FROM t\0\0\0"),
        message(b"B", b"\0s1\0\0\0"),
        message(b"Q", b"COMMIT\0"),
    ]
    .concat();
    let (mut messages, mut statements) = (Messages::of_client(), Statements::default());
    // However the stream is cut.
    let found: Vec<_> = stream
        .chunks(3)
        .flat_map(|piece| messages.read(piece))
        .map(|message| statements.run_by(&message))
        .collect();
    let sql = |text: &str| Some(text.to_owned());
    assert_eq!(found, [None, None, sql("DELETE FROM t"), sql("COMMIT")]);
}

#[test]
fn what_changed_nothing_is_told_from_what_did() {
    let complete = |tag: &[u8]| Message {
        kind: b'C',
        body: tag.to_vec(),
    };
    for (tag, changed) in [("UPDATE 0\0", false), ("UPDATE 10\0", true), ("COMMIT\0", true)] {
        assert_eq!(complete(tag.as_bytes()).has_changed_something(), changed, "{tag}");
    }
    let ready = Message {
        kind: b'Z',
        body: b"I".to_vec(),
    };
    assert!(!ready.has_changed_something());
}
