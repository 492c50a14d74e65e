package obp_test

import (
	"encoding/json"
	"os"
	"testing"
)

// One journey through all 50 operations and the supporting ones, each with
// success and most with a refusal, against a whole server.
func TestLive(t *testing.T) {
	l := newLive(t)
	susan, anna, henry := l.as[susanAt], l.as[annaAt], l.as[henryAt]
	bella, carl, nora, felix := l.as[bellaAt], l.as[carlAt], l.as[noraAt], l.as[felixAt]
	felixID, robertID, obrienID := l.ids[felixAt], l.ids[robertAt], l.ids[obrienAt]

	l.oneself(susan, nora, felix)
	u := l.people(henry, nora)
	l.locks(henry, nora, felix)
	l.life(henry, nora, carl, u)
	l.roles(anna, bella, nora)
	l.requests(anna, nora)
	l.views(felix, nora, robertID)
	l.customers(felix, bella, carl, susan, obrienID)
	l.mine(felix, carl, felixID)
	l.newer(susan, anna, felixID)

	if l.calls == nil {
		return
	}
	called := l.calls()
	var ops []struct{ Operation, Method, Path string }
	text, err := os.ReadFile("testdata/operations.json")
	l.ok(err)
	l.ok(json.Unmarshal(text, &ops))
	for _, o := range ops {
		if called[o.Method+" /obp/v5.0.0"+o.Path] == 0 {
			t.Errorf("%s %s (%s) was not called", o.Method, o.Path, o.Operation)
		}
	}
}
