package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
)

// SettingChange is a safety setting that differs from the last start; Old is
// empty for a new one, New for one that is gone.
type SettingChange struct{ Name, Old, New string }

// SettingsSince records as ActSettingChanged each safety setting that differs
// from what the chain says of the last start (at the first start: each), with
// its old and new value. Values stay for ever: no secret belongs in them.
func (j *Journal) SettingsSince(ctx context.Context, settings map[string]string) ([]SettingChange, error) {
	var changes []SettingChange
	err := j.change(ctx, func(w *writer) error {
		changes = nil
		was, err := w.settings()
		if err != nil {
			return err
		}
		names := maps.Clone(was)
		maps.Copy(names, settings)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			old, known := was[name]
			now, set := settings[name]
			if known && set && old == now {
				continue
			}
			c := SettingChange{name, old, now}
			state := "set"
			if !set {
				state = "gone"
			}
			_, err := w.begin(KindEvent, Entry{Act: ActSettingChanged, Target: name, Details: map[string]string{"old": old, "new": now}}, Result{Outcome: OutcomeDone, State: state})
			if err != nil {
				return err
			}
			changes = append(changes, c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return changes, nil
}

// settings gives the values that the chain says were last set.
func (w *writer) settings() (map[string]string, error) {
	rows, err := w.query(`SELECT body FROM entries WHERE act = 'setting_changed' AND kind IN ('intent','event') ORDER BY n`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	was := map[string]string{}
	for rows.Next() {
		var body sql.RawBytes
		var r record
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &r); err != nil {
			return nil, err
		}
		if was[r.Target] = r.Details["new"]; r.State == "gone" {
			delete(was, r.Target)
		}
	}
	return was, rows.Err()
}
