//! Atlas's error codes. The set is open: the service has hundreds and adds to them, so an unknown code keeps its text.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Atlas's own code for what went wrong.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
            /// A code without a name here, as the service wrote it.
            Unknown(String),
        }

        impl ErrorCode {
            /// The code as the service writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(ErrorCode::$name => $text,)*
                    ErrorCode::Unknown(text) => text,
                }
            }
        }

        impl From<&str> for ErrorCode {
            fn from(text: &str) -> Self {
                match text {
                    $($text => ErrorCode::$name,)*
                    _ => ErrorCode::Unknown(text.to_owned()),
                }
            }
        }
    };
}

codes! {
    /// A dedicated operation was called on a flex cluster.
    CannotUseFlexClusterInClusterApi = "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API",
    /// A flex operation was called on a cluster that is not flex.
    CannotUseNonFlexClusterInFlexApi = "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API",
    /// The project has no cluster of this name.
    ClusterNotFound = "CLUSTER_NOT_FOUND",
    /// The credentials are right but lack the role that the operation needs. The service sends it with 401.
    UserUnauthorized = "USER_UNAUTHORIZED",
    /// The credentials are right but have no role in the project. The service sends it with 401.
    NotInGroup = "NOT_IN_GROUP",
    /// The address that the request came from is not on the API access list of the key or the service account.
    IpAddressNotOnAccessList = "IP_ADDRESS_NOT_ON_ACCESS_LIST",
    /// The operation can only be called with credentials that have an API access list.
    ResourceRequiresAccessList = "RESOURCE_REQUIRES_ACCESS_LIST",
    /// There is no such project, or the credentials may not see it.
    GroupNotFound = "GROUP_NOT_FOUND",
    /// The thing does not exist or has gone.
    ResourceNotFound = "RESOURCE_NOT_FOUND",
    /// The version in `Accept` is missing, malformed or older than the operation.
    InvalidVersionDate = "INVALID_VERSION_DATE",
    /// The version is past its sunset.
    VersionGone = "VERSION_GONE",
    /// The rate limit is used up.
    RateLimited = "RATE_LIMITED",
    /// The token bucket of the endpoint set is empty.
    RateLimitedTokenBucket = "RATE_LIMITED_TOKEN_BUCKET",
}

impl ErrorCode {
    /// Whether the service refuses the address that the request came from, by an access list.
    #[must_use]
    pub fn is_access_list(&self) -> bool {
        self.as_str().ends_with("_ACCESS_LIST")
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq<str> for ErrorCode {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}
