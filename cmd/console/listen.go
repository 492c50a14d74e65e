package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const graceToFinish = 10 * time.Second

// listenAndServe says "listening on http://HOST:PORT" in one line, and serves
// until ctx ends; then it finishes what runs, for ten seconds at most.
func listenAndServe(ctx context.Context, addr string, h http.Handler, out, errs io.Writer) int {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		fmt.Fprintf(errs, "console: cannot listen on %s: %v\n", addr, err)
		return exitFailed
	}
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	fmt.Fprintf(out, "listening on http://%s\n", l.Addr())
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		fmt.Fprintf(errs, "console: %v\n", err)
		return exitFailed
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), graceToFinish)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil && !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintf(errs, "console: stopped with requests unfinished: %v\n", err)
		return exitFailed
	}
	return 0
}
