package journal

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
)

func newTest(t testing.TB) *Journal {
	t.Helper()
	j := openTest(t, filepath.Join(t.TempDir(), "j.db"), nil)
	t.Cleanup(func() { j.Close() })
	return j
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func event(t testing.TB, j *Journal, e Entry, o Outcome) Intent {
	t.Helper()
	return must[Intent](t)(j.Record(t.Context(), e, Result{Outcome: o}))
}

// someActs writes acts that differ in what searches look at, and gives them by
// the order of writing.
func someActs(t testing.TB, j *Journal) []Intent {
	anna, bob := Party{"u-anna", "Anna", "Anna@Example.com", "p"}, Party{"u-bob", "bob", "bob@example.com", "p"}
	felix, zoe := Party{"u-felix", "felix", "f@example.com", "p"}, Party{"u-zoe", "Zoë", "zoe@example.com", "p"}
	var out []Intent
	out = append(out,
		event(t, j, Entry{Act: ActGrant, Operator: anna, Person: felix, Role: "R1", BankID: "b1", Ticket: "T-1"}, OutcomeDone),
		event(t, j, Entry{Act: ActRevoke, Operator: bob, Person: felix, Role: "R1", Ticket: "t-1"}, OutcomeFailed),
		event(t, j, Entry{Act: ActGrant, Operator: bob, Person: zoe, Role: "R2", BankID: "b2"}, OutcomeDone),
		event(t, j, Entry{Act: ActSignInFailed, Operator: Party{Username: "FELIX"}}, OutcomeRefused),
		event(t, j, Entry{Act: ActLock, Operator: anna, Person: bob}, OutcomeUnknown))
	in := must[Intent](t)(j.Intend(t.Context(), Entry{Act: ActApprove, Operator: anna, Person: zoe, Role: "R1", BankID: "b1", EntitlementRequestID: "r1"}))
	if err := j.Outcome(t.Context(), in, Result{Outcome: OutcomePartly}); err != nil {
		t.Fatal(err)
	}
	return append(out, in, must[Intent](t)(j.Intend(t.Context(), Entry{Act: ActUnlock, Operator: anna, Person: felix, ParentID: out[4].ActID})))
}

func TestSearchFinds(t *testing.T) {
	j := newTest(t)
	in := someActs(t, j)
	all := Rights{All: true}
	for _, c := range []struct {
		name string
		f    Filter
		want string // indexes of in, newest first
	}{
		{"person's id", Filter{Person: "u-felix"}, "610"},
		{"person's user name", Filter{Person: "FELIX"}, "610"},
		{"person's e-mail", Filter{Person: "F@example.COM"}, "610"},
		{"name beyond ASCII", Filter{Person: "ZOË"}, "52"},
		{"operator's e-mail", Filter{Operator: "anna@example.com"}, "6540"},
		{"operator without an id", Filter{Operator: "felix"}, "3"},
		{"anyone", Filter{Anyone: "Bob"}, "421"},
		{"anyone without an id", Filter{Anyone: "felix"}, "6310"},
		{"nobody", Filter{Person: "nobody"}, ""},
		{"acts", Filter{Acts: []Act{ActGrant, ActLock}}, "420"},
		{"outcome", Filter{Outcomes: []Outcome{OutcomeDone}}, "20"},
		{"later outcome", Filter{Outcomes: []Outcome{OutcomePartly, OutcomeFailed}}, "51"},
		{"no outcome", Filter{Outcomes: []Outcome{""}}, "6"},
		{"outcome of a person", Filter{Person: "felix", Outcomes: []Outcome{OutcomeDone}}, "0"},
		{"ticket", Filter{Ticket: "T-1"}, "10"},
		{"ticket of a person", Filter{Ticket: "T-1", Operator: "bob"}, "1"},
		{"role and scope", Filter{Role: "R1", BankIDs: []string{"b1"}}, "50"},
		{"system scope", Filter{Role: "R1", BankIDs: []string{""}}, "1"},
		{"environment", Filter{Environment: "test"}, "6543210"},
		{"another environment", Filter{Environment: "live"}, ""},
		{"environment and outcome", Filter{Environment: "test", Outcomes: []Outcome{OutcomeFailed}}, "1"},
		{"request", Filter{Request: "r1"}, "5"},
		{"parent", Filter{ParentID: in[4].ActID}, "6"},
		{"from", Filter{From: in[5].At}, "65"},
		{"to", Filter{To: in[1].At}, "0"},
		{"between", Filter{From: in[1].At, To: in[3].At}, "21"},
		{"limits of time", Filter{From: time.Unix(0, 0), To: time.Unix(1<<33, 0)}, "6543210"},
		{"bank reader", Filter{Rights: Rights{BankIDs: []string{"b1", "b2"}}}, "520"},
		{"bank reader, a person", Filter{Person: "felix", Rights: Rights{BankIDs: []string{"b1"}, Self: "u-bob"}}, "10"},
		{"right to no bank", Filter{Rights: Rights{BankIDs: []string{""}}}, ""},
		{"hundreds of banks", Filter{Acts: []Act{ActGrant, ActRevoke}, Rights: Rights{BankIDs: append(strings.Split(strings.Repeat("b1,", 500), ","), "b2")}}, "20"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.f.Rights.Self == "" && c.f.Rights.BankIDs == nil {
				c.f.Rights = all
			}
			c.f.Count = true
			p := must[Page](t)(j.Search(t.Context(), c.f))
			got := ""
			for _, r := range p.Rows {
				for i := range in {
					if in[i].ActID == r.ActID {
						got += fmt.Sprint(i)
					}
				}
			}
			if got != c.want || p.Count != len(c.want) || p.CountMore {
				t.Errorf("got %q, %d counted; want %q", got, p.Count, c.want)
			}
		})
	}
}

