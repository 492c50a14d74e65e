package main

import (
	"errors"
	"flag"
	"time"

	"obpconsole/obp/sandbox"
)

// knobs make the stand-in large, slow or faulty.
type knobs struct {
	scale   sandbox.Scale
	options sandbox.Options
	faults  map[string][]sandbox.Fault
}

// knobsOf adds their flags.
func knobsOf(fs *flag.FlagSet) *knobs {
	k := &knobs{faults: map[string][]sandbox.Fault{}}
	fs.IntVar(&k.scale.Users, "users", 0, "`N` more users than the world has, made by -seed")
	fs.IntVar(&k.scale.Customers, "customers", 0, "`N` more customers")
	fs.IntVar(&k.scale.Requests, "requests", 0, "`N` more entitlement requests")
	fs.IntVar(&k.scale.Entitlements, "entitlements", 0, "`N` more entitlements")
	fs.Uint64Var(&k.scale.Seed, "seed", 1, "`NUMBER` that the made people, the jitter and the faults by chance follow from")
	fs.DurationVar(&k.options.Latency, "latency", 0, "`TIME` that every call takes, such as 20ms")
	fs.DurationVar(&k.options.Jitter, "jitter", 0, "`TIME` by which that varies, such as 5ms")
	fs.Func("fail", "`'METHOD /path=STATUS@CHANCE'` answers so many of the calls with a failure, such as 'POST /users/*/entitlements=503@0.1'; may be given again", func(text string) error {
		op, f, err := sandbox.ParseFault(text)
		k.faults[op] = append(k.faults[op], f)
		return err
	})
	return k
}

func (k *knobs) check() error {
	switch n := k.scale; {
	case min(n.Users, n.Customers, n.Requests, n.Entitlements) < 0:
		return errors.New("-users, -customers, -requests and -entitlements: wanted 0 or more")
	case k.options.Latency < 0 || k.options.Jitter < 0 || k.options.Jitter > k.options.Latency:
		return errors.New("-latency and -jitter: wanted times of 0 or more, the jitter no longer than the latency")
	}
	return nil
}

// server makes the stand-in of a world with the knobs turned.
func (k *knobs) server(w sandbox.World) (*sandbox.Server, error) {
	if k.scale != (sandbox.Scale{Seed: k.scale.Seed}) {
		w = sandbox.Grow(w, k.scale, time.Now())
	}
	k.options.Seed = k.scale.Seed
	s, err := sandbox.New(w, k.options)
	if err != nil {
		return nil, err
	}
	for op, list := range k.faults {
		if err := s.SetFault(op, list...); err != nil {
			return nil, err
		}
	}
	return s, nil
}
