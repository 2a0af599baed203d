//! Cases for the file driver alone: its folder, its lock files, its leases.

pub mod adoption;
pub mod confinement;
pub mod crashes;
pub mod inventory;
pub mod leases;
pub mod left_overs;
pub mod trouble;
