package templates

import "time"

// newFactorOf is a factor that is being set up, with a QR code of no real text.
func newFactorOf(wrong string) *NewFactor {
	return &NewFactor{Secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP", Issuer: "OBP console test", QR: "M4 4h7v1h-7zM13 4h1v1h-1z", QRSize: 45, Error: wrong}
}

// factorSamples are the states of a second factor: set up, asked for, given
// back by an administrator, and what a restored journal says of its gaps.
func factorSamples() []sample {
	wrong := Word("factor.wrong")
	hostileNew := *newFactorOf(hostile)
	hostileNew.Issuer, hostileNew.Secret, hostileNew.QR = hostile, hostile, hostile
	since := at("3 days", 72*time.Hour)
	rows := []FactorRow{
		{Person: somebody(1), Since: since},
		{Person: somebody(2), Since: since, Reset: ResetFactor(uid(2))},
		{Person: somebody(3), Broken: true, Reset: ResetFactor(uid(3))},
		{Person: Person{UserID: hostile, Username: hostile}, Since: since, Reset: "javascript:alert(1)"},
	}
	proof := Proof{Action: Approve(uid(1000), RequestQuery{}), Kept: [][2]string{{"reason", "for the branch"}, {hostile, hostile}}, Field: "step_up_otp", Code: true, Username: "anna.approver", Back: RequestsPattern}
	proofWrong := proof
	proofWrong.Error, proofWrong.Username = wrong, hostile
	gaps := journalOf(1)
	gaps.Gaps = []Notice{
		{Tone: ToneWarn, TestID: "journal-gap", Text: Word("gap.lost", "at", "2026-11-23 18:02", "after", "812", "last", "830", "entry", "813")},
		{Tone: ToneWarn, TestID: "journal-gap", Text: Word("gap.unknown", "at", "2026-11-23 18:02", "after", "812", "entry", "813")},
	}
	return []sample{
		{"factor-first", CodePage(CodeForm{Username: "anna.approver", Again: SignInPattern, New: newFactorOf("")})},
		{"factor-first-wrong", CodePage(CodeForm{Username: hostile, Again: "javascript:alert(1)", New: &hostileNew, Error: hostile})},
		{"factor-ask", CodePage(CodeForm{Username: "anna.approver", Again: SignInPattern})},
		{"factor-ask-wrong", CodePage(CodeForm{Username: "anna.approver", Again: SignInPattern, Error: wrong})},
		{"factor-none", FactorView(FactorPage{})}, {"factor-on", FactorView(FactorPage{Has: true, Since: since})},
		{"factor-demanded", FactorView(FactorPage{Has: true, Demanded: true, Since: since, New: newFactorOf(wrong)})},
		{"factor-broken", FactorView(FactorPage{Has: true, Broken: true, Demanded: true})},
		{"factor-proof", ProofView(proof)}, {"factor-proof-wrong", ProofView(proofWrong)},
		{"factor-list", factorRows(rows)}, {"factor-list-none", factorRows(nil)},
		{"journal-gaps", JournalPart(gaps)},
	}
}
