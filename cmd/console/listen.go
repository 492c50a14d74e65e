package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// How long a stop may take: requests finish by themselves, then they are told
// to give up. Together less than the ten seconds that a supervisor waits.
var (
	graceToFinish = 8 * time.Second
	graceToGiveUp = 1500 * time.Millisecond
)

// server is an http.Server whose requests can all be told to give up.
type server struct {
	*http.Server
	giveUp context.CancelFunc
}

func newServer(h http.Handler, log *slog.Logger) server {
	ctx, giveUp := context.WithCancel(context.Background())
	return server{&http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerWithin,
		ReadTimeout:       bodyWithin,
		IdleTimeout:       idleWithin,
		MaxHeaderBytes:    maxHeader,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams, WriteByteTimeout: takeWithin},
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}, giveUp}
}

// serveUntil serves until ctx ends. Then it calls stopping, refuses what is
// new, and finishes what runs.
func serveUntil(ctx context.Context, s server, l net.Listener, stopping func()) error {
	defer s.giveUp()
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stopping()
	if s.shutdown(graceToFinish) == nil {
		return nil
	}
	s.giveUp()
	if err := s.shutdown(graceToGiveUp); err != nil {
		return errors.Join(fmt.Errorf("stopped with requests unfinished: %w", err), s.Close())
	}
	return nil
}

func (s server) shutdown(grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	return s.Shutdown(ctx)
}

// listen opens a port, or says why it cannot.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	return l, nil
}

// exitCode tells a person about err: settings that cannot be used are exit 2.
func exitCode(err error, errs io.Writer, command string) int {
	if err == nil {
		return 0
	}
	fmt.Fprintf(errs, "console %s: %v\n", command, err)
	if one, all := (Mistake{}), (Mistakes)(nil); errors.As(err, &one) || errors.As(err, &all) {
		return exitUsage
	}
	return exitFailed
}
