//! Payment files on their way to the treasury, and the desk where a clerk receives them.

mod ageing;
mod browser;
mod clerk;
mod delivery;
mod desk;
mod differences;
mod failed_files;
mod kept;
mod left;
mod lost;
mod month;
mod pages;
mod ready;
mod recall_delivery;
mod recalls;
mod refusals;
mod resolutions;
mod road;
mod settings;
mod sftp;
mod signed;
mod silences;
mod two_people;
mod uploads;
mod whole_files;
mod window;
