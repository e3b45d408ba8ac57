//! Credentials have no text of their own: nobody prints or saves them by accident.

fn show(credentials: atlas_backup::Credentials) -> String {
    credentials.to_string()
}

fn main() {}
