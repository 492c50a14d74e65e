package journal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// whatever frees a journal for a test that tampers with it.
const dropTriggers = `DROP TRIGGER entries_no_update; DROP TRIGGER entries_no_delete; DROP TRIGGER texts_no_update; `

func tamper(t testing.TB, j *Journal, sql string, args ...any) {
	t.Helper()
	if _, err := j.DB().Exec(spelled(j, sql), args...); err != nil {
		t.Fatal(sql, err)
	}
}

// column is a column that a verification answers for.
type tableColumn struct{ table, column string }

func provedColumns(t testing.TB, j *Journal) []tableColumn {
	t.Helper()
	var out []tableColumn
	for _, table := range provedTables {
		rows, err := j.DB().Query(spelled(j, `SELECT name FROM pragma_table_info(?)`), table)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			c := tableColumn{table: table}
			if err := rows.Scan(&c.column); err != nil {
				t.Fatal(err)
			}
			out = append(out, c)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

var provedTables = []string{"entries", "texts", "head", "acts", "names", "clock", "approvals"}

// everyKind fills a journal with entries of every kind of column's content.
func everyKind(t testing.TB, j *Journal) {
	fill(t, j)
	someActs(t, j)
	e := risky
	e.EntitlementRequestID, e.Target, e.BankID = "r9", "x", "b1"
	a := must[Approval](t)(j.FirstApproval(t.Context(), e))
	must[Approval](t)(j.Confirm(t.Context(), a.ID, Entry{Operator: bob}, nil))
	must[Intent](t)(j.UseApproval(t.Context(), a.ID, e))
}

// flip changes one bit of a value, or a number, keeping its type.
func flip(r *rand.Rand, v any) any {
	switch v := v.(type) {
	case int64:
		return v ^ 1<<r.IntN(20)
	case string:
		if v == "" {
			return "x"
		}
		b := []byte(v)
		b[r.IntN(len(b))] ^= 1 << r.IntN(7)
		return string(b)
	case []byte:
		b := bytes.Clone(v)
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		return b
	}
	return v
}

// An edit of any byte of any stored column is found, and one that changes a
// value's type alone: security 40.
func TestVerifyFindsAnyEdit(t *testing.T) {
	j := newTest(t)
	everyKind(t, j)
	tamper(t, j, dropTriggers)
	verify := func() bool {
		rep, err := j.Verify(t.Context(), VerifyOptions{})
		return err == nil && rep.OK
	}
	if !verify() {
		t.Fatal("not intact before")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range provedColumns(t, j) {
		key := map[bool]string{false: "rowid", true: "n"}[j.shared()]
		switch c.table {
		case "head", "clock":
			key = "id"
		case "texts":
			key = "(n || field)"
		case "approvals":
			key = "id"
		case "names":
			key = "(name || user_id || field || entry)"
		}
		tries := 3
		if j.shared() { // columns hold one type, and every table is copied there and back
			tries = 1
		}
		for range tries {
			var id, was any
			err := j.DB().QueryRow(spelled(j, fmt.Sprintf(`SELECT %s, %s FROM %s ORDER BY hex(%s) LIMIT 1 OFFSET (SELECT abs(?) %% count(*) FROM %s)`,
				key, c.column, c.table, key, c.table)), r.Int64()).Scan(&id, &was)
			if err != nil {
				t.Fatal(c, err)
			}
			for _, to := range []any{flip(r, was), retype(was)}[:min(tries, 2)] {
				// the key may be what is edited: the row is found again by its new value
				tx, err := j.DB().Begin()
				if err != nil {
					t.Fatal(err)
				}
				if _, err = tx.Exec(`CREATE TABLE saved AS SELECT * FROM ` + c.table); err == nil {
					_, err = tx.Exec(fmt.Sprintf(`UPDATE %s SET %s = ? WHERE %s = ?`, c.table, c.column, key), to, id)
				}
				if err != nil { // the schema itself refuses
					if err := tx.Rollback(); err != nil {
						t.Fatal(err)
					}
					continue
				}
				if err := tx.Commit(); err != nil {
					t.Fatal(err)
				}
				if verify() {
					var now any
					_ = j.DB().QueryRow(fmt.Sprintf(`SELECT %s FROM %s WHERE %s = ?`, c.column, c.table, key), id).Scan(&now)
					if fmt.Sprintf("%T%v", now, now) != fmt.Sprintf("%T%v", was, was) {
						t.Errorf("%v of row %v: a %T became a %T unseen", c, id, was, to)
					}
				}
				tamper(t, j, `DELETE FROM `+c.table+`; INSERT INTO `+c.table+` SELECT * FROM saved; DROP TABLE saved`)
			}
		}
	}
	if !verify() {
		t.Error("not intact after")
	}
}

// retype gives the same value as a blob, which no search finds.
func retype(v any) any {
	switch v := v.(type) {
	case string:
		return []byte(v)
	case int64:
		return fmt.Appendf(nil, "%d", v)
	}
	return v
}

// Rows that were put in or taken away are found in each table: security 40.
func TestVerifyFindsRows(t *testing.T) {
	for name, sql := range map[string]string{
		"act gone":               `DELETE FROM acts WHERE n = 4`,
		"act invented":           `INSERT INTO acts VALUES (5, 'test', 'done', 0)`,
		"act beyond the end":     `INSERT INTO acts VALUES (500, 'test', 'done', 0)`,
		"alarm hushed":           `UPDATE acts SET open = 0 WHERE open = 1`,
		"name gone":              `DELETE FROM names WHERE name = 'felix' AND user_id <> ''`,
		"name invented":          `INSERT INTO names VALUES ('eve', 'u-felix', '', 0, 3)`,
		"nameless name gone":     `DELETE FROM names WHERE user_id = ''`,
		"nameless name invented": `INSERT INTO names VALUES ('eve', '', 'operator', 3, 3)`,
		"text invented":          `INSERT INTO texts VALUES (1, 'note', x'00', 'he did it')`,
		"text of no entry":       `INSERT INTO texts VALUES (500, 'note', x'00', 'he did it')`,
		"text of an odd number":  `INSERT INTO texts VALUES ('x', 'note', x'00', 'he did it')`,
		"approval invented":      `INSERT INTO approvals VALUES ('x', 'confirmed', 'grant', 'u-anna', 'u-bob', 'u-felix', 'R', '', '', '', 1, 2, 3, '')`,
		"clock's note gone":      `DELETE FROM clock; INSERT INTO clock VALUES (1, 5)`,
		"entry invented":         `INSERT INTO entries SELECT 500, at, kind, act_id, parent_id, act, operator_id, person_id, role, bank_id, request_id, outcome, body, hash FROM entries WHERE n = 1`,
		"first entries gone":     `DELETE FROM entries WHERE n < 4`,
		"all gone":               `DELETE FROM entries; DELETE FROM head; DELETE FROM texts; DELETE FROM acts; DELETE FROM names; UPDATE clock SET back = 0`,
		"older head put back":    `DELETE FROM entries WHERE n > 9; DELETE FROM texts WHERE n > 9; DELETE FROM acts WHERE n > 9; UPDATE head SET n = h.n, hash = h.hash, seal = h.seal FROM old h`,
	} {
		if server.Postgres != nil && strings.Contains(name, "odd number") {
			continue // its column holds numbers only
		}
		t.Run(name, func(t *testing.T) {
			j := newTest(t)
			fill(t, j)
			tamper(t, j, dropTriggers+`CREATE TABLE old AS SELECT * FROM head`)
			someActs(t, j)
			tamper(t, j, sql)
			if rep, err := j.Verify(t.Context(), VerifyOptions{}); err == nil && rep.OK {
				t.Error("unseen")
			}
		})
	}
}

// An entry that was edited and given the hash of its new body does not fit the
// one after it, nor the last one the head: security 40.
func TestVerifyFindsEditWithItsHash(t *testing.T) {
	for _, n := range []int64{1, 4, 9} {
		j := newTest(t)
		fill(t, j)
		tamper(t, j, dropTriggers)
		var body []byte
		if err := j.DB().QueryRow(`SELECT body FROM entries WHERE n = ?`, n).Scan(&body); err != nil {
			t.Fatal(err)
		}
		body = bytes.Replace(body, []byte(`"obp_code":""`), []byte(`"obp_code":"x"`), 1)
		sum := sha256.Sum256(body)
		tamper(t, j, `UPDATE entries SET body = ?, hash = ? WHERE n = ?`, body, sum[:], n)
		if n == 9 {
			tamper(t, j, `UPDATE head SET hash = ?`, sum[:])
		}
		j.head.Store(&head{}) // as a process that wrote nothing
		if rep := must[Report](t)(j.Verify(t.Context(), VerifyOptions{})); rep.OK {
			t.Errorf("entry %d", n)
		}
	}
}

// A verification holds up no writer and sees one moment only.
func TestVerifyBesideWriters(t *testing.T) {
	j := newTest(t)
	build(t, j, 1200)
	ctx, cancel := context.WithCancel(t.Context())
	wrote := make(chan int)
	go func() {
		n := 0
		for ; ctx.Err() == nil; n++ {
			in, err := j.Intend(context.Background(), decision(n))
			if err == nil {
				err = j.Outcome(context.Background(), in, Result{Outcome: OutcomeDone})
			}
			if err != nil {
				t.Error(err)
			}
		}
		wrote <- n
	}()
	for i := range 4 {
		run := j.Verify
		if i%2 == 1 {
			run = j.VerifySince
		}
		if rep, err := run(t.Context(), VerifyOptions{}); err != nil || !rep.OK || !rep.Reached {
			t.Errorf("%+v %v", rep, err)
		}
	}
	cancel()
	if <-wrote == 0 {
		t.Error("nothing was written meanwhile")
	}
	if _, err := j.Verify(ctx, VerifyOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// An earlier key is accepted, a foreign one is not.
func TestVerifyKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db")
	j := openTest(t, path, nil)
	fill(t, j)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		o    Options
		want bool
	}{{Options{Path: path, Key: [32]byte{9}, PreviousKeys: [][32]byte{{1, 2, 3}}}, true}, {Options{Path: path, Key: [32]byte{9}}, false}} {
		j := must[*Journal](t)(Open(t.Context(), placed(t, c.o)))
		if rep := must[Report](t)(j.Verify(t.Context(), VerifyOptions{})); rep.OK != c.want {
			t.Errorf("%+v", rep)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A ruined journal gives a report that can still be read, without any text.
func TestFaultsAreBounded(t *testing.T) {
	j := newTest(t)
	build(t, j, 600)
	tamper(t, j, dropTriggers+`DELETE FROM texts`)
	rep := must[Report](t)(j.Verify(t.Context(), VerifyOptions{}))
	if len(rep.Faults) != maxFaults || !rep.MoreFaults || rep.Faults[0].Kind != FaultTextMissing {
		t.Errorf("%d faults, %+v", len(rep.Faults), rep.Faults[0])
	}
	if strings.Contains(fmt.Sprint(rep), "agreed with") || !slices.ContainsFunc(rep.Faults, func(f Fault) bool { return f.N == 1 }) {
		t.Error("faults tell text, or not the entry")
	}
}
