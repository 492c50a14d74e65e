package session

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Preferences of a person, kept on the server by user id.
type Preferences struct {
	Theme       string // "system", "light" or "dark"
	RowsPerPage int    // 10 to 100; 0: as the console is set up
	Shortcuts   bool
	TimeZone    string // IANA name; empty: the console's
}

// DefaultPreferences holds for a person who chose nothing.
func DefaultPreferences() Preferences {
	return Preferences{Theme: "system", Shortcuts: true}
}

// Preferences gives a person's choices, else the defaults.
func (m *Manager) Preferences(ctx context.Context, userID string) (Preferences, error) {
	p := DefaultPreferences()
	r, ok, err := m.Store.Record(ctx, kindPreferences, userID)
	if err != nil || !ok {
		return p, err
	}
	if err := json.Unmarshal(r.Value, &p); err != nil {
		return DefaultPreferences(), fmt.Errorf("session: preferences: %w", err)
	}
	return p, nil
}

// SavePreferences checks and keeps a person's choices.
func (m *Manager) SavePreferences(ctx context.Context, userID string, p Preferences) error {
	if !slices.Contains([]string{"system", "light", "dark"}, p.Theme) {
		return fmt.Errorf("session: no theme %q", p.Theme)
	}
	if p.RowsPerPage != 0 && (p.RowsPerPage < 10 || p.RowsPerPage > 100) {
		return fmt.Errorf("session: rows per page must be 10 to 100, not %d", p.RowsPerPage)
	}
	if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" {
		return fmt.Errorf("session: no time zone %q", p.TimeZone)
	}
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return m.Store.Change(ctx, kindPreferences, userID, func(*Record) (*Record, error) {
		return &Record{Value: b}, nil
	})
}
