package journal

// TurnKey names what only one decision at a time may touch.
type TurnKey struct{ UserID, Role, BankID string }
