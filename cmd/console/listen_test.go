package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"
)

// serving runs h until stop is called; then the error of serveUntil comes.
func serving(t *testing.T, h http.HandlerFunc, stopping func()) (url string, stop func(), ended <-chan error) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- serveUntil(ctx, newServer(h, slog.New(slog.DiscardHandler)), l, stopping) }()
	return "http://" + l.Addr().String(), stop, done
}

type reply struct {
	body string
	err  error
}

func get(url string) <-chan reply {
	c := make(chan reply, 1)
	go func() {
		resp, err := http.Get(url)
		if err != nil {
			c <- reply{err: err}
			return
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		c <- reply{string(b), err}
	}()
	return c
}

// What runs at the stop is finished; what comes after it is refused.
func TestStopFinishes(t *testing.T) {
	arrived, release, stopping := make(chan bool), make(chan bool), make(chan bool)
	url, stop, ended := serving(t, func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		_, _ = io.WriteString(w, "finished")
	}, func() { close(stopping) })
	got := get(url)
	<-arrived
	stop()
	<-stopping
	waitRefused(t, url)
	close(release)
	if r := <-got; r.err != nil || r.body != "finished" {
		t.Errorf("the request under way: %+v", r)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// waitRefused waits until url takes no new connection.
func waitRefused(t *testing.T, url string) {
	t.Helper()
	addr := url[len("http://"):]
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		c.Close()
		if time.Now().After(end) {
			t.Fatal("new connections are still taken")
		}
	}
}

// A request that does not end is told to give up, and then cut off.
func TestStopGivesUp(t *testing.T) {
	finish, give := graceToFinish, graceToGiveUp
	t.Cleanup(func() { graceToFinish, graceToGiveUp = finish, give })
	if finish+give >= 10*time.Second {
		t.Errorf("a stop may take %s, want less than 10 s", finish+give)
	}
	graceToFinish, graceToGiveUp = time.Millisecond, patience
	arrived := make(chan bool)
	url, stop, ended := serving(t, func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		_, _ = io.WriteString(w, "gave up")
	}, func() {})
	got := get(url)
	<-arrived
	stop()
	if r := <-got; r.err != nil || r.body != "gave up" {
		t.Errorf("told to give up: %+v", r)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}

	graceToGiveUp = time.Millisecond
	deaf, arrived := make(chan bool), make(chan bool)
	url, stop, ended = serving(t, func(http.ResponseWriter, *http.Request) {
		close(arrived)
		<-deaf
	}, func() {})
	got = get(url)
	<-arrived
	stop()
	if err := <-ended; err == nil {
		t.Error("a request that does not end is not told of")
	}
	if r := <-got; r.err == nil {
		t.Errorf("cut off: %+v", r)
	}
	close(deaf)
}
