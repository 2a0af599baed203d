//! The parameters of a request: those of the query string and of a form in its body, as one.

use actix_multipart::Multipart;
use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap},
    web::Bytes,
};
use futures_util::{StreamExt as _, stream};

use super::{
    collections::{Operation, Presence},
    error::Failure,
};
use crate::http::query::{self, NotUtf8};

/// Most parameters of a request: far more than any operation has. They are looked for one by one, and an error names
/// them all.
const MOST: usize = 100;

/// All parameters, in the order in which their names came first. Of a repeated one the last value counts, and a
/// form's counts more than the query's.
#[derive(Clone, Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Those of a query string.
    ///
    /// # Errors
    /// 400 for what is not UTF-8.
    pub fn of_query(request: &HttpRequest) -> Result<Self, Failure> {
        let mut params = Self::default();
        params.add_encoded(request.query_string())?;
        Ok(params)
    }

    /// Those of a form. A body of another type is ignored, as upstream ignores it.
    ///
    /// # Errors
    /// 400 for a form that cannot be read.
    pub async fn of_form(headers: &HeaderMap, body: Bytes) -> Result<Self, Failure> {
        let kind = headers.get(header::CONTENT_TYPE);
        let kind = kind.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let essence = kind
            .as_deref()
            .map(|kind| kind.split(';').next().unwrap_or_default().trim());
        let mut params = Self::default();
        match essence.map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "application/x-www-form-urlencoded") => {
                let text = std::str::from_utf8(&body).map_err(|_source| undecodable())?;
                params.add_encoded(text.trim_end())?;
            }
            Some("multipart/form-data") => params.add_multipart(headers, body).await?,
            Some(_other) => {}
        }
        Ok(params)
    }

    fn add_encoded(&mut self, text: &str) -> Result<(), Failure> {
        let parsed = query::Params::parse(text).map_err(|NotUtf8| undecodable())?;
        for (name, value) in parsed.iter() {
            self.set(name, value);
            self.refuse_too_many()?;
        }
        Ok(())
    }

    async fn add_multipart(&mut self, headers: &HeaderMap, body: Bytes) -> Result<(), Failure> {
        let limit = body.len();
        let mut form = Multipart::new(headers, stream::iter([Ok(body)]));
        while let Some(field) = form.next().await {
            let mut field = field.map_err(malformed)?;
            let name = field.name().unwrap_or_default().to_owned();
            let value = field.bytes(limit).await.map_err(malformed)?.map_err(malformed)?;
            let value = std::str::from_utf8(&value).map_err(|_source| undecodable())?;
            self.set(&name, value);
            self.refuse_too_many()?;
        }
        Ok(())
    }

    /// Before each of them costs as much as all that were there before.
    fn refuse_too_many(&self) -> Result<(), Failure> {
        if self.0.len() > MOST {
            return Err(Failure::invalid(format!("There are more than {MOST} parameters.")));
        }
        Ok(())
    }

    /// Adds `others`, whose values count more.
    pub fn extend(&mut self, others: &Self) {
        for (name, value) in others.iter() {
            self.set(name, value);
        }
    }

    /// Sets a parameter, in the place that its name has.
    pub fn set(&mut self, name: &str, value: &str) {
        if let Some((_name, old)) = self.0.iter_mut().find(|(known, _value)| known == name) {
            value.clone_into(old);
        } else {
            self.0.push((name.to_owned(), value.to_owned()));
        }
    }

    /// A value.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_name, value) = self.0.iter().find(|(known, _value)| known == name)?;
        Some(value)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Refuses unless every required parameter of the operation is there.
    ///
    /// # Errors
    /// 400 in one plain sentence, whatever the format.
    pub fn require(&self, operation: &Operation) -> Result<(), Failure> {
        let required = operation
            .parameters
            .iter()
            .filter(|parameter| parameter.presence == Presence::Required);
        for parameter in required {
            if self.get(parameter.name).is_none() {
                let names: Vec<_> = self.iter().map(|(name, _value)| name).collect();
                return Err(Failure::plain(format!(
                    "Required parameter '{}' not found in [{}]",
                    parameter.name,
                    names.join(",")
                )));
            }
        }
        Ok(())
    }
}

fn undecodable() -> Failure {
    Failure::invalid("The parameters are not UTF-8.")
}

fn malformed(error: impl std::fmt::Display) -> Failure {
    Failure::invalid(format!("The form cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    async fn form(kind: Option<&'static str>, body: &'static str) -> Result<Vec<(String, String)>, u16> {
        let mut headers = HeaderMap::new();
        if let Some(kind) = kind {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        let params = Params::of_form(&headers, Bytes::from_static(body.as_bytes())).await;
        params
            .map(|params| params.0)
            .map_err(|failure| failure.status().as_u16())
    }

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[actix_web::test]
    async fn forms_of_each_kind() {
        let expected = Ok(pairs(&[("volume_id", "v 1"), ("name", "")]));
        let encoded = "volume_id=v+1&name=";
        assert_eq!(form(None, encoded).await, expected);
        assert_eq!(
            form(Some("application/x-www-form-urlencoded; charset=utf-8"), encoded).await,
            expected
        );
        let parts = "--B\r\nContent-Disposition: form-data; name=\"volume_id\"\r\n\r\nv 1\r\n--B\r\n\
                     Content-Disposition: form-data; name=\"name\"\r\n\r\n\r\n--B--\r\n";
        assert_eq!(form(Some("multipart/form-data; boundary=B"), parts).await, expected);
        for ignored in ["text/plain", "application/json"] {
            assert_eq!(form(Some(ignored), encoded).await, Ok(Vec::new()), "{ignored}");
        }
    }

    #[actix_web::test]
    async fn forms_that_cannot_be_read() {
        for (kind, body) in [
            ("multipart/form-data", "--B--"),
            ("multipart/form-data; boundary=B", "--B\r\nno header and no end"),
            (
                "multipart/form-data; boundary=B",
                "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ncut",
            ),
            ("application/x-www-form-urlencoded", "a=%ff"),
        ] {
            assert_eq!(form(Some(kind), body).await, Err(400), "{kind}: {body}");
        }
    }

    #[actix_web::test]
    async fn the_last_value_counts_and_the_form_most() {
        let mut params = Params::default();
        params.add_encoded("b=1&a=1&a=2").unwrap();
        let mut form = Params::default();
        form.add_encoded("a=3&c=4").unwrap();
        params.extend(&form);
        let all: Vec<_> = params.iter().collect();
        assert_eq!(all, [("b", "1"), ("a", "3"), ("c", "4")]);
    }
}
