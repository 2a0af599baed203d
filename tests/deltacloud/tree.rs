//! XML as a tree in which everything counts but white space.

use std::fmt;

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Element {
    pub name: String,
    /// In their order.
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
    /// Whether it is written as `<name />`.
    pub is_short: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Node {
    Element(Element),
    Text(String),
    Cdata(String),
}

impl Element {
    /// Reads a document.
    pub fn parse(text: &str) -> Self {
        let mut reader = Reader::from_str(text);
        // A root above the root, for what stands beside it.
        let mut open = vec![Self::new("")];
        loop {
            let event = reader.read_event().unwrap_or_else(|error| panic!("{error} in {text}"));
            let top = open.last_mut().unwrap();
            match event {
                Event::Start(start) => open.push(Self::of(&start)),
                Event::Empty(start) => {
                    let element = Self {
                        is_short: true,
                        ..Self::of(&start)
                    };
                    top.children.push(Node::Element(element));
                }
                Event::End(_) => {
                    let mut element = open.pop().unwrap();
                    element.tidy();
                    open.last_mut().unwrap().children.push(Node::Element(element));
                }
                Event::Text(part) => top.append(&part.into_inner()),
                Event::GeneralRef(name) => top.append(&format!("&{};", name.into_inner())),
                Event::CData(part) => top.children.push(Node::Cdata(part.into_inner().into_owned())),
                Event::Eof => break,
                Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
            }
        }
        assert_eq!(open.len(), 1, "an element is open at the end of {text}");
        let mut top = open.pop().unwrap();
        top.tidy();
        match &mut top.children[..] {
            [Node::Element(root)] => root.clone(),
            several => panic!("{several:?} in place of one element"),
        }
    }

    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            attributes: Vec::new(),
            children: Vec::new(),
            is_short: false,
        }
    }

    fn of(start: &BytesStart<'_>) -> Self {
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap();
            (attribute.key.into_inner().to_owned(), value.into_owned())
        });
        Self {
            attributes: attributes.collect(),
            ..Self::new(start.name().into_inner())
        }
    }

    fn append(&mut self, text: &str) {
        if let Some(Node::Text(before)) = self.children.last_mut() {
            before.push_str(text);
        } else {
            self.children.push(Node::Text(text.to_owned()));
        }
    }

    fn tidy(&mut self) {
        for child in &mut self.children {
            match child {
                Node::Text(text) | Node::Cdata(text) => *text = text.trim().to_owned(),
                Node::Element(_) => {}
            }
        }
        self.children.retain(|child| *child != Node::Text(String::new()));
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        let (_name, value) = self.attributes.iter().find(|(known, _value)| known == name)?;
        Some(value)
    }

    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) | Node::Cdata(_) => None,
        })
    }

    pub fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.name == name)
    }

    /// The text of a child; empty if there is none.
    pub fn text_of(&self, name: &str) -> &str {
        let child = self.child(name).and_then(|child| child.children.first());
        match child {
            Some(Node::Text(text) | Node::Cdata(text)) => text,
            Some(Node::Element(_)) | None => "",
        }
    }

    /// Gives the text of a child another value, if there is that child with a text.
    pub fn set_text_of(&mut self, name: &str, value: &str) {
        for child in &mut self.children {
            let Node::Element(child) = child else { continue };
            if child.name != name {
                continue;
            }
            for part in &mut child.children {
                match part {
                    Node::Text(text) | Node::Cdata(text) => value.clone_into(text),
                    Node::Element(_) => {}
                }
            }
        }
    }

    /// Keeps only the children that are wanted; texts stay.
    pub fn retain(&mut self, wanted: impl Fn(&Self) -> bool) {
        self.children.retain(|child| match child {
            Node::Element(element) => wanted(element),
            Node::Text(_) | Node::Cdata(_) => true,
        });
    }

    /// Does something to this element and to all below it.
    pub fn each(&mut self, act: &mut impl FnMut(&mut Self)) {
        act(self);
        for child in &mut self.children {
            if let Node::Element(child) = child {
                child.each(act);
            }
        }
    }
}

/// One node a line.
impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}='{value}'")?;
        }
        writeln!(f, "{}>", if self.is_short { " /" } else { "" })?;
        for child in &self.children {
            match child {
                Node::Element(element) => write!(f, "{element}")?,
                Node::Text(text) => writeln!(f, "{text}")?,
                Node::Cdata(text) => writeln!(f, "<![CDATA[{text}]]>")?,
            }
        }
        writeln!(f, "</{}>", self.name)
    }
}

#[test]
fn all_but_white_space_counts() {
    let document = "<?xml version='1.0' ?>\n<a x='1' y='2'>\n  <b>t &amp; u</b>\n  <c />\n</a>\n";
    let read = Element::parse(document);
    assert_eq!(read, Element::parse("<a x='1' y='2'><b> t &amp; u </b><c/></a>"));
    for other in [
        "<a y='2' x='1'><b>t &amp; u</b><c /></a>",
        "<a x='1' y='2'><c /><b>t &amp; u</b></a>",
        "<a x='1' y='2'><b>t &amp; u</b><c></c></a>",
        "<a x='1' y='2'><b><![CDATA[t &amp; u]]></b><c /></a>",
        "<a x='1' y='2'><b>t &amp; v</b><c /></a>",
        "<a x='1' y='2'><b>t &amp; u<c /></b></a>",
    ] {
        assert_ne!(read, Element::parse(other), "{other}");
    }
}
