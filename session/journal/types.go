package journal

import (
	"encoding/json"
	"time"
)

// Act names a kind of thing that was done. The set is open: any short
// lower-case word may be used, so a new act needs no change here.
type Act string

// The acts of the console.
const (
	ActSignIn         Act = "sign_in"
	ActSignInFailed   Act = "sign_in_failed"
	ActSignOut        Act = "sign_out"
	ActStepUp         Act = "step_up"
	ActRefused        Act = "refused"
	ActApprove        Act = "approve"
	ActDecline        Act = "decline"
	ActCloseRequest   Act = "close_request"
	ActUndoApprove    Act = "undo_approve"
	ActGrant          Act = "grant"
	ActRevoke         Act = "revoke"
	ActLock           Act = "lock"
	ActUnlock         Act = "unlock"
	ActResetLink      Act = "reset_link"
	ActCreateUser     Act = "create_user"
	ActDeleteUser     Act = "delete_user"
	ActExport         Act = "export"
	ActStart          Act = "start"
	ActStop           Act = "stop"
	ActSettingChanged Act = "setting_changed"
	ActAskRole        Act = "ask_role"
	ActBulk           Act = "bulk"
	ActFinish         Act = "finish"
	ActErase          Act = "erase"
	ActFirstApproval  Act = "first_approval"
	ActConfirm        Act = "confirm"
	ActWithdraw       Act = "withdraw"
	ActLapse          Act = "lapse"
	ActUseApproval    Act = "use_approval"
)

// The values of Entry.ParentKind: how an act belongs to the one before it.
const (
	ParentBulk         = "bulk"
	ParentUndo         = "undo"
	ParentSecondPerson = "second_person"
	ParentFinish       = "finish"
	ParentCall         = "call"
)

// Outcome says how an act ended. Other words may be used and count as final.
type Outcome string

// The outcomes. Unknown and GrantedNotClosed leave the act open: it stays
// among Unfinished until a later outcome or a finishing act closes it.
const (
	OutcomeDone             Outcome = "done"
	OutcomeRefused          Outcome = "refused"
	OutcomeFailed           Outcome = "failed"
	OutcomePartly           Outcome = "partly"
	OutcomeUnknown          Outcome = "unknown"
	OutcomeGrantedNotClosed Outcome = "granted_not_closed"
)

// Final reports whether the outcome ends the act.
func (o Outcome) Final() bool {
	return o != "" && o != OutcomeUnknown && o != OutcomeGrantedNotClosed
}

// Party is a person as they were when the entry was written. The user id is
// kept in the entry; the other fields are personal text and can be erased.
type Party struct {
	UserID   string `json:"-"`
	Username string `json:"username,omitempty"`
	Email    string `json:"email,omitempty"`
	Provider string `json:"provider,omitempty"`
}

// Entry is what is known of an act before it is done. Names, e-mails,
// providers, Reason, Ticket, Verified, Seen and ClientAddr are personal text:
// chained as a salted hash and erasable. All else stays for ever, so nothing
// personal belongs in Target, Details or a code.
type Entry struct {
	Act        Act
	ActID      string // made when empty; used once
	ParentID   string
	ParentKind string // ParentBulk, ParentUndo, ...

	Operator             Party // who acts
	Person               Party // whom the act is upon
	Role                 string
	BankID               string // empty: system scope
	EntitlementRequestID string
	Target               string // id of another thing acted upon

	Reason           string
	ReasonCode       string
	Ticket           string
	Verified         string // how a caller was verified
	ShownToRequester bool   // the reason may be shown to the person
	Rule             string // code of the console's own rule that refused

	Seen       json.RawMessage // what the decider saw, valid JSON or empty
	ClientAddr string
	RequestID  string            // id of the browser's request, as in the log
	Details    map[string]string // further facts, not personal
}

// Result is how an act ended. Note is personal text (OBP's own words may name
// people); the rest stays for ever.
type Result struct {
	Outcome        Outcome
	OBPStatus      int    // HTTP status, 0 when OBP was not asked
	OBPCode        string // as OBP-30216
	CorrelationID  string
	EntitlementIDs []string // created or removed by this act
	Note           string
	State          string // what is true now, one word
	Details        map[string]string
}

// Step is a fact between intent and outcome: "granted", with the entitlement
// id, before the request is closed.
type Step struct {
	Name           string
	OBPStatus      int
	OBPCode        string
	CorrelationID  string
	EntitlementIDs []string
	Note           string
	Details        map[string]string
}

// Intent is the handle of an act that was written and not ended. ActID alone
// is enough for Step and Outcome, so it can be made anew after a restart.
type Intent struct {
	ActID string
	N     int64
	At    time.Time
}

// Kind is an entry's place in its act.
type Kind string

// The kinds of entries. An event is an act that needs no intent.
const (
	KindIntent  Kind = "intent"
	KindStep    Kind = "step"
	KindOutcome Kind = "outcome"
	KindEvent   Kind = "event"
)

// Stored is one entry of the chain as it was read back.
type Stored struct {
	N             int64
	FormatVersion int
	KeyID         string
	Kind          Kind
	At            time.Time // UTC
	Hash          string    // hex
	Environment   string
	Entry         Entry
	Step          string // name of the step, for KindStep
	Result        Result // for KindStep, KindOutcome and KindEvent
	Erased        bool   // its personal text was erased
}

// Row is one act: its opening entry with its steps and its latest outcome.
type Row struct {
	N           int64 // number of the opening entry
	ActID       string
	At          time.Time // UTC
	Environment string
	Entry       Entry
	Event       bool // written without an intent
	Steps       []Stored
	Result      Result    // Outcome is empty while there is none
	EndedAt     time.Time // zero while there is no outcome
	Erased      bool
}

// Finished reports whether the act has a final outcome of its own.
func (r Row) Finished() bool { return r.Result.Outcome.Final() }

// Intent gives the handle to go on with an act that was read back.
func (r Row) Intent() Intent { return Intent{ActID: r.ActID, N: r.N, At: r.At} }

// EntitlementIDs lists what the act's steps and outcome name, each once.
func (r Row) EntitlementIDs() []string {
	var ids []string
	seen := map[string]bool{}
	add := func(list []string) {
		for _, id := range list {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	for _, s := range r.Steps {
		add(s.Result.EntitlementIDs)
	}
	add(r.Result.EntitlementIDs)
	return ids
}
