package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// errUnreadable: no key of ours opens the value; it counts as no session.
var errUnreadable = errors.New("session: value cannot be decrypted")

const purpose = "obpconsole/session/v1"

// sealer encrypts with the first key and opens with any of them. The purpose
// is authenticated, so that a value cannot be moved from one place to another.
type sealer struct {
	aeads    []cipher.AEAD
	traceKey []byte
}

func newSealer(key [32]byte, previous [][32]byte) (*sealer, error) {
	s := &sealer{}
	for _, k := range append([][32]byte{key}, previous...) {
		sub, err := hkdf.Key(sha256.New, k[:], nil, purpose+" encryption", 32)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(sub)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		s.aeads = append(s.aeads, aead)
	}
	var err error
	s.traceKey, err = hkdf.Key(sha256.New, key[:], nil, purpose+" cookie trace", 32)
	return s, err
}

func (s *sealer) seal(plain []byte, place string) []byte {
	return s.aeads[0].Seal(nil, nil, plain, []byte(purpose+"|"+place))
}

func (s *sealer) open(sealed []byte, place string) ([]byte, error) {
	for _, a := range s.aeads {
		if plain, err := a.Open(nil, nil, sealed, []byte(purpose+"|"+place)); err == nil {
			return plain, nil
		}
	}
	return nil, errUnreadable
}

// trace names a cookie's value in the store without giving it away.
func (s *sealer) trace(token string) string {
	m := hmac.New(sha256.New, s.traceKey)
	m.Write([]byte(token))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// hashToken is the name scs gives a session in the store under HashTokenInStore.
func hashToken(token string) string {
	h := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// codec is the scs.Codec: one JSON text under one key, encrypted.
type codec struct{ *sealer }

const (
	valueKey   = "v"
	valuePlace = "scs"
)

type sealedForm struct {
	Deadline time.Time
	Value    string
}

// Encode implements scs.Codec. A value under any other key is an error: it
// would be lost.
func (c codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	form := sealedForm{Deadline: deadline}
	for k, v := range values {
		text, ok := v.(string)
		if k != valueKey || !ok {
			return nil, fmt.Errorf("session: only text under %q is kept, not %T under %q", valueKey, v, k)
		}
		form.Value = text
	}
	b, err := json.Marshal(form)
	if err != nil {
		return nil, err
	}
	return c.seal(b, valuePlace), nil
}

// Decode implements scs.Codec.
func (c codec) Decode(sealed []byte) (time.Time, map[string]any, error) {
	plain, err := c.open(sealed, valuePlace)
	if err != nil {
		return time.Time{}, nil, err
	}
	var form sealedForm
	if err := json.Unmarshal(plain, &form); err != nil {
		return time.Time{}, nil, errors.Join(errUnreadable, err)
	}
	return form.Deadline, map[string]any{valueKey: form.Value}, nil
}
