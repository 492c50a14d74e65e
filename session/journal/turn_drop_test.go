package journal

import (
	"testing"
	"time"
)

// A turn that a dead process left does not keep others waiting after a start.
func TestDropTurns(t *testing.T) {
	j, err := Open(t.Context(), Options{Path: t.TempDir() + "/j.db", Key: [32]byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	k := TurnKey{UserID: "u1", Role: "CanX"}
	if _, err := j.TakeTurn(t.Context(), k, Party{UserID: "a"}, "act1", time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := j.TakeTurn(t.Context(), k, Party{UserID: "b"}, "act2", time.Hour); err == nil {
		t.Fatal("two hold one turn")
	}
	if err := j.DropTurns(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := j.TakeTurn(t.Context(), k, Party{UserID: "b"}, "act2", time.Hour); err != nil {
		t.Error(err)
	}
}
