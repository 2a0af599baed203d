//! How a request names what the back end already has (Cinder: `driver.py::manage_existing_snapshot`).

/// The name in a reference, which is the JSON text of the request's `ref`; `None` when it has none.
pub fn source_name(reference: &str) -> Option<String> {
    let reference: serde_json::Value = serde_json::from_str(reference).ok()?;
    reference.get("source-name")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::source_name;

    #[test]
    fn only_a_source_name_is_a_reference() {
        assert_eq!(source_name(r#"{"source-name": "snap"}"#).as_deref(), Some("snap"));
        for other in [
            "null",
            r#""snap""#,
            r#"{"x": "y"}"#,
            r#"{"source-name": 1}"#,
            "nonsense",
        ] {
            assert_eq!(source_name(other), None, "{other}");
        }
    }
}
