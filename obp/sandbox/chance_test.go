package sandbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestParseFault(t *testing.T) {
	op, f, err := ParseFault("POST /users/*/entitlements=503@0.25")
	if err != nil || op != "POST /users/*/entitlements" || f.Status != 503 || f.Chance != 0.25 {
		t.Errorf("%q %+v %v", op, f, err)
	}
	for _, bad := range []string{"", "POST /x", "/x=503", "POST /x=abc", "POST /x=99", "POST /x=503@2", "POST /x=503@0"} {
		if _, _, err := ParseFault(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// TestChance: the same seed fails the same calls, and only those of the pattern.
func TestChance(t *testing.T) {
	var runs [2]string
	for i := range runs {
		b := newBench(t)
		if err := b.s.SetFault("GET /users/*/entitlement*", Fault{Status: 503}); err == nil {
			t.Error("a * inside a part was taken")
		}
		if err := b.s.SetFault("GET /users/*/entitlements", Fault{Status: 503, Chance: 0.5}); err != nil {
			t.Fatal(err)
		}
		for range 40 {
			runs[i] += fmt.Sprint(b.send(t.Context(), "GET", "/users/"+b.nora+"/entitlements", "").status)
		}
		if a := b.send(t.Context(), "GET", "/entitlement-requests", ""); a.status != 200 {
			t.Errorf("another operation: %d", a.status)
		}
	}
	if n := strings.Count(runs[0], "503"); n < 10 || n > 30 || runs[0] != runs[1] {
		t.Errorf("%d of 40 failed; runs agree: %v", n, runs[0] == runs[1])
	}
}

func TestLatency(t *testing.T) {
	s, err := New(DemoWorld(time.Now()), Options{Latency: 20 * time.Millisecond, Jitter: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, httptest.NewRequest("GET", prefix+"/banks", http.NoBody))
	if took := time.Since(begin); rec.Code != 200 || took < 15*time.Millisecond {
		t.Errorf("%d after %v", rec.Code, took)
	}
}
