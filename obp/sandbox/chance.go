package sandbox

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// dice fall the same way for the same seed and order of throws.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newDice(seed uint64) *dice { return &dice{r: rand.New(rand.NewPCG(seed, 1))} }

func (d *dice) float() float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.Float64()
}

// dawdle takes the time that a server far away takes; s.mu is not held.
func (s *Server) dawdle(ctx context.Context) {
	if s.slow[0] <= 0 {
		return
	}
	wait(ctx, s.slow[0]+time.Duration((2*s.dice.float()-1)*float64(s.slow[1])))
}

// opsLike are the operations that a name means; a * stands for any one part.
func (s *Server) opsLike(op string) (out []string) {
	name := opName(op)
	if s.ops[name] {
		return []string{name}
	}
	want := strings.Split(name, "/")
	for _, o := range s.Operations() {
		have := strings.Split(o, "/")
		if slices.EqualFunc(want, have, func(w, h string) bool { return w == h || w == "*" }) {
			out = append(out, o)
		}
	}
	return out
}

// ParseFault reads "METHOD /path=STATUS" or "METHOD /path=STATUS@CHANCE", for
// instance "POST /users/*/entitlements=503@0.1", into what SetFault takes.
func ParseFault(text string) (op string, f Fault, err error) {
	bad := fmt.Errorf("sandbox: fault %q: wanted METHOD /path=STATUS or METHOD /path=STATUS@CHANCE", text)
	op, rest, ok := strings.Cut(text, "=")
	status, chance, some := strings.Cut(rest, "@")
	if method, path, two := strings.Cut(op, " "); !ok || !two || method == "" || !strings.HasPrefix(path, "/") {
		return "", Fault{}, bad
	}
	if f.Status, err = strconv.Atoi(status); err != nil {
		return "", Fault{}, bad
	}
	if some {
		if f.Chance, err = strconv.ParseFloat(chance, 64); err != nil || f.Chance <= 0 {
			return "", Fault{}, bad
		}
	}
	f.Message = "OBP-50005: An unspecified or internal error occurred."
	if f.check() != nil {
		return "", Fault{}, bad
	}
	return op, f, nil
}
