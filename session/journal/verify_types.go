package journal

import "time"

// VerifyOptions of Verify and VerifySince. The zero value checks all there is.
type VerifyOptions struct {
	ExpectedN    int64  // a head kept outside, 0: none
	ExpectedHash string // hex
	AtMost       int64  // VerifySince: this many entries in one go, 0: all
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
	FaultSearch      FaultKind = "search" // what searches and lists use does not agree with the chain
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
	From       int64 // the first of them
	Erased     int64 // texts that a recorded act erased
	Faults     []Fault
	Gaps       []Gap // that the entries checked record; they are no faults
	MoreFaults bool  // there are more than are listed
	CheckedAt  time.Time
	HeadN      int64
	HeadHash   string // hex
	KeyChecked bool   // the seal was checked with a key
	Reached    bool   // the newest entry was reached
}

// Checked is the result of the verifications so far: intact to entry N,
// checked at At, when there are no Faults. The entries up to WholeN were last
// checked in one piece at WholeAt.
type Checked struct {
	N       int64
	Hash    string // hex
	At      time.Time
	WholeN  int64
	WholeAt time.Time
	Faults  int
}
