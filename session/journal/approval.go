package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// approval is a row of approvals.
type approval struct {
	id, state, act, first, second, person, role, bank, request, target string
	at, lapses, changed                                                int64
	usedBy                                                             string
}

const approvalColumns = `id, state, act, first_id, second_id, person_id, role, bank_id, request_id, target, at, lapses, changed, used_by`

func (a *approval) fields() []any {
	return []any{&a.id, &a.state, &a.act, &a.first, &a.second, &a.person, &a.role, &a.bank, &a.request, &a.target, &a.at, &a.lapses, &a.changed, &a.usedBy}
}

func (a approval) public() Approval {
	t := func(ns int64) time.Time { return time.Unix(0, ns).UTC() }
	return Approval{ID: a.id, State: ApprovalState(a.state), Act: Act(a.act), First: Party{UserID: a.first}, Second: Party{UserID: a.second}, Person: Party{UserID: a.person},
		Role: a.role, BankID: a.bank, EntitlementRequestID: a.request, Target: a.target, At: t(a.at), LapsesAt: t(a.lapses), ChangedAt: t(a.changed), UsedBy: a.usedBy}
}

// FirstApproval writes that e.Operator wants e.Act done and that it needs a
// second person. ErrWaiting: the same act of the same subject is open already.
func (j *Journal) FirstApproval(ctx context.Context, e Entry) (Approval, error) {
	a := approval{state: string(StateWaiting)}
	err := j.change(ctx, func(w *writer) error {
		now, lapse := w.j.o.Now(), w.j.o.Lapse
		if lapse == 0 {
			lapse = LapseAfter
		}
		clean(&e, &Result{}, new(string))
		if _, err := w.lapse(now, `act = ? AND person_id = ? AND role = ? AND bank_id = ? AND request_id = ? AND target = ?`,
			string(e.Act), e.Person.UserID, e.Role, e.BankID, e.EntitlementRequestID, e.Target); err != nil {
			return err
		}
		first := e
		first.Act, first.Details = ActFirstApproval, maps.Clone(e.Details)
		if first.Details == nil {
			first.Details = map[string]string{}
		}
		a.lapses = now.Add(lapse).UnixNano()
		first.Details["for"], first.Details["lapses"] = string(e.Act), strconv.FormatInt(a.lapses, 10)
		in, err := w.begin(KindEvent, first, Result{State: a.state})
		if err != nil {
			return err
		}
		a.id, a.act, a.first, a.person, a.role, a.bank, a.request, a.target = in.ActID, string(e.Act), e.Operator.UserID, e.Person.UserID, e.Role, e.BankID, e.EntitlementRequestID, e.Target
		a.at, a.changed = in.At.UnixNano(), in.At.UnixNano()
		n, err := w.count(`INSERT INTO approvals (`+approvalColumns+`) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING`,
			a.id, a.state, a.act, a.first, a.second, a.person, a.role, a.bank, a.request, a.target, a.at, a.lapses, a.changed, a.usedBy)
		if err == nil && n == 0 {
			err = refusal{ErrWaiting}
		}
		return err
	})
	if err != nil {
		return Approval{}, err
	}
	out := a.public()
	out.First, out.Person = e.Operator, e.Person
	out.Reason, out.ReasonCode, out.Ticket, out.Verified, out.Seen = e.Reason, e.ReasonCode, e.Ticket, e.Verified, e.Seen
	return out, nil
}

