package handlers

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
	"time"

	"obpconsole/obp/sandbox"
	"obpconsole/session"
	"obpconsole/web/templates"
)

// A page of the list costs the same wherever it lies and however many there
// are: the stand-in is asked for one page alone.
func BenchmarkUsersList(b *testing.B) {
	for _, n := range []int{100, 1_000_000} {
		g := newRigOf(b, sandbox.Grow(deskWorld(), sandbox.Scale{Users: n, Seed: 3}, start))
		who := g.signIn(helper)
		last := len(g.obp.World().Users) - 1 - 25
		for _, p := range []struct {
			name string
			from int
		}{{"first page", 0}, {"page 10000", 249_975}, {"last page", last}} {
			from := p.from
			if from > last {
				continue
			}
			b.Run(fmt.Sprintf("%d users, %s", n, p.name), func(b *testing.B) {
				runtime.GC() // the stand-in's people are in this process: to go through them is not the page's work
				defer debug.SetGCPercent(debug.SetGCPercent(-1))
				for b.Loop() {
					if a := who.get(templates.Users(templates.UserQuery{From: from})); a.StatusCode != http.StatusOK || len(people(a)) != 25 {
						b.Fatalf("%d, %d rows", a.StatusCode, len(people(a)))
					}
				}
			})
		}
	}
}

// rss is the memory of this process that is in use, in MiB, once garbage is gone.
func rss(t *testing.T) int {
	t.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	f, err := os.Open("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if v, ok := strings.CutPrefix(s.Text(), "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(v), " kB"))
			return kb >> 10
		}
	}
	t.Fatal("no VmRSS")
	return 0
}

// heap is what this process holds on to, in MiB, garbage aside. What is
// allocated while a collection runs counts as held, so the least of three counts:
// a stream that nobody reads stands still.
func heap() int {
	least := math.MaxInt
	for range 3 {
		runtime.GC()
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}} // what the collection found, not what the others have allocated since
		metrics.Read(live)
		least = min(least, int(live[0].Value.Uint64()>>20))
	}
	return least
}

// scaled is the console on a port of its own before many people, with a cookie
// of somebody who may export.
func scaled(t *testing.T, n int) (*rig, *httptest.Server, string) {
	t.Helper()
	g := newRigOf(t, sandbox.Grow(deskWorld(), sandbox.Scale{Users: n, Seed: 3}, start))
	front := httptest.NewServer(g.srv)
	t.Cleanup(front.Close)
	return g, front, g.signIn(helper).cookie
}

func export(ctx context.Context, t *testing.T, front *httptest.Server, cookie string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "POST", front.URL+templates.ExportUsersPattern, strings.NewReader(url.Values{}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Cookie", session.CookieName+"="+cookie)
	res, err := front.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// The CSV of 100,000 people is streamed: its first byte comes at once, no more
// is held in memory at the end than in the middle, and every row is there.
func TestUsersCSVOfMany(t *testing.T) {
	const n = 100_000
	g, front, cookie := scaled(t, n)
	before := rss(t)
	begun := time.Now()
	res := export(t.Context(), t, front, cookie)
	defer res.Body.Close()
	body := bufio.NewReader(res.Body)
	if _, err := body.ReadByte(); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %v", res.StatusCode, err)
	}
	first := time.Since(begun)
	lines, most, kept, live := 0, 0, heap(), 0
	for {
		_, err := body.ReadString('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if lines++; lines%25_000 == 0 {
			most, live = max(most, rss(t)), max(live, heap())
		}
	}
	t.Logf("first byte after %v, all %d lines after %v; memory in use before %d MiB, at most %d MiB during", first.Round(time.Millisecond), lines, time.Since(begun).Round(time.Millisecond), before, most)
	if want := len(g.obp.World().Users); lines != want { // a head, and one is deleted
		t.Errorf("%d lines, want %d", lines, want)
	}
	if live > kept+16 {
		t.Errorf("what is held grew from %d MiB to %d MiB", kept, live)
	}
}

// When the reader goes away, OBP is asked for no more, and the record says that
// the file was cut.
func TestUsersCSVIsCancelled(t *testing.T) {
	g, front, cookie := scaled(t, 20_000)
	if err := g.obp.SetFault(opUsers, sandbox.Fault{Skip: 3, Hold: "before"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	res := export(ctx, t, front, cookie)
	if _, err := res.Body.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := g.obp.WaitHeld(t.Context(), opUsers, "before", 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	res.Body.Close()
	for len(g.acts("export")) == 0 || !g.acts("export")[0].Finished() {
		if t.Context().Err() != nil {
			t.Fatal("the export does not end")
		}
		runtime.Gosched()
	}
	if row := g.acts("export")[0]; row.Result.Details["complete"] != "false" || row.Result.Details["rows"] == "0" {
		t.Errorf("recorded %+v", row.Result)
	}
	if n := g.obp.Calls()["GET /obp/v5.0.0/users"]; n > 5 {
		t.Errorf("%d pages were asked for", n)
	}
}
