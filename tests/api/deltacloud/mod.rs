//! The Deltacloud front. What the recordings of real servers say is replayed in a suite of its own; here is what
//! they do not reach.

mod access;
mod bad_input;
mod both_fronts;
mod contract;
mod formats;
mod lists;
mod requests;

use quick_xml::{Reader, events::Event};
use reqwest::{Method, RequestBuilder, header::HeaderMap, redirect::Policy};
use serde_json::Value;

use crate::support::{App, PROJECT, USER};

/// A client of Deltacloud, as the Ruby one: it has credentials and wants XML.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    root: String,
    user: String,
    password: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

/// The usual user of the usual project.
pub fn client(app: &App) -> Client {
    Client {
        http: crate::http::client()
            .redirect(Policy::none())
            .pool_max_idle_per_host(0)
            .build()
            .unwrap(),
        root: app.api.root().to_owned(),
        user: format!("{USER}+{PROJECT}"),
        password: "any".to_owned(),
    }
}

impl Client {
    /// As somebody else.
    pub fn log_in(&self, user: &str, password: &str) -> Self {
        Self {
            user: user.to_owned(),
            password: password.to_owned(),
            ..self.clone()
        }
    }

    /// `http://127.0.0.1:<port>`
    pub fn root(&self) -> &str {
        &self.root
    }

    /// A request with credentials.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path)
            .basic_auth(&self.user, Some(&self.password))
    }

    /// A request without. It asks for XML, unless the path says something else.
    pub fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.root))
            .header("Accept", "application/xml")
    }

    /// A request with credentials that accepts just this; nothing is as good as no header.
    pub fn accepting(&self, accept: &str, path: &str) -> RequestBuilder {
        self.http
            .get(format!("{}{path}", self.root))
            .header("Accept", accept)
            .basic_auth(&self.user, Some(&self.password))
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::DELETE, path)).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut url = reqwest::Url::parse("http://h/").unwrap();
        url.query_pairs_mut().extend_pairs(form);
        let body = url.query().unwrap_or_default().to_owned();
        let request = self.request(Method::POST, path);
        Answer::to(
            request
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(body),
        )
        .await
    }

    /// The id of what a form makes.
    pub async fn made(&self, collection: &str, form: &[(&str, &str)]) -> String {
        let made = self
            .post(&format!("/api/{collection}?format=json"), form)
            .await
            .expect(201)
            .json();
        let item = made.as_object().unwrap().values().next().unwrap();
        item["id"].as_str().unwrap().to_owned()
    }

    /// The ids of a list, in its order.
    pub async fn ids(&self, collection: &str) -> Vec<String> {
        let list = self.get(&format!("/api/{collection}?format=json")).await.expect(200);
        let list = list.json();
        let items = list[collection].as_array().unwrap().iter();
        items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }
}

impl Answer {
    /// Sends a request.
    pub async fn to(request: RequestBuilder) -> Self {
        let answer = request.send().await.expect("an answer");
        Self {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.text().await.expect("the whole body, as text"),
        }
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The texts of all elements of this name, in their order. Stops the test if the document is not well-formed.
    #[track_caller]
    pub fn xml(&self, name: &str) -> Vec<String> {
        let mut reader = Reader::from_str(&self.text);
        let (mut texts, mut inside) = (Vec::new(), false);
        loop {
            match reader
                .read_event()
                .unwrap_or_else(|error| panic!("{error} in {self:?}"))
            {
                Event::Start(element) if element.name().as_ref() == name => {
                    texts.push(String::new());
                    inside = true;
                }
                Event::End(element) if element.name().as_ref() == name => inside = false,
                Event::Text(text) if inside => texts.last_mut().unwrap().push_str(&text),
                Event::CData(text) if inside => texts.last_mut().unwrap().push_str(&text),
                Event::GeneralRef(reference) if inside => {
                    let c = reference.resolve_char_ref().unwrap();
                    let c = c.map(String::from);
                    let named = quick_xml::escape::resolve_predefined_entity(&reference).map(str::to_owned);
                    texts.last_mut().unwrap().push_str(&c.or(named).unwrap());
                }
                Event::Eof => return texts,
                Event::Start(_)
                | Event::End(_)
                | Event::Empty(_)
                | Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_)
                | Event::GeneralRef(_) => {}
            }
        }
    }

    /// The message of an error document.
    #[track_caller]
    pub fn expect_error(self, status: u16, message: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), Some("application/xml"), "{answer:?}");
        assert!(answer.text.starts_with("<error "), "{answer:?}");
        assert_eq!(answer.xml("code"), [status.to_string()], "{answer:?}");
        assert_eq!(answer.xml("message"), [message], "{answer:?}");
        answer
    }
}
