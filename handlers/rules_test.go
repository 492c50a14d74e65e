package handlers

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"obpconsole/obp"
)

// Nobody approves their own, by user id, e-mail or configured account (security 18).
func TestMayApprove(t *testing.T) {
	me := Identity{"u1", "anna", "anna@example.com"}
	other := Identity{"u2", "felix", "felix@example.com"}
	same := SamePerson{{"x", "y"}, {"u1", "anna.two"}}
	ok := decision{Reason: "agreed with her manager"}
	for _, c := range []struct {
		name  string
		who   Identity
		state personState
		d     decision
		want  []Rule
	}{
		{"fine", other, stateActive, ok, nil},
		{"a code is enough", other, stateActive, decision{ReasonCode: "joiner"}, nil},
		{"own id", Identity{"u1", "anna", ""}, stateActive, ok, []Rule{RuleOwnRequest}},
		{"own e-mail in another case", Identity{"u3", "a", " Anna@Example.COM "}, stateActive, ok, []Rule{RuleOwnEmail}},
		{"listed by name", Identity{"u4", "anna.two", "z@example.com"}, stateActive, ok, []Rule{RuleOwnListed}},
		{"in a group without me", Identity{"x", "x", "z@example.com"}, stateActive, ok, nil},
		{"deleted, tick or not", other, stateDeleted, decision{Reason: "r", Tick: true}, []Rule{RuleDeletedPerson}},
		{"locked", other, stateLocked, ok, []Rule{RuleLockedNeedsTick}},
		{"locked and ticked", other, stateLocked, decision{Reason: "r", Tick: true}, nil},
		{"unknown", other, stateUnknown, ok, []Rule{RuleUnknownTick}},
		{"no reason", other, stateActive, decision{Reason: " \n"}, []Rule{RuleReasonRequired}},
		{"high risk needs text", other, stateActive, decision{ReasonCode: "joiner", HighRisk: true}, []Rule{RuleTextRequired}},
		{"everything at once", Identity{"u1", "anna", ""}, stateDeleted, decision{}, []Rule{RuleOwnRequest, RuleDeletedPerson, RuleReasonRequired}},
	} {
		if d := cmp.Diff(c.want, same.mayApprove(me, c.who, c.state, c.d)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	if _, own := same.oneself(Identity{"u8", "a", ""}, Identity{"u9", "b", ""}); own {
		t.Error("two empty e-mails are not one person's")
	}
}

func TestMayDecline(t *testing.T) {
	if got := (decision{ReasonCode: "duplicate"}).mayDecline(); !cmp.Equal(got, []Rule{RuleTextRequired}) {
		t.Errorf("a decline needs text, got %v", got)
	}
	if got := (decision{Reason: "asked twice"}).mayDecline(); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestStateOf(t *testing.T) {
	asked := obp.User{UserID: "u1", Username: "felix"}
	for _, c := range []struct {
		name string
		who  obp.User
		read *obp.User
		want personState
	}{
		{"not readable", asked, nil, stateUnknown},
		{"not readable, scrambled name", obp.User{Username: "DELETED-4WTMOVTRTCWOWK2V"}, nil, stateDeleted},
		{"active", asked, &obp.User{}, stateActive},
		{"locked", asked, &obp.User{IsLocked: true}, stateLocked},
		{"deleted and locked", asked, &obp.User{IsLocked: true, IsDeleted: true}, stateDeleted},
	} {
		if got := stateOf(c.who, c.read); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}
