//! Payment files on their way to the treasury, and the desk where a clerk receives them.

mod browser;
mod delivery;
mod desk;
mod kept;
mod left;
mod lost;
mod pages;
mod refusals;
mod road;
mod settings;
mod sftp;
mod signed;
