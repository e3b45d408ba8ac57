//! Errors as the server sends them: a code, its name and a message.

/// Why a command is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandError {
    pub(crate) code: i32,
    pub(crate) message: String,
}

pub(crate) type Result<T> = std::result::Result<T, CommandError>;

/// The codes used here, with their names in the server.
const NAMES: [(i32, &str); 27] = [
    (BAD_VALUE, "BadValue"),
    (FAILED_TO_PARSE, "FailedToParse"),
    (UNAUTHORIZED, "Unauthorized"),
    (TYPE_MISMATCH, "TypeMismatch"),
    (AUTHENTICATION_FAILED, "AuthenticationFailed"),
    (NOT_IN_TRANSACTION, "OperationNotSupportedInTransaction"),
    (NAMESPACE_NOT_FOUND, "NamespaceNotFound"),
    (INDEX_NOT_FOUND, "IndexNotFound"),
    (PATH_NOT_VIABLE, "PathNotViable"),
    (CONFLICTING_UPDATE_OPERATORS, "ConflictingUpdateOperators"),
    (CURSOR_NOT_FOUND, "CursorNotFound"),
    (NAMESPACE_EXISTS, "NamespaceExists"),
    (DOLLAR_PREFIXED_FIELD_NAME, "DollarPrefixedFieldName"),
    (COMMAND_NOT_FOUND, "CommandNotFound"),
    (IMMUTABLE_FIELD, "ImmutableField"),
    (CANNOT_CREATE_INDEX, "CannotCreateIndex"),
    (INVALID_OPTIONS, "InvalidOptions"),
    (INVALID_NAMESPACE, "InvalidNamespace"),
    (INDEX_OPTIONS_CONFLICT, "IndexOptionsConflict"),
    (INDEX_KEY_SPECS_CONFLICT, "IndexKeySpecsConflict"),
    (DOCUMENT_VALIDATION_FAILURE, "DocumentValidationFailure"),
    (INVALID_PIPELINE_OPERATOR, "InvalidPipelineOperator"),
    (NOT_IMPLEMENTED, "NotImplemented"),
    (QUERY_MEMORY, "QueryExceededMemoryLimitNoDiskUseAllowed"),
    (DUPLICATE_KEY, "DuplicateKey"),
    (OUT_OF_DISK_SPACE, "OutOfDiskSpace"),
    (OBJECT_TOO_LARGE, "BSONObjectTooLarge"),
];

pub(crate) const BAD_VALUE: i32 = 2;
pub(crate) const FAILED_TO_PARSE: i32 = 9;
pub(crate) const UNAUTHORIZED: i32 = 13;
pub(crate) const TYPE_MISMATCH: i32 = 14;
pub(crate) const AUTHENTICATION_FAILED: i32 = 18;
pub(crate) const NAMESPACE_NOT_FOUND: i32 = 26;
pub(crate) const INDEX_NOT_FOUND: i32 = 27;
pub(crate) const PATH_NOT_VIABLE: i32 = 28;
pub(crate) const CONFLICTING_UPDATE_OPERATORS: i32 = 40;
pub(crate) const CURSOR_NOT_FOUND: i32 = 43;
pub(crate) const NAMESPACE_EXISTS: i32 = 48;
pub(crate) const DOLLAR_PREFIXED_FIELD_NAME: i32 = 52;
pub(crate) const COMMAND_NOT_FOUND: i32 = 59;
pub(crate) const IMMUTABLE_FIELD: i32 = 66;
pub(crate) const CANNOT_CREATE_INDEX: i32 = 67;
pub(crate) const INVALID_OPTIONS: i32 = 72;
pub(crate) const INVALID_NAMESPACE: i32 = 73;
pub(crate) const INDEX_OPTIONS_CONFLICT: i32 = 85;
pub(crate) const INDEX_KEY_SPECS_CONFLICT: i32 = 86;
pub(crate) const DOCUMENT_VALIDATION_FAILURE: i32 = 121;
pub(crate) const INVALID_PIPELINE_OPERATOR: i32 = 168;
/// Something that the server supports and the emulator does not.
pub(crate) const NOT_IMPLEMENTED: i32 = 238;
pub(crate) const NOT_IN_TRANSACTION: i32 = 263;
pub(crate) const QUERY_MEMORY: i32 = 292;
pub(crate) const DUPLICATE_KEY: i32 = 11000;
pub(crate) const OUT_OF_DISK_SPACE: i32 = 14031;
pub(crate) const OBJECT_TOO_LARGE: i32 = 10334;

impl CommandError {
    pub(crate) fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn bad_value(message: impl Into<String>) -> Self {
        Self::new(BAD_VALUE, message)
    }

    pub(crate) fn not_implemented(what: &str) -> Self {
        Self::new(NOT_IMPLEMENTED, format!("the emulator does not support {what}"))
    }

    /// Its name. Codes from 5000 up that are not listed have the form `Location40324`.
    pub(crate) fn name(&self) -> String {
        let known = NAMES.iter().find(|(code, _)| *code == self.code);
        known.map_or_else(|| format!("Location{}", self.code), |(_, name)| (*name).to_owned())
    }
}
