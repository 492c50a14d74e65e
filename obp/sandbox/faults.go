package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is what goes wrong with calls of one operation. The zero value changes
// nothing. A call goes through the fields in this order: hold "before", late,
// the operation itself, hold "after", delay, answer.
type Fault struct {
	Times int // calls it acts on; 0: until cleared
	Skip  int // calls it lets pass first

	Chance float64 // share of calls it acts on, above 0 to 1; 0: all

	Hold   string        // "before", "between" (the check and the insert of a grant) or "after": blocks there until released
	Late   bool          // the operation is applied after the client hung up
	LateBy time.Duration // how long after
	Delay  time.Duration // the answer waits this long

	Status  int               // answer with this status and Message; not applied
	Message string            // for instance "OBP-50005: An unspecified or internal error occurred."
	Header  map[string]string // further headers of the answer
	False   bool              // answer 200 with a bare false; not applied
	Junk    string            // "html", "empty", "broken" or "type": 200 (or Status) with such a body; not applied
	Cut     string            // "before" or "after" application, or "middle" of the answer: the connection ends there
	Applied bool              // Status, False or Junk answer although the operation was applied
}

// spared tells whether the operation is not applied.
func (f *Fault) spared() bool {
	return f.Cut == "before" || !f.Applied && (f.Status != 0 || f.False || f.Junk != "")
}

func (f *Fault) check() error {
	for _, c := range []struct{ name, is, may string }{
		{"hold", f.Hold, " before between after "},
		{"junk", f.Junk, " html empty broken type "},
		{"cut", f.Cut, " before middle after "},
	} {
		if c.is != "" && !strings.Contains(c.may, " "+c.is+" ") {
			return fmt.Errorf("sandbox: fault: %s %q: wanted one of%s", c.name, c.is, c.may)
		}
	}
	if f.Times < 0 || f.Chance < 0 || f.Chance > 1 || f.Skip < 0 || f.LateBy < 0 || f.Delay < 0 || f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return fmt.Errorf("sandbox: fault: a number out of range")
	}
	return nil
}

// faultJSON is a fault as POST /sandbox/faults takes it; times in milliseconds.
type faultJSON struct {
	Op      string            `json:"op,omitempty"`
	Times   int               `json:"times,omitempty"`
	Skip    int               `json:"skip,omitempty"`
	Chance  float64           `json:"chance,omitempty"`
	Hold    string            `json:"hold,omitempty"`
	Late    bool              `json:"late,omitempty"`
	LateMS  int64             `json:"late_ms,omitempty"`
	DelayMS int64             `json:"delay_ms,omitempty"`
	Status  int               `json:"status,omitempty"`
	Message string            `json:"message,omitempty"`
	Header  map[string]string `json:"header,omitempty"`
	False   bool              `json:"false,omitempty"`
	Junk    string            `json:"junk,omitempty"`
	Cut     string            `json:"cut,omitempty"`
	Applied bool              `json:"applied,omitempty"`
	RaceMS  *int64            `json:"race_ms,omitempty"`
}

func (j faultJSON) fault() Fault {
	return Fault{j.Times, j.Skip, j.Chance, j.Hold, j.Late || j.LateMS > 0, time.Duration(j.LateMS) * time.Millisecond,
		time.Duration(j.DelayMS) * time.Millisecond, j.Status, j.Message, j.Header, j.False, j.Junk, j.Cut, j.Applied}
}

// MarshalJSON gives the form of POST /sandbox/faults, without "op".
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(faultJSON{"", f.Times, f.Skip, f.Chance, f.Hold, f.Late, f.LateBy.Milliseconds(), f.Delay.Milliseconds(),
		f.Status, f.Message, f.Header, f.False, f.Junk, f.Cut, f.Applied, nil})
}

// faults has a lock of its own, so that a held call never holds the world.
type faults struct {
	mu      sync.Mutex
	ops     map[string][]*Fault
	held    []*heldCall // oldest first
	changed chan struct{}
	race    time.Duration
}

func newFaults() *faults {
	return &faults{ops: map[string][]*Fault{}, changed: make(chan struct{})}
}

// opName takes the version prefix off.
func opName(pattern string) string {
	method, path, _ := strings.Cut(strings.TrimSpace(pattern), " ")
	return method + " " + strings.TrimPrefix(strings.TrimSpace(path), prefix)
}

// next takes the fault of a call, nil for none.
func (fs *faults) next(op string, d *dice) *Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if len(fs.ops[op]) == 0 {
		return nil
	}
	f := fs.ops[op][0]
	if f.Skip > 0 {
		f.Skip--
		return nil
	}
	if f.Chance > 0 && d.float() >= f.Chance {
		return nil
	}
	c := *f
	if f.Times == 1 {
		if fs.ops[op] = fs.ops[op][1:]; len(fs.ops[op]) == 0 {
			delete(fs.ops, op)
		}
	} else if f.Times > 1 {
		f.Times--
	}
	return &c
}

// SetFault makes calls of an operation fail: op is "METHOD /path/pattern" as
// in Calls, with or without the version prefix; a * in place of a part means
// every operation that fits. It replaces the faults set for op before; of
// several, each begins when the one before is used up (Times).
// An error says that there is no such operation or kind of fault.
func (s *Server) SetFault(op string, list ...Fault) error {
	names := s.opsLike(op)
	if len(names) == 0 {
		return fmt.Errorf("sandbox: fault: no operation %q", op)
	}
	for _, f := range list {
		if err := f.check(); err != nil {
			return err
		}
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for _, name := range names {
		delete(s.faults.ops, name)
		for _, f := range list {
			f.Header = maps.Clone(f.Header)
			s.faults.ops[name] = append(s.faults.ops[name], &f)
		}
	}
	return nil
}

// Faults lists the faults that still act, by operation without the version prefix.
func (s *Server) Faults() map[string][]Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	out := map[string][]Fault{}
	for op, fs := range s.faults.ops {
		for _, f := range fs {
			out[op] = append(out[op], *f)
		}
	}
	return out
}

// ClearFaults ends every fault and the race, and releases every held call.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	s.faults.ops, s.faults.race = map[string][]*Fault{}, 0
	s.faults.mu.Unlock()
	s.Release("")
}

// SetRace opens a window of d between the duplicate check and the insert of
// createEntitlement, so that grants at the same time all succeed, as measured
// on the real server; 0 makes them one step again.
func (s *Server) SetRace(d time.Duration) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.race = max(d, 0)
}

// Operations names every operation that the stand-in answers, in order,
// without the version prefix.
func (s *Server) Operations() []string {
	return slices.Sorted(maps.Keys(s.ops))
}
