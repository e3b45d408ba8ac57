//! Refusals of any request, and of projects.

use super::refusal::{Refusal, Source};

refusals! {
    "requests" of [] {
        USER_UNAUTHORIZED 401 Published "no role of the credentials allows the operation";
        NOT_IN_GROUP 401 Published "the credentials are for another project";
        REFUSED_CREDENTIALS is "UNEXPECTED_ERROR" 401 Observed
            "the service does not accept the credentials"
            never "401 without a code, as older servers answer it";
        NOT_ORG_GROUP_CREATOR 401 Published
            "a project is created without the role for it"
            never "answered as USER_UNAUTHORIZED";
        NOT_ORG_OWNER 401 Published
            "only the owner of the organization may do it"
            never "no operation here takes that role alone";
        NO_CURRENT_USER 401 Published "the credentials belong to no user" never "every credential is its own user";
        USER_CANNOT_ACCESS_GROUP 401 Published "the user has no access to the project" never "answered as NOT_IN_GROUP";
        USER_CANNOT_ACCESS_ORG 401 Published
            "the user has no access to the organization"
            never "there is one organization, open to all credentials";
        ACCESS_FORBIDDEN 403 Published "the resource is closed to the caller" never "an account setting";
        FEATURE_UNSUPPORTED 403 Published "the account does not include the feature" never "an account setting";
        GLOBAL_USER_OUTSIDE_SUBNET 403 Published
            "an account of the vendor is used from outside its network"
            never "the vendor's own accounts";
        IP_ADDRESS_NOT_ON_ACCESS_LIST 403 Reported
            "the client's address is not on the access list of its key"
            never "keys have no access list";
        IP_ADDRESS_NOT_ON_WHITELIST 403 Published
            "the former name of IP_ADDRESS_NOT_ON_ACCESS_LIST"
            never "keys have no access list";
        ORG_REQUIRES_ACCESS_LIST 403 Reported
            "the organization requires access lists and the key has none"
            never "keys have no access list";
        ORG_REQUIRES_WHITELIST 403 Published
            "the former name of ORG_REQUIRES_ACCESS_LIST"
            never "keys have no access list";
        RESOURCE_REQUIRES_ACCESS_LIST 403 Reported
            "the operation requires a key with an access list"
            never "keys have no access list";
        RESOURCE_REQUIRES_WHITELIST 403 Published
            "the former name of RESOURCE_REQUIRES_ACCESS_LIST"
            never "keys have no access list";
        UNSUPPORTED_FOR_CURRENT_CONFIG 403 Published
            "the project's configuration does not allow the operation"
            never "a setting of the account";
        UNSUPPORTED_FOR_CURRENT_PLAN 403 Published
            "the organization's plan does not include the operation"
            never "billing";
        INVALID_VERSION_DATE 406 Published "the `Accept` header does not name a version of the resource";
        VERSION_GONE 410 Published "the version is past its sunset";
        UNSUPPORTED_MEDIA_TYPE 415 Own "the `Content-Type` of the body is not JSON";
        MALFORMED_JSON 400 Published "the body is missing or cannot be parsed as JSON";
        INVALID_JSON 400 Published "the body is JSON of another shape than the operation takes";
        INVALID_JSON_ATTRIBUTE 400 Published "an attribute has another type than documented";
        INVALID_ATTRIBUTE 400 Published
            "an attribute is unknown, has an unacceptable value, or cannot be set together with the others";
        INVALID_ENUM_VALUE 400 Published "a value is not one of those documented";
        ATTRIBUTE_NEGATIVE 400 Published "a number is negative where zero is the least";
        ATTRIBUTE_NEGATIVE_OR_ZERO 400 Published "a number is not positive";
        MISSING_ATTRIBUTE 400 Published "a required attribute is missing";
        MISSING_ATTRIBUTES 400 Published "several required attributes are missing";
        MISSING_ONE_OF_ATTRIBUTES 400 Published "neither of two attributes is there";
        MISSING_ONE_OF_THREE_ATTRIBUTES 400 Published "none of three attributes is there";
        MISSING_ONE_OF_MANY_ATTRIBUTES 400 Published
            "none of several attributes is there"
            never "no operation here has such a choice";
        MISSING_OR_INVALID_ATTRIBUTE 400 Published
            "a required attribute is missing or unusable"
            never "answered with the more precise codes";
        ATTRIBUTE_READ_ONLY 400 Published
            "an attribute is sent that only the service sets"
            never "read-only attributes are ignored, since clients send documents back";
        VALIDATION_ERROR 400 Published "a value breaks a documented length, range or pattern";
        INVALID_URL 400 Published "a value should be a URL and is not";
        INVALID_PATH_PARAMETER 400 Published "a segment of the path has an unacceptable value";
        PATH_PARAM_PARSE_ERROR 400 Reported "an ID in the path is not 24 hexadecimal digits";
        INVALID_QUERY_PARAMETER 400 Published "a query parameter has an unacceptable value";
        MISSING_QUERY_PARAMETER 400 Published "a query parameter is missing";
        MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS 400 Published "two query parameters exclude each other";
        INVALID_FORM_PARAMETER 400 Published
            "a parameter of a form is unacceptable"
            never "no operation here takes a form";
        INVALID_DATE_FORMAT 400 Published
            "a date or time cannot be parsed"
            never "no request of an operation here holds a date";
        INVALID_DATE_RANGE 400 Published
            "a range of dates ends before it begins"
            never "no operation here takes a range of dates";
        START_DATE_AFTER_END_DATE 400 Published
            "a period begins after its end"
            never "no operation here takes a period";
        FRACTIONAL_TIMESTAMP 400 Published
            "a timestamp has fractions of a second"
            never "timestamps in requests are integers here";
        GROUP_MISMATCH 400 Published
            "the project in the body is not the one in the path"
            never "the attribute is read-only in the document and ignored";
        ATLAS_GENERAL_ERROR 400 Published "any condition without its own code; see `detail`";
        DEFAULT_CONFIG_LIMIT_EXCEPTION 400 Published
            "the service could not check a quota"
            never "a failure inside the service";
        RESOURCE_NOT_FOUND 404 Published "no resource has this id or path";
        RESOURCE_NOT_FOUND_FOR_JOB 400 Published
            "a job names an object that does not exist"
            never "answered with the code of the object";
        METHOD_NOT_ALLOWED 405 Own "the path does not support the method";
        WRITES_NOT_ALLOWED_DURING_APP_UPGRADES 405 Published
            "the service is being upgraded and takes no writes"
            never "a state of the service";
        REQUEST_TIMEOUT 408 Own "the body does not arrive in time";
        UNSUPPORTED_FEATURE 409 Published "the service does not offer the feature yet" never "a state of the service";
        REQUEST_BODY_TOO_LARGE 413 Own "the body is too large";
        RATE_LIMITED_TOKEN_BUCKET 429 Published "the endpoint set's bucket for the project is empty";
        RATE_LIMITED 429 Published
            "more requests than the older limit allows"
            never "answered as RATE_LIMITED_TOKEN_BUCKET";
        UNEXPECTED_ERROR 500 Published "the operating system has no random numbers";
        EMULATOR_NOT_SAVED 500 Own "the change could not be saved in the data folder, and was undone";
        EMULATOR_UNDOCUMENTED_ANSWER 500 Own "a strict emulator produced a response that does not conform to the document";
        EMULATOR_NOT_IMPLEMENTED 501 Own "the emulator does not model the operation";
        SERVICE_UNAVAILABLE 503 Observed "the service cannot take the request now" never "a state of the service";
        CONTROL_NOT_ALLOWED 403 Own "another machine or a web page calls the control API";
        CONTROL_INVALID 400 Own "a request to the control API is invalid";
    }
    "projects" of ["Group"] {
        GROUP_NOT_FOUND 404 Published "there is no such project";
        GROUP_NAME_NOT_FOUND 404 Published "no project has this name";
        GROUP_ALREADY_EXISTS 409 Published "the organization has a project of this name";
        ORG_NOT_FOUND 404 Published "there is no such organization";
        MAX_GROUPS_PER_ORG_EXCEEDED 400 Published "the organization has 250 projects";
        INVALID_GROUP_NAME 400 Published "the project's name is empty, too long or has forbidden characters";
        INVALID_GROUP_NAME_10GEN 400 Published "the project's name begins with `10gen-` or ends with `-10gen`";
        CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS 409 Published "a project with clusters is deleted";
        CANNOT_CLOSE_GROUP_ACTIVE_BACKUP_COMPLIANCE_POLICY 409 Published "a project is deleted whose policy protects backups that are kept";
        CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_PRIVATE_ENDPOINT_SERVICES 409 Reported
            "a project with private endpoint services is deleted"
            never "clusters have no private endpoints";
        CANNOT_CLOSE_GROUP_ACTIVE_BACKUP 409 Published
            "a project with Legacy Backup is deleted"
            never "no cluster has Legacy Backup";
        CANNOT_CLOSE_GROUP_ACTIVE_PEERING_CONNECTIONS 409 Reported
            "a project with network peerings is deleted"
            never "projects have no peerings";
        API_KEY_CREATED_GROUPS_MUST_HAVE_ORG 400 Published
            "a project is created without an organization"
            never "answered as MISSING_ATTRIBUTE, since the document requires it";
        ATLAS_GROUP_TAG_NOT_SUPPORTED 404 Published "the project does not know the tag" never "tags are free";
        CANNOT_CHANGE_GROUP_NAME 403 Published
            "the caller may not rename the project"
            never "answered as USER_UNAUTHORIZED";
        INACTIVE_ORG 400 Published "the organization is closed" never "an account setting";
        INVALID_ATLAS_GROUP 404 Published "the project cannot be loaded" never "a failure inside the service";
        INVALID_GROUP_ID 404 Published "the project's ID is malformed" never "answered as PATH_PARAM_PARSE_ERROR";
        INVALID_GROUP_TOKEN 400 Published
            "a tag of the project has forbidden characters or a bad length"
            never "answered as VALIDATION_ERROR by the document's limits";
        INVALID_ORG_ID 404 Published
            "the organization's ID is malformed"
            never "answered as VALIDATION_ERROR by the document's pattern";
        MAX_GROUPS_PER_USER_EXCEEDED 400 Published
            "the owner has as many projects as allowed"
            never "the emulator has no users";
        MULTIPLE_GROUPS 409 Published "several projects have the name" never "names are unique in the one organization";
        NOT_ATLAS_GROUP 404 Published "the project belongs to Cloud Manager" never "there is no Cloud Manager";
        NOT_ATLAS_ORG 404 Published "the organization belongs to Cloud Manager" never "there is no Cloud Manager";
        TOO_MANY_GROUP_TOKENS 400 Published "the project has too many tags" never "the service publishes no number";
        USER_NOT_FOUND 404 Published
            "the owner of a new project is not a known user"
            never "the emulator has no users and accepts any ID";
        USER_NOT_IN_ORG 404 Published
            "the owner of a new project is not in the organization"
            never "the emulator has no users and accepts any ID";
    }
    "surroundings of clusters" of ["AccessList", "DatabaseUser"] {
        ATLAS_NETWORK_PERMISSION_ENTRY_NOT_FOUND 404 Published "the project's access list has no such entry";
        INVALID_IP_ADDRESS_OR_CIDR_NOTATION 400 Published "an entry of the access list is neither an address nor a range";
        USER_ALREADY_EXISTS 409 Published "the project has a database user of this name";
        USERNAME_NOT_FOUND 404 Published "the project has no database user of this name";
    }
}
