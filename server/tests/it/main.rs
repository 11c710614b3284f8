//! The binary as its operators use it: started, asked, stopped, verified.

mod command_line;
mod process;
mod serve;
mod services;
