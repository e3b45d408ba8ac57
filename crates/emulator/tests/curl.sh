#!/bin/sh
# A day with the emulator and curl, which knows nothing of Atlas: digest, a service account, a body in chunks, compressed
# answers, a fault. Usage: curl.sh PROGRAM, the emulator's. Exit 77: skipped, for want of curl.
set -eu
program=$1

if ! command -v curl >/dev/null 2>&1; then
    echo 'skipped: curl is not installed'
    exit 77
fi

folder=$(mktemp -d)
pid=
cleanup() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    rm -rf "$folder"
}
trap cleanup EXIT

failed() {
    echo "FAILED: $*" >&2
    exit 1
}

# The ready line is waited for at the other end of a pipe.
mkfifo "$folder/ready"
"$program" serve --seed demo --control --api-key owner:owner-secret \
    --api-key reader:reader-secret:GROUP_READ_ONLY --service-account mdb_sa_id_1:mdb_sa_sk_1 \
    >"$folder/ready" 2>"$folder/log" &
pid=$!
read -r ready <"$folder/ready"
base=$(printf '%s' "$ready" | sed -n 's/.*"baseUrl":"\([^"]*\)".*/\1/p')
[ -n "$base" ] || failed "no address in the ready line: $ready"

project=32b6e34b3d91647abb20e7b8
snapshots=$base/api/atlas/v2/groups/$project/clusters/Cluster0/backup/snapshots
version=application/vnd.atlas.2023-01-01+json

# Calls curl quietly; the body goes to $folder/body, the status to $status.
call() {
    status=$(curl --silent --show-error --noproxy '*' --max-time 30 --output "$folder/body" --write-out '%{http_code}' \
        --header "Accept: $version" "$@") || failed "curl $*"
}

# call, with a status that has to come out.
expect() {
    wanted=$1
    shift
    call "$@"
    [ "$status" = "$wanted" ] || failed "$status where $wanted was expected: curl $* $(cat "$folder/body")"
}

says() {
    grep -q "$1" "$folder/body" || failed "the answer does not say $1: $(cat "$folder/body")"
}

# The first value of a field of the last answer.
field() {
    sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p" "$folder/body" | head -n 1
}

echo '== digest'
expect 401 "$snapshots"
expect 401 --digest --user owner:wrong "$snapshots"
expect 200 --digest --user owner:owner-secret "$snapshots?itemsPerPage=3"
says '"totalCount"'
# Two transfers of one command: the second signs at once, with the nonce of the first.
nonces=$(curl --silent --verbose --noproxy '*' --digest --user owner:owner-secret --header "Accept: $version" \
    --output /dev/null "$snapshots" --output /dev/null "$snapshots" 2>&1 | grep -c 'nc=0000000[12]') || true
[ "$nonces" = 2 ] || failed "$nonces signed requests where two were expected"

echo '== a snapshot, with a body in chunks'
printf '{"description": "from curl", "retentionInDays": 2}' >"$folder/wanted"
expect 200 --digest --user owner:owner-secret --header "Content-Type: $version" \
    --header 'Transfer-Encoding: chunked' --header 'Expect: 100-continue' --data-binary "@$folder/wanted" "$snapshots"
says '"status":"queued"'
id=$(field id)
expect 200 --request POST --data '{"seconds": 3600}' "$base/control/clock/advance"
expect 200 --digest --user owner:owner-secret "$snapshots/$id"
says '"status":"completed"'

echo '== a key that may only read'
expect 200 --digest --user reader:reader-secret "$snapshots/$id"
expect 401 --digest --user reader:reader-secret --request DELETE "$snapshots/$id"
says USER_UNAUTHORIZED
expect 204 --digest --user owner:owner-secret --request DELETE "$snapshots/$id"
expect 404 --digest --user owner:owner-secret "$snapshots/$id"

echo '== a service account'
expect 401 --user mdb_sa_id_1:wrong --data grant_type=client_credentials "$base/api/oauth/token"
expect 200 --user mdb_sa_id_1:mdb_sa_sk_1 --data grant_type=client_credentials "$base/api/oauth/token"
token=$(field access_token)
expect 200 --header "Authorization: Bearer $token" "$snapshots"
expect 401 --header "Authorization: Bearer x$token" "$snapshots"
expect 200 --user mdb_sa_id_1:mdb_sa_sk_1 --data "token=$token" --data token_type_hint=access_token \
    "$base/api/oauth/revoke"
expect 401 --header "Authorization: Bearer $token" "$snapshots"

echo '== compressed answers and heads'
if curl --version | grep -q libz; then
    expect 200 --digest --user owner:owner-secret --compressed --dump-header "$folder/head" "$snapshots"
    grep -qi 'content-encoding: gzip' "$folder/head" || failed "not compressed: $(cat "$folder/head")"
    says '"totalCount"'
fi
expect 200 --digest --user owner:owner-secret --head "$snapshots"
expect 204 --digest --user owner:owner-secret --request OPTIONS "$snapshots"

echo '== a service that is busy for a while'
expect 200 --data '{"count": 2, "effect": {"kind": "status", "status": 503, "retryAfter": 0}}' "$base/control/faults"
expect 200 --digest --user owner:owner-secret --retry 3 --retry-delay 1 "$snapshots"
# Without a count, because curl tries once more by itself where a connection that it has used before is reset.
expect 200 --data '{"effect": {"kind": "resetBefore"}}' "$base/control/faults"
if curl --silent --noproxy '*' --digest --user owner:owner-secret --header "Accept: $version" "$snapshots" >/dev/null; then
    failed 'the connection was not reset'
fi
expect 204 --request DELETE "$base/control/faults"
expect 200 --digest --user owner:owner-secret "$snapshots"

echo '== the end'
kill -TERM "$pid"
wait "$pid" || failed "the program ended with $?"
pid=
echo 'all went as it should'
