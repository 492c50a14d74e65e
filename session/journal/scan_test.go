package journal

import (
	"encoding/json"
	"testing"
)

// FuzzScan compares the reader of bodies with encoding/json.
func FuzzScan(f *testing.F) {
	f.Add("R", "anna", `a"\`, "reason", int64(7))
	f.Add("<>&\u2028", "é\x00", "{}[],:", "t", int64(-1))
	f.Fuzz(func(t *testing.T, role, operator, detail, field string, n int64) {
		rec := record{N: n, At: n * 3, Role: role, OperatorID: operator, Kind: KindStep, Prev: "00ff", Environment: detail,
			Details: map[string]string{detail: `\"`, "n": "9"}, EntitlementIDs: []string{detail, role}, Texts: map[string]string{field: detail}}
		body, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		var want record
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatal(err)
		}
		var got flat
		if !got.scan(body) {
			t.Fatalf("not read: %s", body)
		}
		if got.n != want.N || !got.filedAs(want.columns()[1:]) || string(got.env) != want.Environment || len(got.texts) != 1 {
			t.Errorf("%s read as %+v", body, got)
		}
		for i := range body { // no cut is read past its end
			got.scan(body[:i])
		}
	})
}
