package session

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[secret]"

// Secret holds a credential of OBP. No way of printing, logging or encoding it
// shows the value; Reveal is the only way to it. The zero value is empty.
type Secret struct{ value *string } // a pointer: fmt prints no text through it even from unexported fields

// NewSecret wraps v.
func NewSecret(v string) Secret { return Secret{value: &v} }

// Reveal gives the value, "" when there is none. Only a call to OBP needs it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty tells whether there is no value.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// String implements fmt.Stringer without the value.
func (Secret) String() string { return redacted }

// GoString implements fmt.GoStringer without the value.
func (Secret) GoString() string { return redacted }

// Format implements fmt.Formatter: every verb prints the same mark.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText implements encoding.TextMarshaler without the value.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements slog.LogValuer without the value.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
