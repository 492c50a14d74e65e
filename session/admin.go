package session

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// List gives who is signed in, latest first.
func (m *Manager) List(ctx context.Context) ([]Info, error) {
	var out []Info
	err := m.eachLive(ctx, func(l live) error {
		if m.lapsed(l) == "" {
			out = append(out, l.Info)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Info) int {
		if c := b.SignedInAt.Compare(a.SignedInAt); c != 0 {
			return c
		}
		return strings.Compare(a.SessionID, b.SessionID)
	})
	return out, err
}

// End ends a session by its id; its next request finds nobody signed in. It is
// no error when there is none.
func (m *Manager) End(ctx context.Context, sessionID string) error {
	var l live
	ok, err := m.readRecord(ctx, kindLive, sessionID, &l)
	if err != nil || !ok {
		return err
	}
	return m.drop(ctx, l, ReasonEnded)
}

// EndAllOf ends the sessions of a person but the one named except ("": all).
func (m *Manager) EndAllOf(ctx context.Context, userID, except string) error {
	return m.eachLive(ctx, func(l live) error {
		if l.UserID != userID || l.SessionID == except {
			return nil
		}
		return m.drop(ctx, l, ReasonEnded)
	})
}

// Bar keeps a person out of the console and ends their sessions.
func (m *Manager) Bar(ctx context.Context, userID string) error {
	err := m.Store.Change(ctx, kindBarred, userID, func(*Record) (*Record, error) {
		return &Record{Value: []byte("barred")}, nil
	})
	if err != nil {
		return err
	}
	return m.EndAllOf(ctx, userID, "")
}

// Unbar lets a barred person sign in again.
func (m *Manager) Unbar(ctx context.Context, userID string) error {
	return m.deleteRecord(ctx, kindBarred, userID)
}

// BarredPeople gives the user ids of all who are barred, sorted.
func (m *Manager) BarredPeople(ctx context.Context) ([]string, error) {
	all, err := m.Store.Records(ctx, kindBarred)
	return slices.Sorted(maps.Keys(all)), err
}

// Barred tells whether a person is barred.
func (m *Manager) Barred(ctx context.Context, userID string) (bool, error) {
	_, ok, err := m.Store.Record(ctx, kindBarred, userID)
	return ok, err
}
