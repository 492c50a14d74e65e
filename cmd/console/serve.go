package main

import (
	"context"
	"io"
	"log/slog"
)

const serveText = `Runs the console in front of an OBP server. It takes no flags: every setting is
an environment variable, and two are needed:

  OBP_BASE_URL=https://obp.example.com OBP_CONSUMER_KEY=... console serve

The settings:

`

// serveCommand runs the console in front of a real OBP server.
func serveCommand(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	fs := flags("serve", serveText+settingsText())
	if code, done := parse(fs, args, out, errs); done {
		return code
	}
	c, err := readConfig(environ(getenv))
	if err != nil {
		return exitCode(err, errs, "serve")
	}
	l, err := listen(ctx, c.ListenAddr)
	if err != nil {
		return exitCode(err, errs, "serve")
	}
	return exitCode(serveConsole(ctx, c, extras{errs: errs}, l, func() {}, out, newLog(c, errs)), errs, "serve")
}

// newLog writes to stderr, so that stdout is for the address alone.
func newLog(c Config, errs io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // checked when it was read
	o := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(errs, o))
	}
	return slog.New(slog.NewTextHandler(errs, o))
}
