package main

import (
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// figures of one address under load.
type figures struct {
	p50, p99 time.Duration
	rate     float64 // answers a second
}

func meterName() string {
	if _, err := exec.LookPath("wrk"); err == nil {
		return "wrk"
	}
	return "net/http"
}

// measure asks for an address again and again, by wrk when it is installed.
func measure(o options, address, header string) (figures, error) {
	if err := once(http.DefaultClient, address, header); err != nil {
		return figures{}, err
	}
	if meterName() == "wrk" {
		return byWrk(o, address, header)
	}
	return byHand(o, address, header)
}

func once(c *http.Client, address, header string) error {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	name, value, _ := strings.Cut(header, ": ")
	r.Header.Set(name, value)
	res, err := c.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", res.Status)
	}
	return nil
}

func byHand(o options, address, header string) (figures, error) {
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: o.workers}}
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var wg sync.WaitGroup
	begun := time.Now()
	for range o.workers {
		wg.Go(func() {
			var mine []time.Duration
			var err error
			for time.Since(begun) < o.span && err == nil {
				at := time.Now()
				err = once(c, address, header)
				mine = append(mine, time.Since(at))
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, mine...)
			if err != nil {
				failed = err
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return figures{}, failed
	}
	slices.Sort(all)
	return figures{all[len(all)/2], all[len(all)*99/100], float64(len(all)) / time.Since(begun).Seconds()}, nil
}

func byWrk(o options, address, header string) (figures, error) {
	out, err := exec.Command("wrk", "-t1", "-c"+strconv.Itoa(o.workers), "-d"+o.span.String(), "--latency", "-H", header, address).CombinedOutput()
	if err != nil {
		return figures{}, fmt.Errorf("wrk: %w\n%s", err, out)
	}
	var f figures
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && words[0] == "50%":
			f.p50, err = time.ParseDuration(words[1])
		case len(words) == 2 && words[0] == "99%":
			f.p99, err = time.ParseDuration(words[1])
		case len(words) == 2 && words[0] == "Requests/sec:":
			f.rate, err = strconv.ParseFloat(words[1], 64)
		case strings.HasPrefix(line, "  Non-2xx"):
			err = fmt.Errorf("%s", strings.TrimSpace(line))
		}
		if err != nil {
			return f, fmt.Errorf("wrk: %w\n%s", err, out)
		}
	}
	return f, nil
}
