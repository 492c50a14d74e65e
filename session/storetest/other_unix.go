//go:build unix

package storetest

import (
	"os/exec"
	"syscall"
	"testing"
)

// asOther has cmd run as otherUser, and apart from a terminal's signals.
func asOther(tb testing.TB, cmd *exec.Cmd) {
	tb.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if uid, gid, other := otherUser(tb); other {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
}
