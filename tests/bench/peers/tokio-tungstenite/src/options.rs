//! The command line: --port N and --mode echo|broadcast.

use std::process::exit;

#[derive(Clone, Copy)]
pub enum Mode {
    Echo,
    Broadcast,
}

pub fn from_command_line() -> (u16, Mode) {
    let (mut port, mut mode) = (0, Mode::Echo);
    let mut words = std::env::args().skip(1);
    while let Some(name) = words.next() {
        let value = words.next().unwrap_or_default();
        match (name.as_str(), value.as_str()) {
            ("--port", number) => port = number.parse().unwrap_or_else(|_| wrong(&name, number)),
            ("--mode", "echo") => mode = Mode::Echo,
            ("--mode", "broadcast") => mode = Mode::Broadcast,
            _ => wrong(&name, &value),
        }
    }
    (port, mode)
}

fn wrong(name: &str, value: &str) -> ! {
    eprintln!("wrong option: {name} {value}");
    exit(2)
}
