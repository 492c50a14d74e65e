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
func rss(t testing.TB) int {
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
func scaled(t testing.TB, n int) (*rig, *httptest.Server, string) {
	t.Helper()
	g := newRigOf(t, sandbox.Grow(deskWorld(), sandbox.Scale{Users: n, Seed: 3}, start))
	front := httptest.NewServer(g.srv)
	t.Cleanup(front.Close)
	return g, front, g.signIn(helper).cookie
}

func export(ctx context.Context, t testing.TB, front *httptest.Server, cookie string) *http.Response {
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

// csvLines counts the lines of an export to its end; seen looks at every 25,000th.
func csvLines(t testing.TB, body *bufio.Reader, seen func()) (lines int) {
	t.Helper()
	for {
		_, err := body.ReadString('\n')
		if err == io.EOF {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		if lines++; lines%25_000 == 0 {
			seen()
		}
	}
}

// The CSV of 100,000 people is streamed: its first line is there while OBP has
// given no more than the first page, no more is held in memory at the end than
// in the middle, and every row is there.
func TestUsersCSVOfMany(t *testing.T) {
	g, front, cookie := scaled(t, 100_000)
	if err := g.obp.SetFault(opUsers, sandbox.Fault{Skip: 1, Times: 1, Hold: "before"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	inVain := time.AfterFunc(time.Minute, cancel)
	res := export(ctx, t, front, cookie)
	defer res.Body.Close()
	body := bufio.NewReader(res.Body)
	head, err := body.ReadString('\n')
	if err != nil || res.StatusCode != http.StatusOK || !strings.HasPrefix(head, "user_id,") {
		t.Fatalf("before the second page: %d %q %v", res.StatusCode, head, err)
	}
	if err := g.obp.WaitHeld(ctx, opUsers, "before", 1); err != nil {
		t.Fatal(err)
	}
	inVain.Stop()
	g.obp.Release(opUsers)
	kept, live := heap(), 0
	lines := csvLines(t, body, func() { live = max(live, heap()) })
	if want := len(g.obp.World().Users) - 1; lines != want { // one is deleted
		t.Errorf("%d people, want %d", lines, want)
	}
	if live > kept+16 {
		t.Errorf("what is held grew from %d MiB to %d MiB", kept, live)
	}
}

// BenchmarkUsersCSV tells of an export of 100,000 people how long its first
// byte takes, and the memory in use before and at most during; the stand-in's
// people are in the same process.
func BenchmarkUsersCSV(b *testing.B) {
	_, front, cookie := scaled(b, 100_000)
	before, most, first := rss(b), 0, time.Duration(0)
	for b.Loop() {
		begun := time.Now()
		res := export(b.Context(), b, front, cookie)
		body := bufio.NewReader(res.Body)
		if _, err := body.Peek(1); err != nil || res.StatusCode != http.StatusOK {
			b.Fatalf("%d %v", res.StatusCode, err)
		}
		first = max(first, time.Since(begun))
		csvLines(b, body, func() { most = max(most, rss(b)) })
		res.Body.Close()
	}
	b.ReportMetric(float64(first.Microseconds())/1000, "ms-to-first-byte")
	b.ReportMetric(float64(before), "MiB-before")
	b.ReportMetric(float64(most), "MiB-at-most")
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
