package journal

import "errors"

// ItemState says where an item of a batch stands.
type ItemState string

// The states of an item. Only pending ones change.
const (
	ItemPending ItemState = "pending"
	ItemDone    ItemState = "done"
	ItemFailed  ItemState = "failed"
	ItemLeftOut ItemState = "left_out"
)

// BatchItem is one row of a bulk act.
type BatchItem struct {
	Pos                  int // from 0, in the order of StartBatch
	Person               Party
	Role                 string
	BankID               string
	EntitlementRequestID string
	Target               string
	State                ItemState // pending or left out at the start
	Code                 string    // why it was left out or failed, not personal
	ActID                string    // of the item's own act, once it has begun
}

// Batch is one bulk act: an act of its own, whose items' acts are its children.
// Nothing goes on by itself: a person does.
type Batch struct {
	Row         // the act; its Entry has operator, reason and what was seen
	Open   bool // not ended yet
	Items  []BatchItem
	Counts map[ItemState]int
}

// Next gives the first pending item, false when there is none.
func (b Batch) Next() (BatchItem, bool) {
	for _, it := range b.Items {
		if it.State == ItemPending {
			return it, true
		}
	}
	return BatchItem{}, false
}

// BatchKey is the turn that whoever goes on with a batch takes, so that two
// browsers do not.
func BatchKey(id string) TurnKey { return TurnKey{UserID: "batch", Role: id} }

// ErrUnfinished is returned when an item's act has begun and has no final
// outcome yet, or a batch with pending items would be done.
var ErrUnfinished = errors.New("journal: something of it is not finished")

// ErrItemsChanged is returned for a batch whose items are not those that its
// entry in the chain was written with: nobody may go on with it.
var ErrItemsChanged = errors.New("journal: the items are not those that were chosen")
