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

// ErrSamePerson refuses a confirmation by the person who approved first.
var ErrSamePerson = errors.New("journal: the second person is the first")

// ErrNotFirst refuses a withdrawal or use by another than the first person.
var ErrNotFirst = errors.New("journal: only the first person may do this")

// ErrRetention refuses to erase text younger than the retention time.
var ErrRetention = errors.New("journal: the text is younger than the retention time")

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

// StateError says that an approval is no longer in the state the step needs.
type StateError struct{ State ApprovalState }

// Error names the state.
func (e *StateError) Error() string { return "journal: the approval is " + string(e.State) }
