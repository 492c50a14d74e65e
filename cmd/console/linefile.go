package main

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// toStderr is the JOURNAL_LINES that goes where the log goes.
const toStderr = "stderr"

// lineFile is a file that lines are appended to. It is opened anew on SIGHUP,
// so that it can be moved away; it may be cut (copytruncate) as well, since
// every write goes to its end.
type lineFile struct {
	path string
	mu   sync.Mutex
	f    *os.File
	torn bool // the last line was not written whole
}

func openLines(path string) (*lineFile, error) {
	l := &lineFile{path: path}
	return l, l.reopen()
}

// Write appends one line. After a line that was cut off it begins a new one.
func (l *lineFile) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.torn {
		if _, err := l.f.Write([]byte("\n")); err != nil {
			return 0, err
		}
		l.torn = false
	}
	n, err := l.f.Write(line)
	l.torn = err != nil && n > 0
	return n, err
}

// reopen opens the file of that name; when it cannot, the former one stays.
func (l *lineFile) reopen() error {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.f
	l.f, l.torn = f, false
	if old == nil {
		return nil
	}
	return old.Close()
}

// reopenOn opens the file anew at each signal until stop is called.
func (l *lineFile) reopenOn(log *slog.Logger) (stop func()) {
	asked, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(asked, syscall.SIGHUP)
	go func() {
		defer close(done)
		for range asked {
			if err := l.reopen(); err != nil {
				log.Error("the file of JOURNAL_LINES cannot be opened anew; the former one stays", "file", l.path, "error", err)
			} else {
				log.Info("the file of JOURNAL_LINES is opened anew", "file", l.path)
			}
		}
	}()
	return func() { signal.Stop(asked); close(asked); <-done }
}

// Close closes the file.
func (l *lineFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.f.Close()
}

// journalLines opens where the lines of the journal go: nowhere, to errs, or to
// a file.
func journalLines(c Config, errs io.Writer, log *slog.Logger) (w io.Writer, stop func() error, err error) {
	switch c.JournalLines {
	case "":
		return nil, func() error { return nil }, nil
	case toStderr:
		return errs, func() error { return nil }, nil
	}
	l, err := openLines(c.JournalLines)
	if err != nil {
		return nil, nil, Mistake{"JOURNAL_LINES", c.JournalLines, "wanted stderr, or a file that the console can write: " + errors.Unwrap(err).Error()}
	}
	end := l.reopenOn(log)
	return l, func() error { end(); return l.Close() }, nil
}
