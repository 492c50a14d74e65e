package journal

import "time"

// VerifyOptions of Verify. The zero value checks the whole chain.
type VerifyOptions struct {
	ExpectedN    int64  // a head kept outside, 0: none
	ExpectedHash string // hex
}

// FaultKind says what is wrong.
type FaultKind string

// The faults that a verification finds.
const (
	FaultEdited      FaultKind = "edited"
	FaultDeleted     FaultKind = "deleted"
	FaultReordered   FaultKind = "reordered"
	FaultCut         FaultKind = "cut"
	FaultText        FaultKind = "text_edited"
	FaultTextMissing FaultKind = "text_missing"
	FaultHead        FaultKind = "head"
)

// Fault is one finding. N is the number of the entry, 0 for the whole file.
type Fault struct {
	N    int64
	Kind FaultKind
	Text string // one sentence
}

// Report of a verification.
type Report struct {
	OK         bool
	Entries    int64 // how many were checked
	Faults     []Fault
	MoreFaults bool // there are more than are listed
	CheckedAt  time.Time
	HeadN      int64
	HeadHash   string // hex
	KeyChecked bool   // the seal was checked with a key
}
