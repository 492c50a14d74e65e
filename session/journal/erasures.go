package journal

import (
	"encoding/json"
	"strconv"
)

// erasures are the recorded erasures of personal text.
type erasures struct {
	through int64            // of every text
	of      map[string]int64 // of what is said of one person
}

// The fields erased of entries upon a person, and of entries by a person.
var (
	uponFields = map[string]bool{"person": true, "reason": true, "ticket": true, "verified": true, "seen": true, "note": true}
	byFields   = map[string]bool{"operator": true, "client_addr": true}
)

// erased tells whether a recorded act erased a text of entry n.
func (e *erasures) erased(n int64, field, person, operator string) bool {
	return n <= e.through || uponFields[field] && n <= e.of[person] || byFields[field] && n <= e.of[operator]
}

// note takes in an entry's body if it records an erasure.
func (e *erasures) note(body []byte) {
	var r record
	if json.Unmarshal(body, &r) != nil || r.Act != ActErase {
		return
	}
	through, err := strconv.ParseInt(r.Details["through"], 10, 64)
	if err != nil || through >= r.N {
		return
	}
	if r.PersonID == "" {
		e.through = max(e.through, through)
		return
	}
	if e.of == nil {
		e.of = map[string]int64{}
	}
	e.of[r.PersonID] = max(e.of[r.PersonID], through)
}
