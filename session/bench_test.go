package session

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
)

// BenchmarkRequest is what a signed-in request pays: find, decrypt, check.
func BenchmarkRequest(b *testing.B) {
	sqlite, err := OpenSQLite(b.Context(), b.TempDir()+"/sessions.db")
	if err != nil {
		b.Fatal(err)
	}
	defer sqlite.Close()
	for name, s := range map[string]Store{"memory": MemoryStore(), "sqlite": sqlite} {
		b.Run(name, func(b *testing.B) {
			c := &clock{}
			m, err := New(Options{Store: s, Key: [32]byte{1}, Now: c.now})
			if err != nil {
				b.Fatal(err)
			}
			br := &browser{t: b, m: m}
			br.signIn(anna)
			h := m.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			r := httptest.NewRequest("GET", "/", nil)
			r.AddCookie(&http.Cookie{Name: CookieName, Value: br.cookie})
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}

// BenchmarkMemory reports the heap of 1,000 sessions in the memory store.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		m, err := New(Options{Store: MemoryStore(), Key: [32]byte{1}})
		if err != nil {
			b.Fatal(err)
		}
		for i := range 1000 {
			s := anna
			s.UserID = fmt.Sprint("u-", i)
			br := &browser{t: b, m: m}
			br.must(func(ctx context.Context) error { return m.SignIn(ctx, s) })
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1000, "B/session")
		runtime.KeepAlive(m)
	}
}

// BenchmarkList reads 1,000 live sessions, as a scrape of the metrics does.
func BenchmarkList(b *testing.B) {
	m, err := New(Options{Store: MemoryStore(), Key: [32]byte{1}})
	if err != nil {
		b.Fatal(err)
	}
	for i := range 1000 {
		s := anna
		s.UserID = fmt.Sprint("u-", i)
		br := &browser{t: b, m: m}
		br.must(func(ctx context.Context) error { return m.SignIn(ctx, s) })
	}
	for b.Loop() {
		if list, err := m.List(b.Context()); err != nil || len(list) != 1000 {
			b.Fatal(len(list), err)
		}
	}
}
