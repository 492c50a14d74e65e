#!/usr/bin/env bash
# Prints requests a second, median, 99th percentile and memory of the console:
# of one operator, of 1,000 who are signed in with one core for the console,
# and of the list of users before an OBP that takes 14 ms for each call. A
# benchmark, not a test. CONSOLE_BINARY names the binary; else one is built.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${CONSOLE_BINARY:-}" ]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
  CGO_ENABLED=0 go build -trimpath -o "$out/console" ./cmd/console
  export CONSOLE_BINARY="$out/console"
fi
go run ./e2e/load -console "$CONSOLE_BINARY" "$@"
