#!/usr/bin/env bash
# Runs every check and test of the project; on Debian and Ubuntu it installs what they need.
set -euo pipefail
cd "$(dirname "$0")/.."

running="" began=0
stage() {
  [ -z "$running" ] || echo "   ($running: $((SECONDS - began)) s)"
  running=$1 began=$SECONDS
  [ -z "$running" ] || echo "== $running"
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

stage "tools"
missing=()
command -v gcc >/dev/null || missing+=(gcc libc6-dev)
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
command -v redis-server >/dev/null || missing+=(redis-server)
if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "please install: ${missing[*]}" >&2
    exit 1
  fi
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"
fi

# Chromium without its window: the journeys take twice as long without it. Not every system has it.
if ! command -v chromium-headless-shell >/dev/null && command -v apt-get >/dev/null; then
  [ ${#missing[@]} -gt 0 ] || as_root apt-get update -qq || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-remove chromium-headless-shell ||
    echo "no chromium-headless-shell here: the journeys run in the whole browser"
fi

stage "format"
unformatted=$(git ls-files '*.go' | xargs -r gofmt -l)
[ -z "$unformatted" ] || { echo "not formatted: $unformatted" >&2; exit 1; }

stage "generated files"
if git ls-files '*.templ' | grep -q .; then
  go tool templ generate >/dev/null
  git diff --exit-code -- '*_templ.go'
fi

stage "vet and staticcheck"
go vet ./...
go tool staticcheck ./...

stage "build"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
CGO_ENABLED=0 go build -trimpath -o "$out/console" ./cmd/console
export CONSOLE_BINARY="$out/console"

stage "tests"
go test -race -timeout 12m $(go list ./... | grep -v '/e2e$')

stage "journeys in the browser"
go test -timeout 20m ./e2e

stage ""
echo "all passed in $SECONDS s"
