package templates

// FactorPage is the operator's own second factor.
type FactorPage struct {
	Has      bool
	Broken   bool // no key of the console opens it
	Demanded bool // nobody signs in without
	Since    When
	New      *NewFactor // being set up
}

// NewFactor is what an authenticator app needs to know.
type NewFactor struct {
	Secret string // in groups of four, to be typed
	Issuer string
	QR     string // path of an SVG of QRSize modules each way
	QRSize int
	Error  string // of its first code
}

// CodeForm asks for the code of a sign-in.
type CodeForm struct {
	Username string
	Error    string
	Again    string     // begins the sign-in anew
	New      *NewFactor // the person has none yet and sets it up
}

// FactorRow is a person who has a second factor.
type FactorRow struct {
	Person Person
	Since  When
	Broken bool
	Reset  string // address, empty for one's own
}
