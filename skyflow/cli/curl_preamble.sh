#!/usr/bin/env bash
# Written by `skyflow compile --format curl`: uploads the local pictures, submits the clips, prints their task ids.
# Every run of it submits everything anew and is billed anew; `skyflow run` is what never pays twice.
# Needs bash, curl and the key in SKYFLOW_API_KEY. SKYFLOW_BASE_URL names another server, such as `skyflow serve`.
set -euo pipefail
export LC_ALL=C

: "${SKYFLOW_API_KEY:?set it to the key of the API}"
case $SKYFLOW_API_KEY in *[!!-~]*|*[\"\\]*) echo 'SKYFLOW_API_KEY holds something that is no key' >&2; exit 2;; esac
base=${SKYFLOW_BASE_URL:-@BASE_URL@}
base=${base%/}
base=${base%/v1}

stop() { printf '%s\n' "$1" >&2; exit 3; }

# The key reaches curl through a pipe; printf is a part of bash, so no process has the key among its words.
authorization() { printf 'header = "Authorization: Bearer %s"\n' "$SKYFLOW_API_KEY"; }

# Sends standard input, prints the answer; ends the script where the answer is no success.
call() {
  local answer status
  answer=$(curl --silent --show-error --config <(authorization) --write-out '\n%{http_code}' "$@") ||
    stop "no answer from $base; if this was a submission, look there before you send it again"
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  [[ $status == 2?? ]] || stop "the API answered $status: $answer"
  printf '%s' "$answer"
}

# The text behind "$1" in the JSON on standard input.
field() {
  local found
  found=$(tr -d '\n' | sed -n 's/.*"'"$1"'"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' | sed 's#\\/#/#g; s/\\u0026/\&/g')
  [[ -n $found && $found != *\\* ]] || stop "the answer has no $1"
  printf '%s' "$found"
}

# upload PICTURE TYPE NAME
upload() {
  local answer
  [[ -r $1 ]] || stop "cannot read $1"
  answer=$(call --form "file=@-;type=$2;filename=$3" "$base/v1/uploads/images" < "$1") || exit
  field url <<< "$answer"
}

# submit KEY LABEL, the request on standard input
submit() {
  local answer task
  answer=$(call --header 'Content-Type: application/json' --header "Idempotency-Key: $1" --data-binary @- \
    "$base/v1/videos/generations") || exit
  task=$(field task_id <<< "$answer") || exit
  printf '%s\t%s\n' "$task" "$2"
}
