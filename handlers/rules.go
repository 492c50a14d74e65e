package handlers

import (
	"slices"
	"strings"

	"obpconsole/obp"
)

// Rule is the code of one of the console's own refusals. Its words are data,
// under "rule.CODE"; the code stands in the journal.
type Rule string

// The console's own refusals of an approval. OBP would allow each of them.
const (
	RuleOwnRequest      Rule = "own_request"              // the decider is the requester
	RuleOwnEmail        Rule = "own_account_same_email"   // an account with the decider's e-mail
	RuleOwnListed       Rule = "own_account_listed"       // configured as the decider's other account
	RuleDeletedPerson   Rule = "deleted_person"           // the requester is deleted
	RuleLockedNeedsTick Rule = "locked_needs_tick"        // locked, and not ticked that this is known
	RuleUnknownTick     Rule = "unknown_state_needs_tick" // state not readable, and not ticked
	RuleReasonRequired  Rule = "reason_required"          // neither text nor code
	RuleTextRequired    Rule = "text_required"            // a decline or a high-risk role without text
)

// Identity is what tells whether two accounts are one person's.
type Identity struct{ UserID, Username, Email string }

// SamePerson holds the configured accounts of one person: each group lists
// user ids or user names.
type SamePerson [][]string

// oneself tells whether other is the decider, and by which rule: the same user
// id, the same non-empty e-mail (letter case aside), or the same group.
func (g SamePerson) oneself(me, other Identity) (Rule, bool) {
	if me.UserID == other.UserID {
		return RuleOwnRequest, true
	}
	if mail := strings.TrimSpace(me.Email); mail != "" && strings.EqualFold(mail, strings.TrimSpace(other.Email)) {
		return RuleOwnEmail, true
	}
	for _, group := range g {
		if inGroup(group, me) && inGroup(group, other) {
			return RuleOwnListed, true
		}
	}
	return "", false
}

func inGroup(group []string, p Identity) bool {
	return slices.Contains(group, p.UserID) || p.Username != "" && slices.Contains(group, p.Username)
}

// personState is what is known of a requester before a grant.
type personState int

const (
	stateUnknown personState = iota // CanGetAnyUser is missing, or the call failed
	stateActive
	stateLocked
	stateDeleted
)

// stateOf reads a person's state. read is the answer for the person when it
// came; without it a scrambled user name still shows that they are deleted.
func stateOf(requester obp.User, read *obp.User) personState {
	switch {
	case requester.Deleted() || read != nil && read.Deleted():
		return stateDeleted
	case read == nil:
		return stateUnknown
	case read.IsLocked:
		return stateLocked
	}
	return stateActive
}

// decision is what a decider sent for one request.
type decision struct {
	Reason     string // free text
	ReasonCode string
	Tick       bool // "I know the state of this person"
	HighRisk   bool // the role is marked
}

// mayApprove gives the rules that an approval breaks, the weightiest first;
// none means that it may go on to OBP.
func (g SamePerson) mayApprove(me, requester Identity, state personState, d decision) []Rule {
	var broken []Rule
	if rule, own := g.oneself(me, requester); own {
		broken = append(broken, rule)
	}
	switch {
	case state == stateDeleted:
		broken = append(broken, RuleDeletedPerson)
	case state == stateLocked && !d.Tick:
		broken = append(broken, RuleLockedNeedsTick)
	case state == stateUnknown && !d.Tick:
		broken = append(broken, RuleUnknownTick)
	}
	return append(broken, d.reasonRules(d.HighRisk)...)
}

// mayDecline gives the rules that a decline breaks. One's own request may be
// declined: it gives nobody a right.
func (d decision) mayDecline() []Rule { return d.reasonRules(true) }

func (d decision) reasonRules(text bool) []Rule {
	switch {
	case strings.TrimSpace(d.Reason) != "":
		return nil
	case text:
		return []Rule{RuleTextRequired}
	case d.ReasonCode == "":
		return []Rule{RuleReasonRequired}
	}
	return nil
}
