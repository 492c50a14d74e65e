package journal

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func exported(t testing.TB, j *Journal, f Filter) string {
	t.Helper()
	var b bytes.Buffer
	must[Exported](t)(j.ExportNDJSON(t.Context(), &b, f))
	return b.String()
}

func checkExport(t testing.TB, text string, o VerifyOptions, keys ...[32]byte) ExportReport {
	t.Helper()
	return must[ExportReport](t)(VerifyExport(strings.NewReader(text), keys, o))
}

var (
	testKey = [32]byte{1, 2, 3}
	whole   = Filter{Rights: Rights{All: true}}
)

// An exported journal is proved offline: edits, deletion, reordering and a cut
// tail are found (security 40).
func TestVerifyExport(t *testing.T) {
	j := newTest(t)
	fill(t, j)
	must[Erased](t)(j.Erase(t.Context(), dpo, Erasure{PersonID: "u-felix"}))
	fill(t, j)
	text := exported(t, j, whole)
	n, hash := j.Head()
	rep := checkExport(t, text, VerifyOptions{ExpectedN: n, ExpectedHash: hash}, testKey)
	if !rep.OK || !rep.Complete || rep.Entries != n || rep.Erased == 0 || !strings.Contains(rep.Proves, "Every entry") {
		t.Errorf("%+v", rep)
	}
	if rep := checkExport(t, text, VerifyOptions{}); !rep.OK || rep.KeyChecked || rep.Proves != provesNoSeal {
		t.Errorf("without a key: %+v", rep)
	}
	if rep := checkExport(t, text, VerifyOptions{}, [32]byte{9}); rep.OK {
		t.Error("a foreign key seals")
	}
	if rep := checkExport(t, text, VerifyOptions{ExpectedN: n + 1, ExpectedHash: "00"}, testKey); rep.OK {
		t.Error("a later head was noted elsewhere")
	}
	if rep := checkExport(t, text, VerifyOptions{ExpectedN: 4, ExpectedHash: "00"}, testKey); rep.OK {
		t.Error("another entry was noted elsewhere")
	}
	lines := strings.SplitAfter(text, "\n")
	edited := func(i int, from, to string) string {
		l := slices.Clone(lines)
		if !strings.Contains(l[i], from) {
			t.Fatalf("line %d has no %s: %s", i, from, l[i])
		}
		l[i] = strings.Replace(l[i], from, to, 1)
		return strings.Join(l, "")
	}
	for name, bad := range map[string]string{
		"empty":             "",
		"no export":         "<html>\n",
		"body edited":       edited(4, "CanCreateBranch", "CanCreateBank"),
		"reason edited":     edited(11, "canary-reason", "another"),
		"reason taken away": edited(11, `"reason":{`, `"reasom":{`),
		"hash edited":       edited(5, `"hash":"`, `"hash":"00`),
		"head edited":       edited(0, `"environment":"test"`, `"environment":"live"`),
		"declared a part":   edited(0, `"complete":true`, `"complete":false`),
		"deletion":          strings.Join(slices.Delete(slices.Clone(lines), 5, 6), ""),
		"reordering":        strings.Join(append([]string{lines[0], lines[2], lines[1]}, lines[3:]...), ""),
		"cut tail":          strings.Join(lines[:8], ""),
		"cut within a line": text[:len(text)-300],
		"more after":        text + lines[3],
		"tail cut, end put": strings.Join(append(slices.Clone(lines[:8]), lines[len(lines)-2:]...), ""),
	} {
		for _, keys := range [][][32]byte{nil, {testKey}} {
			if rep := checkExport(t, bad, VerifyOptions{}, keys...); rep.OK || rep.Proves != "" {
				t.Errorf("%s with %d keys is unseen", name, len(keys))
			}
		}
	}
}

// A part is proved to be what was exported, and says that it is no more.
func TestVerifyExportOfPart(t *testing.T) {
	j := newTest(t)
	fill(t, j)
	someActs(t, j)
	for _, f := range []Filter{{Person: "zoe@example.com", Rights: Rights{All: true}}, {Rights: Rights{BankIDs: []string{"b1"}}}, {Request: "r1", Limit: 1, Before: 1, Rights: Rights{All: true}}} {
		text := exported(t, j, f)
		rep := checkExport(t, text, VerifyOptions{}, testKey)
		if !rep.OK || rep.Complete || rep.Entries == 0 || rep.Proves != provesPart {
			t.Errorf("%+v: %+v", f, rep)
		}
		lines := strings.SplitAfter(text, "\n")
		for i := range len(lines) - 1 {
			if rep := checkExport(t, strings.Join(slices.Delete(slices.Clone(lines), i, i+1), ""), VerifyOptions{}, testKey); rep.OK {
				t.Errorf("%+v: line %d taken away is unseen", f, i)
			}
		}
		if n, hash := j.Head(); checkExport(t, text, VerifyOptions{ExpectedN: n, ExpectedHash: "no" + hash[2:]}, testKey).OK {
			t.Error("another head was noted elsewhere")
		}
	}
	if rep := checkExport(t, exported(t, j, Filter{}), VerifyOptions{}, testKey); rep.Entries != 0 || !rep.OK || rep.Complete {
		t.Errorf("without a right: %+v", rep)
	}
}

