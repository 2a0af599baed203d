//! What both fronts share: request ids, links, JSON as Python writes it, health.

pub mod admission;
pub mod body;
pub mod connections;
pub mod farewell;
pub mod health;
pub mod json;
pub mod links;
pub mod panics;
pub mod query;
pub mod request;
pub mod wire;
