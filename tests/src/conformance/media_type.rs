//! The resource version that a media type names.
//!
//! Answers say `application/vnd.atlas.2023-01-01+json;charset=utf-8`; media types know no case, and blanks around the
//! parameters mean nothing. Only the version is read: what the parameters say is not of interest here.

/// What a media type says about the version.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named<'a> {
    /// A JSON document of this version.
    Json(&'a str),
    /// Something else of Atlas: another format, such as `+gzip`.
    Other,
    /// No Atlas media type.
    No,
}

const PREFIX: &str = "application/vnd.atlas.";

/// The version in `content_type`.
pub(super) fn version(content_type: &str) -> Named<'_> {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let Some(prefix) = essence.get(..PREFIX.len()) else { return Named::No };
    if !prefix.eq_ignore_ascii_case(PREFIX) {
        return Named::No;
    }
    match essence[PREFIX.len()..].rsplit_once('+') {
        Some((version, format)) if format.trim().eq_ignore_ascii_case("json") => Named::Json(version.trim()),
        Some(_) => Named::Other,
        None => Named::No,
    }
}

#[cfg(test)]
mod tests {
    use super::{Named, version};

    #[test]
    fn case_blanks_and_parameters_do_not_matter() {
        for text in [
            "application/vnd.atlas.2023-01-01+json",
            "application/vnd.atlas.2023-01-01+json;charset=utf-8",
            " Application/VND.Atlas.2023-01-01+JSON ; charset=UTF-8",
        ] {
            assert_eq!(version(text), Named::Json("2023-01-01"), "{text}");
        }
    }

    #[test]
    fn preview_and_upcoming_are_versions_and_other_formats_are_told_apart() {
        assert_eq!(version("application/vnd.atlas.preview+json"), Named::Json("preview"));
        assert_eq!(version("application/vnd.atlas.2025-01-01.upcoming+json"), Named::Json("2025-01-01.upcoming"));
        assert_eq!(version("application/vnd.atlas.2023-01-01+gzip"), Named::Other);
    }

    #[test]
    fn what_names_no_version_is_no_atlas_media_type() {
        for text in
            ["", ";", "application/json", "text/html", "application/vnd.atlas.2023-01-01", "äöü/vnd.atlas.x+json"]
        {
            assert_eq!(version(text), Named::No, "{text}");
        }
    }
}
