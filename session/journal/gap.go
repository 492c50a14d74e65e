package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ActRestore records that a back-up took the journal's place.
const ActRestore Act = "restore"

// commandLine is the operator's id in entries that no signed-in person wrote.
const commandLine = "command line"

// Head is the number of an entry and its hash in hex: the newest one, when it
// was noted.
type Head struct {
	N    int64
	Hash string
}

// String gives N:HASH, as it is noted.
func (h Head) String() string { return fmt.Sprintf("%d:%s", h.N, h.Hash) }

// ParseHead reads N:HASH.
func ParseHead(s string) (Head, error) {
	n, hash, found := strings.Cut(s, ":")
	h := Head{Hash: strings.ToLower(hash)}
	var err error
	if h.N, err = strconv.ParseInt(n, 10, 64); err != nil || !found || h.N < 1 || hash == "" {
		return Head{}, fmt.Errorf("%q: wanted N:HASH", s)
	}
	return h, nil
}

// Gap is what a restored back-up did not hold, as the chain itself records it.
type Gap struct {
	N       int64     // entry that records it
	At      time.Time // UTC
	After   Head      // the newest entry that the back-up held
	Known   Head      // the newest entry that is known to have been written; zero: not known
	Unknown bool      // how much is lost is not known

	// Replaced is the newest entry of the journal that the back-up took the
	// place of, when that was another one; zero: none.
	Replaced Head
}

// Lost is how many entries are known to be lost.
func (g Gap) Lost() int64 { return max(g.Known.N-g.After.N, 0) }

// holds tells whether entry n, as it was written first, lies in the gap.
func (g Gap) holds(n int64) bool { return n > g.After.N && (g.Unknown || n <= g.Known.N) }

// gapOf reads a gap from the body of an entry; false when it records none.
func gapOf(body []byte) (Gap, bool) {
	var r record
	if json.Unmarshal(body, &r) != nil || r.Act != ActRestore || r.Details["gap"] == "" {
		return Gap{}, false
	}
	g := Gap{N: r.N, At: time.Unix(0, r.At).UTC(), After: Head{r.N - 1, r.Prev}, Unknown: r.Details["gap"] == "unknown"}
	if k, err := ParseHead(r.Details["known"]); err == nil && k.N > g.After.N {
		g.Known = k
	}
	if k, err := ParseHead(r.Details["replaced"]); err == nil {
		g.Replaced = k
	}
	return g, true
}

// Gaps lists the gaps that the chain records, oldest first.
func (j *Journal) Gaps(ctx context.Context) ([]Gap, error) {
	rows, err := j.rows(ctx, `SELECT body FROM entries WHERE operator_id = '`+commandLine+`' AND act = 'restore' ORDER BY n`)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	defer rows.Close()
	var out []Gap
	for rows.Next() {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
		if g, ok := gapOf(body); ok {
			out = append(out, g)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return out, nil
}

// gap takes in a gap that an intact entry records.
func (v *verifier) gap(body []byte) {
	if g, ok := gapOf(body); ok {
		v.rep.Gaps = append(v.rep.Gaps, g)
	}
}

// notThere reports at entry at that the expected head is not in the chain,
// unless the chain itself records that exactly this one was lost.
func (v *verifier) notThere(at int64, kind FaultKind, format string, args ...any) {
	n, head := v.o.ExpectedN, Head{v.o.ExpectedN, strings.ToLower(v.o.ExpectedHash)}
	for _, g := range v.rep.Gaps {
		if g.Known == head || g.Replaced == head {
			return
		}
	}
	for _, g := range v.rep.Gaps {
		if g.holds(n) {
			format, args = format+"; entry %d records that a back-up was restored and what was written after entry %d is lost", append(args, g.N, g.After.N)
			break
		}
	}
	v.fault(at, kind, format, args...)
}
