package journal

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const crashVar = "JOURNAL_TEST_APPEND_TO"

// TestMain runs the tests, or is the process that TestKilledWhileAppending kills.
func TestMain(m *testing.M) {
	if path := os.Getenv(crashVar); path != "" {
		appendForEver(path)
	}
	os.Exit(m.Run())
}

// appendForEver appends whole acts and says on standard output what is written.
func appendForEver(path string) {
	ctx := context.Background()
	j, err := Open(ctx, Options{Path: path, Postgres: os.Getenv("JOURNAL_TEST_POSTGRES"), Key: testKey, Environment: "test"})
	for i := 0; err == nil; i++ {
		var in Intent
		if in, err = j.Intend(ctx, decision(i)); err == nil {
			err = j.Step(ctx, in, Step{Name: "granted", Note: "x"})
		}
		if err == nil {
			err = j.Outcome(ctx, in, Result{Outcome: OutcomeDone})
		}
		var a Approval
		if err == nil {
			e := risky
			e.Role = fmt.Sprint(path, i, os.Getpid())
			a, err = j.FirstApproval(ctx, e)
		}
		if err == nil {
			_, err = j.Confirm(ctx, a.ID, Entry{Operator: bob}, nil)
		}
		n, hash := j.Head()
		fmt.Println(n, hash)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// A process killed in the middle of an append leaves an intact chain that
// holds everything it said was written (security 40).
func TestKilledWhileAppending(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db")
	for round := range 6 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), crashVar+"="+path, "JOURNAL_TEST_POSTGRES="+placed(t, Options{Path: path}).Postgres)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		var n int64
		var hash string
		for said := 0; lines.Scan(); said++ {
			if _, err := fmt.Sscan(lines.Text(), &n, &hash); err != nil {
				t.Fatalf("round %d: %q", round, lines.Text())
			}
			if said == 2+round*3 { // what it said since then is read too
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil || n == 0 {
			t.Fatalf("round %d: not killed, at entry %d", round, n)
		}
		j := openTest(t, path, nil)
		if got, _ := j.Head(); got < n {
			t.Errorf("round %d: head %d, but %d was written", round, got, n)
		}
		if rep, err := j.Verify(t.Context(), VerifyOptions{ExpectedN: n, ExpectedHash: hash}); err != nil || !rep.OK {
			t.Errorf("round %d: %+v %v", round, rep, err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
