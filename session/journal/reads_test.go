package journal

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
)

// A reading is noted once a session and subject, however many ask at once.
func TestReadLog(t *testing.T) {
	j := newTest(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for s := range 3 {
				if err := j.Read(t.Context(), fmt.Sprint("s", s), "u-anna", ReadUser, "u-felix"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, r := range [][4]string{{"s1", "u-anna", ReadCustomer, "c1"}, {"s9", "u-bob", ReadUser, "u-felix"}, {"s9", "u-bob", ReadJournal, ""}} {
		if err := j.Read(t.Context(), r[0], r[1], r[2], r[3]); err != nil {
			t.Fatal(err)
		}
	}
	all, _, err := j.Readings(t.Context(), ReadFilter{})
	if err != nil || len(all) != 6 || all[0].Kind != ReadJournal || all[0].OperatorID != "u-bob" {
		t.Fatalf("%+v %v", all, err)
	}
	for _, c := range []struct {
		f    ReadFilter
		want int
	}{{ReadFilter{OperatorID: "u-anna"}, 4}, {ReadFilter{Subject: "u-felix"}, 4}, {ReadFilter{Kind: ReadCustomer}, 1}, {ReadFilter{OperatorID: "u-bob", Subject: "u-felix"}, 1},
		{ReadFilter{From: all[1].At}, 2}, {ReadFilter{To: all[1].At}, 4}, {ReadFilter{Before: all[4].N}, 1}} {
		if got, _, err := j.Readings(t.Context(), c.f); err != nil || len(got) != c.want {
			t.Errorf("%+v: %d, %v", c.f, len(got), err)
		}
	}
	got, older, err := j.Readings(t.Context(), ReadFilter{Limit: 4})
	if err != nil || len(got) != 4 || older != got[3].N {
		t.Errorf("%d %d %v", len(got), older, err)
	}
	tamper(t, j, `PRAGMA query_only = 1`)
	if err := j.Read(t.Context(), "s1", "u-anna", ReadUser, "u-felix"); err != nil {
		t.Errorf("noted before: %v", err)
	}
	if err := j.Read(t.Context(), "s1", "u-anna", ReadUser, "u-zoe"); !errors.Is(err, ErrNotWritten) {
		t.Errorf("got %v", err)
	}
}

// Each start records what safety settings changed since the last.
func TestSettingsSince(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db")
	for i, c := range []struct {
		now  map[string]string
		want string
	}{
		{map[string]string{"RISK": "a,b", "TWO": "on"}, "[{RISK  a,b} {TWO  on}]"},
		{map[string]string{"RISK": "a,b", "TWO": "on"}, "[]"},
		{map[string]string{"RISK": "a", "TWO": "on", "NEW": ""}, "[{NEW  } {RISK a,b a}]"},
		{map[string]string{"RISK": "a"}, "[{NEW  } {TWO on }]"},
		{map[string]string{"RISK": "a", "TWO": "on"}, "[{TWO  on}]"},
	} {
		j := openTest(t, path, nil)
		if got := must[[]SettingChange](t)(j.SettingsSince(t.Context(), c.now)); fmt.Sprint(got) != c.want {
			t.Errorf("start %d: %v, want %s", i, got, c.want)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	j := openTest(t, path, nil)
	defer j.Close()
	p := must[Page](t)(j.Search(t.Context(), Filter{Acts: []Act{ActSettingChanged}, Rights: Rights{All: true}}))
	if len(p.Rows) != 7 || p.Rows[0].Entry.Target != "TWO" || p.Rows[3].Entry.Details["old"] != "a,b" || p.Rows[3].Entry.Details["new"] != "a" {
		t.Errorf("%+v", p.Rows)
	}
	if rep := must[Report](t)(j.Verify(t.Context(), VerifyOptions{})); !rep.OK {
		t.Errorf("%+v", rep)
	}
}