// A clock that ran back hides nothing from a search by time.
func TestSearchByTimeAfterClockRanBack(t *testing.T) {
	c := &clock{t: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	j := newTest(t)
	j.o.Now = c.now
	var at []time.Time
	for i := range 40 {
		at = append(at, event(t, j, Entry{Act: ActGrant, Operator: Party{UserID: "u"}}, OutcomeDone).At)
		if i%10 == 9 {
			c.t = c.t.Add(-time.Duration(i) * time.Millisecond)
		}
	}
	for _, from := range at {
		to, want := from.Add(7*time.Millisecond), 0
		for _, a := range at {
			if !a.Before(from) && a.Before(to) {
				want++
			}
		}
		if p := must[Page](t)(j.Search(t.Context(), Filter{From: from, To: to, Rights: Rights{All: true}})); len(p.Rows) != want {
			t.Errorf("from %v: %d, want %d", from, len(p.Rows), want)
		}
	}
}

func TestEarlierAndLastDecisions(t *testing.T) {
	j := newTest(t)
	in := someActs(t, j)
	ids := func(rows []Row) (out string) {
		for _, r := range rows {
			for i := range in {
				if in[i].ActID == r.ActID {
					out += fmt.Sprint(i)
				}
			}
		}
		return out
	}
	for _, c := range []struct {
		name, want string
		rows       []Row
	}{
		{"person or role", "520", must[[]Row](t)(j.Earlier(t.Context(), "u-zoe", "R1", "b1", 5))},
		{"a limit each", "51", must[[]Row](t)(j.Earlier(t.Context(), "u-felix", "R1", "b1", 1))},
		{"person", "10", must[[]Row](t)(j.Earlier(t.Context(), "u-felix", "", "", 5))},
		{"nothing asked", "", must[[]Row](t)(j.Earlier(t.Context(), "", "", "", 5))},
		{"request", "5", must[[]Row](t)(j.OnRequest(t.Context(), "r1", 5))},
		{"no request", "", must[[]Row](t)(j.OnRequest(t.Context(), "", 5))},
		{"operator", "50", must[[]Row](t)(j.LastDecisions(t.Context(), "u-anna", 5))},
		{"no operator", "", must[[]Row](t)(j.LastDecisions(t.Context(), "", 5))},
	} {
		if got := ids(c.rows); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	r := must[Row](t)(j.Row(t.Context(), in[0].ActID)).WithoutText()
	if r.Entry.Ticket != "" || r.Entry.Person != (Party{UserID: "u-felix"}) || r.Entry.Operator.Username != "Anna" || r.Result.Outcome != OutcomeDone {
		t.Errorf("without text: %+v", r)
	}
}

// A writer that holds the store does not hold up a reader.
func TestReadersDoNotWait(t *testing.T) {
	j := newTest(t)
	someActs(t, j)
	err := j.change(t.Context(), func(w *writer) error {
		if _, err := w.add(KindEvent, Entry{Act: ActStart}, "", Result{}); err != nil {
			return err
		}
		p, err := j.Search(t.Context(), Filter{Rights: Rights{All: true}})
		if len(p.Rows) != 7 {
			t.Errorf("%d rows", len(p.Rows))
		}
		n, _ := j.Head()
		if n != 8 {
			t.Errorf("head %d", n)
		}
		_, unfinished := j.Unfinished(t.Context(), 0)
		if err == nil {
			err = unfinished
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What ended is written even when the browser has hung up; what has not begun
// is not.
func TestCancelledContext(t *testing.T) {
	j := newTest(t)
	in := must[Intent](t)(j.Intend(t.Context(), decision(1)))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Step(gone, in, Step{Name: "granted"}); err != nil {
		t.Error(err)
	}
	if err := j.Outcome(gone, in, Result{Outcome: OutcomeDone}); err != nil {
		t.Error(err)
	}
	if _, err := j.Intend(gone, decision(2)); err == nil {
		t.Error("an intent of a request that is gone was written")
	}
}

// A journal of the first format is searched as well after its migration.
func TestMigrationFillsSearchTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db")
	j := openTest(t, path, nil)
	someActs(t, j)
	dump := func() (out string) {
		for _, q := range []string{`SELECT group_concat(n || environment || outcome || open) FROM acts`,
			`SELECT group_concat(name || user_id || field || entry || last) FROM (SELECT * FROM names WHERE user_id <> 'u-zoe' ORDER BY name)`, `SELECT back FROM clock`} {
			var s sql.NullString
			if err := j.DB().QueryRow(q).Scan(&s); err != nil {
				t.Fatal(err)
			}
			out += s.String + "\n"
		}
		return out
	}
	before := dump()
	dir := must[fs.FS](t)(fs.Sub(migrations, "migrations"))
	must[[]*goose.MigrationResult](t)(must[*goose.Provider](t)(goose.NewProvider(goose.DialectSQLite3, j.DB(), dir)).DownTo(t.Context(), 1))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = openTest(t, path, nil)
	defer j.Close()
	if after := dump(); after != before {
		t.Errorf("got\n%s\nwant\n%s", after, before)
	}
}
