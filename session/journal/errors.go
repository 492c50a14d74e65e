package journal

import (
	"errors"
	"fmt"
	"time"
)

// ErrNotWritten wraps every failure to write. After it from Intend the act
// must not be done.
var ErrNotWritten = errors.New("journal: not written")

// ErrNotFound is returned for an act, approval or batch that is not there.
var ErrNotFound = errors.New("journal: not found")

// ErrFinished is returned for a step or outcome of an act that has ended.
var ErrFinished = errors.New("journal: the act has ended")

// BusyError says that another decision on the same person, role and scope runs.
type BusyError struct {
	Holder Party
	ActID  string
	Since  time.Time
}

// Error names the holder's user id only, since errors are logged.
func (e *BusyError) Error() string {
	return fmt.Sprintf("journal: %s decides since %s", e.Holder.UserID, e.Since.Format(time.RFC3339))
}
