package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"syscall"
	"text/tabwriter"
	"time"

	"obpconsole/obp/sandbox"
	"obpconsole/web/templates"
)

// demo runs the console and a stand-in OBP in one process, on loopback only:
// the passwords of its people are known to everybody.
func demo(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	fs := flags("demo", "Runs the console in front of a made-up OBP server, both in this process. It needs\nno settings, and says whom to sign in as.\n\n")
	addr := fs.String("addr", "127.0.0.1:8080", "loopback `HOST:PORT` to listen on; port 0 takes a free one")
	if code, done := parse(fs, args, out, errs); done {
		return code
	}
	if err := wantLoopback(*addr); err != nil {
		fmt.Fprintf(errs, "console demo: %v\n", err)
		return exitUsage
	}
	return exitCode(runDemo(ctx, *addr, getenv, out, errs), errs, "demo")
}

func runDemo(ctx context.Context, addr string, getenv func(string) string, out, errs io.Writer) (err error) {
	w := sandbox.DemoWorld(time.Now())
	standIn, stop, err := startStandIn(ctx, w, errs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()

	l, err := listen(ctx, addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		fmt.Fprintf(errs, "console demo: %s is taken, so a free port is used\n", addr)
		host, _, _ := net.SplitHostPort(addr)
		l, err = listen(ctx, net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return err
	}
	defer l.Close()

	dir := getenv("DATA_DIR")
	if dir == "" {
		if dir, err = os.MkdirTemp("", "console-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	env := environ(getenv)
	for name, value := range map[string]string{
		"OBP_BASE_URL": "http://" + standIn, "OBP_CONSUMER_KEY": w.ConsumerKey, "OBP_CONSUMER_KEY_FILE": "", "OBP_API_VERSION": "", "LISTEN_ADDR": l.Addr().String(),
		"PUBLIC_URL": "", "DATA_DIR": dir, "SIGN_IN_ALLOWED": "anyone", "ENVIRONMENT_LABEL": "demo", "RESET_HOSTS": "portal.demo.example", "NODES": "", "DATABASE_URL": "", "DATABASE_URL_FILE": "", "REDIS_URL": "", "REDIS_URL_FILE": "", "OBP_MAX_BAD_LOGINS": "5",
		"LOG_LEVEL": cmp.Or(getenv("LOG_LEVEL"), "warn"), // a person reads the terminal
		"AUDITORS":  cmp.Or(getenv("AUDITORS"), "audrey.auditor"), "CONSOLE_ADMINS": cmp.Or(getenv("CONSOLE_ADMINS"), "susan.super"),
	} {
		env[name] = value
	}
	c, err := readConfig(env)
	if err != nil {
		return err
	}
	people := sandbox.DemoPeople()
	x := extras{inMemory: true, errs: errs, password: people[0].Password}
	for _, p := range people {
		x.people = append(x.people, templates.DemoPerson{Username: p.Username, Does: p.Does})
	}
	return serveConsole(ctx, c, x, l, func() { welcome(out, standIn, people) }, out, newLog(c, errs))
}

// startStandIn serves a world on a free loopback port until stop is called,
// which is after the console's own end: what runs may still need it.
func startStandIn(ctx context.Context, w sandbox.World, errs io.Writer) (addr string, stop func() error, err error) {
	s, err := sandbox.New(w, sandbox.Options{})
	if err != nil {
		return "", nil, err
	}
	l, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	ctx, end := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	log := slog.New(slog.NewTextHandler(errs, nil))
	go func() { done <- serveUntil(ctx, newServer(s, log), l, func() {}) }()
	return l.Addr().String(), func() error { end(); return <-done }, nil
}

func welcome(out io.Writer, standIn string, people []sandbox.DemoPerson) {
	fmt.Fprintf(out, "\nThis is a demo: its bank, its people and its stand-in OBP (http://%s) are made up,\nand all is forgotten at the end. Open the address above and sign in as one of these people:\n\n", standIn)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  user name\tpassword\twho")
	for _, p := range people {
		fmt.Fprintf(t, "  %s\t%s\t%s: %s\n", p.Username, p.Password, p.Name, p.Does)
	}
	_ = t.Flush()
	fmt.Fprintln(out, "\nCtrl-C stops it.")
}
