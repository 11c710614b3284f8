//! The binary as its operators use it: started, asked, stopped, verified, and what it withstands.

mod backup;
mod client;
mod command_line;
mod elsewhere;
mod fixture;
mod hostile;
mod import;
mod kill;
mod outage;
mod process;
mod race;
mod resume;
mod rights;
mod samples;
mod serve;
mod services;
mod site;
mod story;
mod taken_back;
mod tamper;
mod upkeep;
mod uploads;
mod yard;
