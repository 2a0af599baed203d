//! XML as Deltacloud's templates write it: single quotes, two blanks for each level, elements without content as a
//! start and an end. Everything is escaped here and nowhere else.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
    io, mem,
};

use quick_xml::{
    Writer,
    escape::escape,
    events::{BytesCData, BytesEnd, BytesStart, BytesText, Event},
};

const DECLARATION: &str = "<?xml version='1.0' encoding='utf-8' ?>\n";

/// Name and value.
pub type Attribute<'a> = (&'static str, &'a str);

/// A document that is being written.
pub struct Xml(Writer<Vec<u8>>);

// Not derived: the writer has none, and the document is long.
impl fmt::Debug for Xml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Xml").finish_non_exhaustive()
    }
}

impl Xml {
    /// One with the declaration.
    pub fn declared() -> Self {
        Self(Writer::new_with_indent(DECLARATION.as_bytes().to_vec(), b' ', 2))
    }

    /// One without.
    pub fn bare() -> Self {
        Self(Writer::new_with_indent(Vec::new(), b' ', 2))
    }

    /// `<name …>`
    pub fn open(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        let content = content(name, attributes);
        self.event(Event::Start(BytesStart::from_content(content, name.len())));
    }

    /// `</name>`
    pub fn close(&mut self, name: &'static str) {
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// `</name>` of the outermost element, with the end of its line.
    pub fn close_document(&mut self, name: &'static str) {
        self.close(name);
        self.0.get_mut().push(b'\n');
    }

    /// `<name …/>`, which Deltacloud writes where clients expect nothing inside.
    pub fn empty(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        let content = content(name, attributes) + " ";
        self.event(Event::Empty(BytesStart::from_content(content, name.len())));
    }

    /// `<name …>text</name>`
    pub fn element(&mut self, name: &'static str, attributes: &[Attribute<'_>], text: &str) {
        self.open(name, attributes);
        self.event(Event::Text(BytesText::from_escaped(escaped(text))));
        self.close(name);
    }

    /// `<name …><![CDATA[text]]></name>`
    pub fn cdata(&mut self, name: &'static str, attributes: &[Attribute<'_>], text: &str) {
        self.open(name, attributes);
        for part in BytesCData::escaped(&legal(text)) {
            self.event(Event::CData(part));
        }
        self.close(name);
    }

    /// What was written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        mem::take(self.0.get_mut())
    }

    /// The rest, with the end of the last line.
    pub fn end(mut self) -> Vec<u8> {
        let mut rest = self.take();
        rest.push(b'\n');
        rest
    }

    fn event(&mut self, event: Event<'_>) {
        // Memory takes everything.
        let _infallible: io::Result<()> = self.0.write_event(event);
    }
}

/// What stands inside a tag.
fn content(name: &'static str, attributes: &[Attribute<'_>]) -> String {
    let mut content = name.to_owned();
    for (key, value) in attributes {
        // A parser makes blanks of line ends inside attributes, if they are not written as numbers.
        let value = escaped(value).replace('\n', "&#10;").replace('\t', "&#9;");
        let _infallible = write!(content, " {key}='{value}'");
    }
    content
}

fn escaped(text: &str) -> String {
    escape(legal(text)).replace('\r', "&#13;")
}

/// The text without what XML cannot say in any way: control characters, which names made elsewhere may have.
fn legal(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_legal) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_legal(c) { c } else { '\u{fffd}' }).collect())
}

/// XML 1.0, production 2.
pub const fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(xml: Xml) -> String {
        String::from_utf8(xml.end()).unwrap()
    }

    #[test]
    fn laid_out_as_templates_do() {
        let mut xml = Xml::declared();
        xml.open("list", &[]);
        xml.open("item", &[("href", "http://h/a?b=1&c=2"), ("id", "x")]);
        xml.element("name", &[], "n");
        xml.element("child", &[("id", "y")], "");
        xml.close("item");
        xml.empty("param", &[("name", "p")]);
        xml.close("list");
        assert_eq!(
            text(xml),
            "<?xml version='1.0' encoding='utf-8' ?>\n<list>\n  <item href='http://h/a?b=1&amp;c=2' id='x'>\n    \
             <name>n</name>\n    <child id='y'></child>\n  </item>\n  <param name='p' />\n</list>\n"
        );
        let mut xml = Xml::bare();
        xml.open("list", &[]);
        xml.close("list");
        assert_eq!(text(xml), "<list>\n</list>\n");
    }

    #[test]
    fn nothing_gets_out_of_its_place() {
        let evil = "<a href='x' b=\"y\">&amp;]]>\u{0}\u{1b}\u{ffff}\r\n\t\u{1f600}</a>";
        let mut xml = Xml::bare();
        xml.open("r", &[("a", evil)]);
        xml.element("t", &[], evil);
        xml.cdata("c", &[], evil);
        xml.close("r");
        let text = text(xml);
        let mut reader = quick_xml::Reader::from_str(&text);
        let (mut names, mut depth) = (Vec::new(), 0);
        loop {
            let event = reader.read_event().unwrap();
            if let Event::Start(element) = &event {
                depth += 1;
                names.push(element.name().as_ref().to_owned());
                for attribute in element.attributes() {
                    let value = attribute.unwrap();
                    assert!(!format!("{value:?}").contains('<'), "{value:?}");
                }
            } else if matches!(event, Event::End(_)) {
                depth -= 1;
            } else if matches!(event, Event::Eof) {
                break;
            }
        }
        assert_eq!((names.len(), depth), (3, 0), "{text}");
        assert!(text.chars().all(is_legal), "{text}");
        assert!(text.contains("\u{1f600}") && text.contains("&#10;&#9;"), "{text}");
    }
}
