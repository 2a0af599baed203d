//! What every case stands on.

mod client;
mod fake;
mod log;
mod proxy;
mod server;
mod tokens;
mod world;

pub use self::{
    client::{Client, Reply},
    fake::{Fake, Mode},
    log::{logged, record},
    proxy::Proxy,
    tokens::{PROJECT, USER, member, token},
    world::{World, run},
};
