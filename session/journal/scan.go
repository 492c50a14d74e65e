package journal

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// flat is what verification needs of an entry's body, without building a record.
type flat struct {
	n, at   int64
	prev    []byte
	columns [10][]byte // as in entries: kind, act_id, ... outcome
	env     []byte
	texts   []flatText // by field, as encoding/json writes a map
}

type flatText struct{ field, hash []byte }

// column is where a key of the body stands in entries.
var column = map[string]int{"kind": 0, "act_id": 1, "parent_id": 2, "act": 3, "operator_id": 4, "person_id": 5,
	"role": 6, "bank_id": 7, "entitlement_request_id": 8, "outcome": 9}

// scan reads a body that Marshal wrote; false when it is not of that form.
func (f *flat) scan(body []byte) bool {
	*f = flat{texts: f.texts[:0]}
	return object(body, func(key, value []byte) bool {
		switch string(key) {
		case "n":
			return number(value, &f.n)
		case "at":
			return number(value, &f.at)
		case "prev":
			return text(value, &f.prev)
		case "environment":
			return text(value, &f.env)
		case "texts":
			return object(value, func(key, value []byte) bool {
				t := flatText{field: key}
				ok := text(value, &t.hash)
				f.texts = append(f.texts, t)
				return ok
			})
		}
		if i, ok := column[string(key)]; ok {
			return text(value, &f.columns[i])
		}
		return true
	})
}

func number(b []byte, into *int64) bool {
	n, err := strconv.ParseInt(string(b), 10, 64)
	*into = n
	return err == nil
}

func text(b []byte, into *[]byte) bool {
	if len(b) < 2 || b[0] != '"' {
		return false
	}
	if bytes.IndexByte(b, '\\') < 0 {
		*into = b[1 : len(b)-1]
		return true
	}
	var s string
	err := json.Unmarshal(b, &s)
	*into = []byte(s)
	return err == nil
}

// object calls fn with each key and raw value of a compact JSON object.
func object(b []byte, fn func(key, value []byte) bool) bool {
	if len(b) < 2 || b[0] != '{' || b[len(b)-1] != '}' {
		return false
	}
	for b = b[1:]; len(b) > 1; {
		k := valueLen(b)
		if k < 2 || b[0] != '"' || k >= len(b) || b[k] != ':' {
			return false
		}
		v := valueLen(b[k+1:])
		end := k + 1 + v
		if v == 0 || end >= len(b) || b[end] != ',' && b[end] != '}' || !fn(b[1:k-1], b[k+1:end]) {
			return false
		}
		b = b[end+1:]
	}
	return len(b) == 0 || b[0] == '}'
}

// valueLen is the length of the value that b begins with, 0 when there is none.
func valueLen(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			for {
				end := bytes.IndexByte(b[i+1:], '"')
				if end < 0 {
					return 0
				}
				start := i
				i += 1 + end
				slashes := 0
				for i-1-slashes > start && b[i-1-slashes] == '\\' {
					slashes++
				}
				if slashes%2 == 0 {
					break
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return 0
}
