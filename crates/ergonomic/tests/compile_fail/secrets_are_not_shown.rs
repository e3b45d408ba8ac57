//! Credentials do not implement `Display`: a program cannot print or save them by accident.

fn show(credentials: atlas_backup::Credentials) -> String {
    credentials.to_string()
}

fn main() {}
