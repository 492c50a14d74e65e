package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// TakeTurn lets one decision at a time touch a person's role at a scope, over
// every process that shares the journal. *BusyError says who decides. A turn
// that is not released ends after ttl.
func (j *Journal) TakeTurn(ctx context.Context, k TurnKey, holder Party, actID string, ttl time.Duration) (release func(), err error) {
	who, err := json.Marshal([]string{holder.UserID, holder.Username, holder.Email, holder.Provider})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	for {
		now := j.o.Now().UTC()
		got, err := j.take(ctx, k, who, actID, now.UnixNano(), now.Add(ttl).UnixNano())
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotWritten, err)
		}
		if got {
			break
		}
		if err := j.busy(ctx, k); !errors.Is(err, sql.ErrNoRows) { // else it was given back meanwhile
			return nil, err
		}
	}
	return func() {
		// the turn ends by itself when this fails
		if _, err := j.db.ExecContext(context.WithoutCancel(ctx), `DELETE FROM turns WHERE user_id = ? AND role = ? AND bank_id = ? AND act_id = ?`, k.UserID, k.Role, k.BankID, actID); err != nil {
			j.o.Logger.WarnContext(ctx, "a turn was not released", "act_id", actID)
		}
	}, nil
}

func (j *Journal) busy(ctx context.Context, k TurnKey) error {
	var who, act string
	var since int64
	err := j.db.QueryRowContext(ctx, `SELECT holder, act_id, since FROM turns WHERE user_id = ? AND role = ? AND bank_id = ?`, k.UserID, k.Role, k.BankID).Scan(&who, &act, &since)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	var p [4]string
	if err := json.Unmarshal([]byte(who), &p); err != nil {
		return fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	return &BusyError{Holder: Party{UserID: p[0], Username: p[1], Email: p[2], Provider: p[3]}, ActID: act, Since: time.Unix(0, since).UTC()}
}