// Hostile text stays what it was through export and verification; formulas in
// CSV are escaped and rights hold (security 43).
func TestExportOfHostileText(t *testing.T) {
	j := newTest(t)
	texts := []string{"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "a\x00b", "bad\xffutf8", "line\nbreak,\"quoted\"", "<b>&\u2028", `{"a":"}"}`, "harmless"}
	for _, s := range texts {
		event(t, j, Entry{Act: ActGrant, BankID: "b1", Operator: Party{UserID: "u", Username: s}, Person: Party{Username: s, Email: s}, Reason: s, Role: s, Target: s, Details: map[string]string{s: s}}, OutcomeDone)
	}
	event(t, j, Entry{Act: ActGrant, BankID: "b2", Reason: "canary"}, OutcomeDone)
	if rep := checkExport(t, exported(t, j, whole), VerifyOptions{}, testKey); !rep.OK {
		t.Errorf("%+v", rep)
	}
	if rep := must[Report](t)(j.Verify(t.Context(), VerifyOptions{})); !rep.OK {
		t.Errorf("%+v", rep)
	}
	var b bytes.Buffer
	out := must[Exported](t)(j.ExportCSV(t.Context(), &b, Filter{Rights: Rights{BankIDs: []string{"b1"}}}))
	rows := must[[][]string](t)(csv.NewReader(&b).ReadAll())
	if out.Rows != int64(len(texts)) || len(rows) != len(texts)+1 {
		t.Fatalf("%d rows, %+v", len(rows), out)
	}
	for i, r := range rows {
		for k, cell := range r {
			if strings.ContainsAny(strings.TrimLeft(cell, " ")[:min(1, len(strings.TrimLeft(cell, " ")))], "=+-@\t\r") || strings.HasPrefix(cell, "＝") {
				t.Errorf("row %d, %s: %q", i, csvHead[k], cell)
			}
			if strings.Contains(cell, "canary") {
				t.Error("another bank's")
			}
		}
	}
	if got := rows[len(rows)-1][20]; got != "harmless" || rows[1][20] != "'"+texts[0] {
		t.Errorf("%q, %q", got, rows[1][20])
	}
}

// slowWriter reads the journal while it is being exported.
type slowWriter struct {
	io.Writer
	between func()
}

func (w *slowWriter) Write(p []byte) (int, error) {
	w.between()
	return w.Writer.Write(p)
}

// A receiver that takes its time holds up no writer, and gets what was there
// when it began.
func TestExportBesideWriters(t *testing.T) {
	j := newTest(t)
	build(t, j, 1200)
	var b bytes.Buffer
	n := 0
	out := must[Exported](t)(j.ExportNDJSON(t.Context(), &slowWriter{&b, func() { n++; event(t, j, decision(n), OutcomeDone) }}, whole))
	if rep := checkExport(t, b.String(), VerifyOptions{}, testKey); !rep.OK || rep.Entries != 1200 || out.Rows != 1200 || n < 5 {
		t.Errorf("%+v, written in %d pieces", rep, n)
	}
	erase := func() { must[Erased](t)(j.Erase(t.Context(), dpo, Erasure{PersonID: "u1"})) }
	if _, err := j.ExportNDJSON(t.Context(), &slowWriter{io.Discard, erase}, whole); err == nil {
		t.Error("text was erased in the middle of an export, which does not say so")
	}
	broken := errors.New("broken pipe")
	if _, err := j.ExportCSV(t.Context(), failing{broken}, whole); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ error }

func (f failing) Write([]byte) (int, error) { return 0, f.error }

// FuzzVerifyExport: any byte changed, cut off or put in is found, and no bytes
// crash the reader of foreign files.
func FuzzVerifyExport(f *testing.F) {
	j := openTest(f, f.TempDir()+"/j.db", nil)
	defer j.Close()
	fill(f, j)
	text := exported(f, j, whole)
	f.Add(uint(300), uint(300), []byte("x"))
	f.Add(uint(0), uint(len(text)), []byte("{}\n"))
	f.Add(uint(len(text)-1), uint(len(text)), []byte{})
	f.Fuzz(func(t *testing.T, from, to uint, by []byte) {
		from = min(from, uint(len(text)))
		to = min(max(to, from), uint(len(text)))
		b := text[:from] + string(by) + text[to:]
		rep, err := VerifyExport(strings.NewReader(b), [][32]byte{testKey}, VerifyOptions{})
		if err == nil && rep.OK && b != text {
			t.Errorf("%q in place of %d to %d is taken for intact", by, from, to)
		}
	})
}

func TestCSVTimes(t *testing.T) {
	j := newTest(t)
	fill(t, j)
	var b bytes.Buffer
	must[Exported](t)(j.ExportCSV(t.Context(), &b, whole))
	rows := must[[][]string](t)(csv.NewReader(&b).ReadAll())
	at := must[time.Time](t)(time.Parse(time.RFC3339Nano, rows[1][1]))
	ended := must[time.Time](t)(time.Parse(time.RFC3339Nano, rows[1][30]))
	if rows[1][0] != "1" || rows[3][0] != "7" || !ended.After(at) || rows[1][34] != "e0" || len(rows[1]) != len(csvHead) {
		t.Errorf("%q", rows[1])
	}
}