// Confirm writes that e.Operator, the second person, agrees. second says
// whether they count as one, by the approval as it stands in this step; it may
// read the journal but not write. The same user id as the first, or as the
// person's, never counts: ErrSamePerson.
func (j *Journal) Confirm(ctx context.Context, id string, e Entry, second func(Approval) error) (Approval, error) {
	known, err := j.Approval(ctx, id) // with names, which do not change
	if errors.Is(err, ErrNotFound) {
		return Approval{}, err
	}
	if err != nil {
		return Approval{}, fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	_, err = j.move(ctx, id, e, ActConfirm, func(a *approval) error {
		if a.state != string(StateWaiting) {
			return &StateError{ApprovalState(a.state)}
		}
		if id := e.Operator.UserID; id == "" || id == a.first || id == a.person {
			return ErrSamePerson
		}
		if second != nil {
			known.State = StateWaiting
			if err := second(known); err != nil {
				return err
			}
		}
		a.state, a.second = string(StateConfirmed), e.Operator.UserID
		known.State, known.Second = StateConfirmed, e.Operator
		return nil
	})
	if err != nil {
		return Approval{}, err
	}
	return known, nil
}

// Withdraw ends an open approval. Who may is the caller's rule.
func (j *Journal) Withdraw(ctx context.Context, id string, e Entry) error {
	if known, err := j.Approval(ctx, id); err == nil {
		e.Person = known.Person // with names
	}
	_, err := j.move(ctx, id, e, ActWithdraw, func(a *approval) error {
		a.state = string(StateWithdrawn)
		return nil
	})
	return err
}

// UseApproval spends a confirmed approval and writes the intent of the act it
// was for, in one step: it is used once. e is that act, by the first or the
// second person.
func (j *Journal) UseApproval(ctx context.Context, id string, e Entry) (Intent, error) {
	if e.ActID == "" {
		e.ActID = uuid.NewString()
	}
	return j.move(ctx, id, e, ActUseApproval, func(a *approval) error {
		switch by := e.Operator.UserID; {
		case a.state != string(StateConfirmed):
			return &StateError{ApprovalState(a.state)}
		case by != a.first && by != a.second:
			return ErrNotTheirs
		case string(e.Act) != a.act || e.Person.UserID != a.person || e.Role != a.role || e.BankID != a.bank || e.EntitlementRequestID != a.request || e.Target != a.target:
			return ErrMismatch
		}
		a.state, a.usedBy = string(StateUsed), e.ActID
		return nil
	})
}

// LapseDue writes which approvals have lapsed, and gives how many.
func (j *Journal) LapseDue(ctx context.Context) (n int, err error) {
	err = j.change(ctx, func(w *writer) error {
		n, err = w.lapse(j.o.Now(), `TRUE`)
		return err
	})
	return n, err
}

// move makes one change of an open approval, with its entry; to changes the
// row or refuses. What is due lapses instead.
func (j *Journal) move(ctx context.Context, id string, e Entry, act Act, to func(*approval) error) (in Intent, err error) {
	var late error
	err = j.change(ctx, func(w *writer) error {
		late = nil
		if n, err := w.lapse(j.o.Now(), `id = ?`, id); err != nil || n > 0 {
			late = &StateError{StateLapsed}
			return err
		}
		var a approval
		err := w.row(`SELECT `+approvalColumns+` FROM approvals WHERE id = ?`, id).Scan(a.fields()...)
		if errors.Is(err, sql.ErrNoRows) {
			return refusal{ErrNotFound}
		}
		if err != nil {
			return err
		}
		if !ApprovalState(a.state).Open() {
			return refusal{&StateError{ApprovalState(a.state)}}
		}
		if err := to(&a); err != nil {
			return refusal{err}
		}
		if err := w.moved(&a, e, act); err != nil {
			return err
		}
		if act == ActUseApproval {
			e.ParentID, e.ParentKind = a.id, ParentSecondPerson
			in, err = w.begin(KindIntent, e, Result{})
		}
		return err
	})
	if err == nil {
		err = late
	}
	return in, err
}

// moved writes an approval's new row and its entry.
func (w *writer) moved(a *approval, by Entry, act Act) error {
	person := by.Person
	if person.UserID != a.person {
		person = Party{UserID: a.person}
	}
	e := Entry{Act: act, ParentID: a.id, ParentKind: ParentSecondPerson, Operator: by.Operator, Person: person, Role: a.role, BankID: a.bank,
		EntitlementRequestID: a.request, Target: a.target, ClientAddr: by.ClientAddr, RequestID: by.RequestID, Details: map[string]string{"for": a.act}}
	if a.usedBy != "" {
		e.Details["used_by"] = a.usedBy
	} else {
		e.Reason, e.ReasonCode, e.Ticket, e.Verified, e.Seen = by.Reason, by.ReasonCode, by.Ticket, by.Verified, by.Seen
	}
	in, err := w.begin(KindEvent, e, Result{State: a.state})
	if err != nil {
		return err
	}
	a.changed = in.At.UnixNano()
	return w.exec(`UPDATE approvals SET state = ?, second_id = ?, changed = ?, used_by = ? WHERE id = ?`, a.state, a.second, a.changed, a.usedBy, a.id)
}

// lapse ends the open approvals that are due, among those of a condition.
func (w *writer) lapse(now time.Time, cond string, args ...any) (int, error) {
	rows, err := w.query(`SELECT `+approvalColumns+` FROM approvals WHERE state IN ('waiting','confirmed') AND lapses <= ? AND `+cond, append([]any{now.UnixNano()}, args...)...)
	if err != nil {
		return 0, err
	}
	var due []approval
	for rows.Next() {
		var a approval
		if err := rows.Scan(a.fields()...); err != nil {
			return 0, errors.Join(err, rows.Close())
		}
		due = append(due, a)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, err
	}
	for i := range due {
		due[i].state = string(StateLapsed)
		if err := w.moved(&due[i], Entry{}, ActLapse); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

func marks(n int) string { return "?" + strings.Repeat(",?", n-1) }
