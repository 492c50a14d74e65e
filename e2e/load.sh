#!/usr/bin/env bash
# Prints what the console adds to an instant OBP server (median and 99th
# percentile of the queue's page), and its memory with 1,000 sessions. A
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
