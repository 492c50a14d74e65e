package journal

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"
)

// Exported says what an export wrote.
type Exported struct {
	Rows     int64 // entries of NDJSON, acts of CSV
	Complete bool  // the whole journal, not a part of it
}

// exportHead is the first line of an export as NDJSON.
type exportHead struct {
	Journal     int       `json:"journal"` // version of the format
	Environment string    `json:"environment"`
	MadeAt      time.Time `json:"made_at"`
	Complete    bool      `json:"complete"`
	Filter      *Filter   `json:"filter,omitempty"`
	HeadN       int64     `json:"head_n"`
	HeadHash    string    `json:"head_hash"`
}

// exportEnd is its last: the digest is of all the lines before.
type exportEnd struct {
	End    bool   `json:"end"`
	Rows   int64  `json:"entries"`
	Digest string `json:"digest"`
	KeyID  string `json:"key_id"`
	Seal   string `json:"seal"`
}

func exportSeal(key [32]byte, digest string) string {
	m := hmac.New(sha256.New, key[:])
	fmt.Fprintf(m, "journal export %s", digest)
	return hex.EncodeToString(m.Sum(nil))
}

// perRead is how many entries or acts an export reads at once. Between the
// reads it holds nothing, so that a slow receiver holds up nobody.
const perRead = 500

// ExportNDJSON writes every entry of the acts that f selects (Before, Limit and
// Count aside), oldest first, each on a line with its body as it was hashed,
// its hash, and its personal text with the salts. VerifyExport checks the file.
func (j *Journal) ExportNDJSON(ctx context.Context, w io.Writer, f Filter) (Exported, error) {
	h, err := j.newest(ctx)
	if err != nil {
		return Exported{}, fmt.Errorf("journal: export: %w", err)
	}
	f.Before, f.Limit, f.Count = 0, 0, false
	head := exportHead{Journal: formatVersion, Environment: j.o.Environment, MadeAt: j.o.Now().UTC(), HeadN: h.n, HeadHash: hex.EncodeToString(h.hash),
		Complete: reflect.DeepEqual(f, Filter{Rights: Rights{All: true}})}
	if !head.Complete {
		head.Filter = &f
	}
	digest := sha256.New()
	buf := bufio.NewWriterSize(io.MultiWriter(w, digest), 64<<10)
	line := func(v any) error {
		b, err := json.Marshal(v)
		if err == nil {
			_, err = buf.Write(append(b, '\n'))
		}
		return err
	}
	out := Exported{Complete: head.Complete}
	var chunk bytes.Buffer
	err = line(head)
	if err == nil {
		err = j.eachChunk(ctx, f, head.Complete, h.n, func(ns string) error {
			chunk.Reset()
			n, err := j.exportChunk(ctx, &chunk, ns)
			if out.Rows += n; err == nil {
				_, err = buf.Write(chunk.Bytes())
			}
			return err
		})
	}
	if err == nil {
		err = j.notErasedSince(ctx, h.n)
	}
	if err == nil {
		err = buf.Flush()
	}
	if err == nil {
		d := hex.EncodeToString(digest.Sum(nil))
		err = line(exportEnd{End: true, Rows: out.Rows, Digest: d, KeyID: keyID(j.o.Key), Seal: exportSeal(j.o.Key, d)})
	}
	if err == nil {
		err = buf.Flush()
	}
	if err != nil {
		return out, fmt.Errorf("journal: export: %w", err)
	}
	return out, nil
}

// notErasedSince refuses an export during which text was erased: it would not
// hold the act that erased it.
func (j *Journal) notErasedSince(ctx context.Context, n int64) error {
	var erased bool
	err := j.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM entries WHERE act = 'erase' AND n > ?)`, n).Scan(&erased)
	if err == nil && erased {
		err = errors.New("text was erased meanwhile; export again")
	}
	return err
}

// eachChunk calls fn with JSON lists of the numbers of the entries of a
// filter's acts, none newer than last.
func (j *Journal) eachChunk(ctx context.Context, f Filter, complete bool, last int64, fn func(ns string) error) error {
	var ns []int64
	flush := func() error {
		if len(ns) == 0 {
			return nil
		}
		b, err := json.Marshal(ns)
		ns = ns[:0]
		return errors.Join(err, fn(string(b)))
	}
	if complete {
		for n := range last {
			if ns = append(ns, n+1); len(ns) == perRead {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		return flush()
	}
	q, err := j.query(ctx, f)
	if err != nil {
		return err
	}
	pick, args := q.pick("act_id", 0, noLimit)
	all, err := j.numbers(ctx, `SELECT n FROM entries WHERE act_id IN (`+pick+`) AND n <= ? ORDER BY n`, append(args, last)...)
	if err != nil {
		return err
	}
	for _, n := range all {
		if ns = append(ns, n); len(ns) == perRead {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func (j *Journal) numbers(ctx context.Context, query string, args ...any) ([]int64, error) {
	rows, err := j.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// exportChunk gives the lines of the entries of ns, of one snapshot.
func (j *Journal) exportChunk(ctx context.Context, into *bytes.Buffer, ns string) (count int64, err error) {
	rows, err := j.read.QueryContext(ctx, `SELECT e.n, e.body, e.hash, (SELECT json_group_object(t.field, json_object('salt', lower(hex(t.salt)), 'text', t.text)) FROM texts t WHERE t.n = e.n)
		FROM entries e WHERE e.n IN (SELECT value FROM json_each(?)) ORDER BY e.n`, ns)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); count++ {
		var n int64
		var body, hash, texts sql.RawBytes
		if err := rows.Scan(&n, &body, &hash, &texts); err != nil {
			return count, err
		}
		fmt.Fprintf(into, `{"n":%d,"hash":"%x","body":%s,"texts":`, n, []byte(hash), body)
		if err := json.Compact(into, texts); err != nil { // PostgreSQL writes it with blanks
			return count, err
		}
		into.WriteString("}\n")
	}
	return count, rows.Err()
}
