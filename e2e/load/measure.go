package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// figures of a load.
type figures struct {
	p50, p99 time.Duration
	rate     float64 // answers a second
}

// request is one that is asked again and again.
type request struct{ address, name, value string } // name and value of its header

func withCookie(address, cookie string) request { return request{address, "Cookie", cookie} }

// measure asks for each request in turn, workers of them at a time and the next
// as soon as one is answered. Any answer but 200 is a failure.
func measure(workers int, span time.Duration, all ...request) (figures, error) {
	for _, r := range all[:min(len(all), 10)] {
		if _, err := once(r); err != nil {
			return figures{}, err
		}
	}
	var targets []vegeta.Target
	for _, r := range all {
		targets = append(targets, vegeta.Target{Method: http.MethodGet, URL: r.address, Header: http.Header{r.name: {r.value}}})
	}
	var next atomic.Uint64
	targeter := func(t *vegeta.Target) error {
		*t = targets[next.Add(1)%uint64(len(targets))]
		return nil
	}
	a := vegeta.NewAttacker(vegeta.Workers(uint64(workers)), vegeta.MaxWorkers(uint64(workers)), vegeta.Redirects(vegeta.NoFollow), vegeta.Timeout(time.Minute))
	var m vegeta.Metrics
	for r := range a.Attack(targeter, vegeta.ConstantPacer{}, span, "") {
		m.Add(r)
	}
	m.Close()
	for code, n := range m.StatusCodes {
		if code != "200" {
			return figures{}, fmt.Errorf("%d of %d answers are %s: %v", n, m.Requests, code, m.Errors)
		}
	}
	return figures{m.Latencies.P50, m.Latencies.P99, m.Throughput}, nil
}

// once gives what is answered.
func once(r request) (string, error) {
	q, err := http.NewRequest(http.MethodGet, r.address, nil)
	if err != nil {
		return "", err
	}
	q.Header.Set(r.name, r.value)
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || res.Request.URL.Path != q.URL.Path) {
		err = fmt.Errorf("%s is answered %s by %s", r.address, res.Status, res.Request.URL.Path)
	}
	return string(b), err
}

// print says what was measured in a line of a table.
func (f figures) print(name string) {
	fmt.Printf("%-34s %10s %10s %12.0f\n", name, round(f.p50), round(f.p99), f.rate)
}

func head(title string) {
	fmt.Printf("\n%s\n%s\n%-34s %10s %10s %12s\n", title, strings.Repeat("-", len(title)), "", "p50", "p99", "a second")
}

func round(d time.Duration) time.Duration {
	return d.Round(10 * time.Microsecond)
}
