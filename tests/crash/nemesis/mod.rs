//! What happens to PostgreSQL and to those who share it: servers that freeze, die, or lose an answer.

mod dead_worker;
mod frozen;
mod lost_answers;
mod proxy;
mod silence;
mod wire;
