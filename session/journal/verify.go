package journal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

const maxFaults = 100

// verifier checks entries that come in order. It holds no entry but the last.
type verifier struct {
	o    VerifyOptions
	rep  Report
	n    int64
	hash []byte
	at   int64
	back int64 // by how much the clock ran back in all
	flat flat
	bad  bool // the last entry does not have its own hash
	gaps bool // entries were left out on purpose
	// other: there is another entry in the place of the expected one
	other bool
	// missing is told the fields of the last entry whose text is not there
	missing func(field string)
	buf     []byte // salt and text
	erasures
}

func (v *verifier) fault(n int64, kind FaultKind, format string, args ...any) {
	if len(v.rep.Faults) == maxFaults {
		v.rep.MoreFaults = true
		return
	}
	v.rep.Faults = append(v.rep.Faults, Fault{n, kind, fmt.Sprintf(format, args...)})
}

// entry checks one entry against itself and the one before. columns are what
// searches use, nil when there are none.
func (v *verifier) entry(n int64, columns []any, body, hash []byte) {
	v.rep.Entries++
	sum := sha256.Sum256(body)
	f := &v.flat
	v.bad = !f.scan(body) || !bytes.Equal(sum[:], hash)
	switch {
	case v.bad:
		v.fault(n, FaultEdited, "entry %d does not have its own hash", n)
	case f.n != n:
		v.fault(n, FaultReordered, "entry %d was written as entry %d", n, f.n)
	case columns != nil && !f.filedAs(columns):
		v.fault(n, FaultEdited, "entry %d is filed under other words than it holds", n)
	}
	var prev [2 * sha256.Size]byte
	switch {
	case v.gaps && n <= v.n:
		v.fault(n, FaultReordered, "entry %d stands after entry %d", n, v.n)
	case v.gaps && n > v.n+1:
	case n != v.n+1:
		v.fault(n, FaultDeleted, "entries %d to %d are missing", v.n+1, n-1)
	case !v.bad && !bytes.Equal(f.prev, hex.AppendEncode(prev[:0], v.hash)):
		v.fault(n, FaultEdited, "entry %d does not follow the entry before it", n)
	}
	if !v.bad && string(f.columns[column["act"]]) == string(ActRestore) {
		v.gap(body)
	}
	if v.o.ExpectedN == n && !strings.EqualFold(v.o.ExpectedHash, hex.EncodeToString(hash)) {
		v.other = true
	}
	if v.n > 0 && v.at > f.at {
		v.back += v.at - f.at
	}
	v.n, v.at, v.hash = n, f.at, append(v.hash[:0], hash...)
}

// filedAs compares at and the ten words with what the body holds.
func (f *flat) filedAs(columns []any) bool {
	if columns[0] != any(f.at) {
		return false
	}
	for i, c := range columns[1:] {
		if s, ok := c.(string); !ok || s != string(f.columns[i]) {
			return false
		}
	}
	return true
}

// texts compares the texts of the entry that was last checked, by field, with
// the hashes that it holds.
func (v *verifier) texts(found []rawText) {
	if v.bad {
		return
	}
	for _, want := range v.flat.texts {
		for len(found) > 0 && found[0].field < string(want.field) {
			v.strayText(found[0])
			found = found[1:]
		}
		if len(found) == 0 || found[0].field != string(want.field) {
			v.missing(string(want.field))
			continue
		}
		v.buf = append(append(v.buf[:0], found[0].salt...), found[0].text...)
		sum := sha256.Sum256(v.buf)
		var h [2 * sha256.Size]byte
		if !found[0].whole || !bytes.Equal(want.hash, hex.AppendEncode(h[:0], sum[:])) {
			v.fault(v.n, FaultText, "the %s of entry %d is not what was written", want.field, v.n)
		}
		found = found[1:]
	}
	for _, t := range found {
		v.strayText(t)
	}
}

// lacks reports a text that is not there, unless a recorded act erased it.
func (v *verifier) lacks(n int64, field, person, operator string) {
	if v.erased(n, field, person, operator) {
		v.rep.Erased++
	} else {
		v.fault(n, FaultTextMissing, "the %s of entry %d is missing, and no act erased it", field, n)
	}
}

func (v *verifier) strayText(t rawText) {
	v.fault(t.n, FaultText, "the %s of entry %d was never written", t.field, t.n)
}

// sealed checks the head.
func (v *verifier) sealed(n int64, hash, sealedWith []byte, id string, keys [][32]byte) {
	v.rep.KeyChecked = true
	switch {
	case n > v.n:
		v.fault(v.n, FaultCut, "the journal ends at entry %d; its head says %d", v.n, n)
	case n < v.n || !bytes.Equal(hash, v.hash):
		v.fault(v.n, FaultHead, "the head does not belong to the newest entry")
	}
	if !slices.ContainsFunc(keys, func(k [32]byte) bool {
		return hmac.Equal(sealedWith, seal(k, n, hash)) && id == keyID(k)
	}) {
		v.fault(n, FaultHead, "the head is not sealed with a key of this journal")
	}
}

func (v *verifier) report() Report {
	if v.other {
		v.notThere(v.o.ExpectedN, FaultHead, "entry %d is not the one that was noted elsewhere", v.o.ExpectedN)
	}
	if v.o.ExpectedN > v.n && v.rep.Reached {
		v.notThere(v.n, FaultCut, "the journal ends at entry %d; entry %d was noted elsewhere", v.n, v.o.ExpectedN)
	}
	v.rep.HeadN, v.rep.HeadHash = v.n, hex.EncodeToString(v.hash)
	v.rep.OK = len(v.rep.Faults) == 0
	return v.rep
}
