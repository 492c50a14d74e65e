package journal

import (
	"context"
	"fmt"
)

// DropTurns ends every turn. It is for the start of a process that has the
// journal to itself: a turn that stands then is of a process that died.
func (j *Journal) DropTurns(ctx context.Context) error {
	if _, err := j.db.ExecContext(ctx, `DELETE FROM turns`); err != nil {
		return fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	return nil
}
