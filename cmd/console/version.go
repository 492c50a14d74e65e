package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
)

// stamp and commit are set by the linker: -ldflags "-X main.stamp=v1.2.3 -X main.commit=4f0c...".
var stamp, commit string

// origin is what this program was built from: its version, the commit, empty when
// nothing tells it, and whether files were changed since.
func origin() (v, rev string, changed bool) {
	v, rev = stamp, commit
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(v, "unknown"), rev, false
	}
	set := map[string]string{}
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	return cmp.Or(v, info.Main.Version, "unknown"), cmp.Or(rev, set["vcs.revision"]), rev == "" && set["vcs.modified"] == "true"
}

// versionText is the version with the revision that it was built from.
func versionText() string {
	v, rev, changed := origin()
	if len(rev) > 12 {
		rev = rev[:12]
	}
	if rev == "" || strings.Contains(v, rev) {
		return v
	}
	if changed {
		rev += ", changed"
	}
	return v + " (" + rev + ")"
}

func version(_ context.Context, args []string, _ func(string) string, out, errs io.Writer) int {
	if code, done := parse(flags("version", "Says the version, the commit it was built from, and Go's version.\n"), args, out, errs); done {
		return code
	}
	v, rev, changed := origin()
	if changed {
		rev += ", changed"
	}
	fmt.Fprintf(out, "console %s\ncommit  %s\ngo      %s %s/%s\n", v, cmp.Or(rev, "unknown"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return 0
}
