package journal

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
)

// ExportReport of VerifyExport. Without a fault, Proves says what that proves.
type ExportReport struct {
	Report        // KeyChecked: the file's seal was checked
	Complete bool // the file says that it holds the whole journal, and does
	Proves   string
}

// What an export proves.
const (
	provesWhole  = "Every entry up to entry %d stands here as it was written; nothing was changed, moved, put in or left out."
	provesPart   = "These entries stand here as the console exported them; nothing was changed, moved or cut off since. That they are all the journal holds is not proved."
	provesNoSeal = "The entries agree with their own hashes. Without the journal's key it is not proved that the console wrote them."
)

// maxLine is the longest line that is read.
const maxLine = 64 << 20

// lacking is a text that an export does not hold.
type lacking struct {
	n                       int64
	field, person, operator string
}

// VerifyExport checks an export as NDJSON, without the journal: that no line
// was edited, deleted, moved or cut off. keys are those of the journal, its
// current and earlier ones; with none only hashes are checked. o may hold a
// head that was kept elsewhere. An error means that r could not be read.
func VerifyExport(r io.Reader, keys [][32]byte, o VerifyOptions) (ExportReport, error) {
	e := &exportVerifier{verifier: &verifier{o: o}, digest: sha256.New()}
	e.missing = func(field string) {
		e.lacking = append(e.lacking, lacking{e.n, field, string(e.flat.columns[5]), string(e.flat.columns[4])})
	}
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return ExportReport{}, fmt.Errorf("journal: export: %w", err)
		}
		if len(line) > 0 {
			e.line(line, keys)
		}
		if err != nil {
			return e.report(), nil
		}
	}
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
		if len(line) > maxLine {
			return nil, fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
	}
}

type exportVerifier struct {
	*verifier
	head    *exportHead
	ended   bool
	digest  hash.Hash
	lacking []lacking
}

func (e *exportVerifier) line(line []byte, keys [][32]byte) {
	raw, whole := bytes.CutSuffix(line, []byte("\n"))
	switch {
	case !whole:
		e.fault(e.n, FaultCut, "the file ends in the middle of a line")
	case e.ended:
		e.fault(e.n, FaultEdited, "there is more after the end")
	case e.head == nil:
		e.head = &exportHead{}
		if json.Unmarshal(raw, e.head) != nil || e.head.Journal != formatVersion {
			e.fault(0, FaultEdited, "the first line is not that of an export")
		}
		e.gaps = !e.head.Complete
	case bytes.HasPrefix(raw, []byte(`{"end":`)):
		e.end(raw, keys)
		return
	default:
		e.exported(raw)
	}
	e.digest.Write(line)
}

// exported checks the line of one entry.
func (e *exportVerifier) exported(raw []byte) {
	var n int64
	var hash, body []byte
	var texts []rawText
	ok := object(raw, func(key, value []byte) bool {
		switch string(key) {
		case "n":
			return number(value, &n)
		case "hash":
			var err error
			hash, err = hex.DecodeString(string(bytes.Trim(value, `"`)))
			return err == nil
		case "body":
			body = value
			return true
		case "texts":
			return object(value, func(field, value []byte) bool {
				var t struct{ Salt, Text string }
				if json.Unmarshal(value, &t) != nil {
					return false
				}
				salt, err := hex.DecodeString(t.Salt)
				texts = append(texts, rawText{n, string(field), salt, t.Text, true})
				return err == nil
			})
		}
		return false
	})
	if !ok {
		e.fault(e.n, FaultEdited, "a line after entry %d is none of an export", e.n)
		return
	}
	e.entry(n, nil, body, hash)
	slices.SortFunc(texts, func(a, b rawText) int { return bytes.Compare([]byte(a.field), []byte(b.field)) })
	e.texts(texts)
	if !e.bad {
		e.note(body)
	}
}

// is tells whether raw is the line as it was written, to the byte.
func (end exportEnd) is(raw []byte) bool {
	b, err := json.Marshal(end)
	return err == nil && bytes.Equal(b, raw)
}

func (e *exportVerifier) end(raw []byte, keys [][32]byte) {
	e.ended = true
	var end exportEnd
	digest := hex.EncodeToString(e.digest.Sum(nil))
	switch {
	case json.Unmarshal(raw, &end) != nil || end.Digest != digest || !end.is(raw):
		e.fault(0, FaultEdited, "the last line does not belong to the lines before")
	case end.Rows != e.rep.Entries:
		e.fault(0, FaultEdited, "there are %d entries; the last line says %d", e.rep.Entries, end.Rows)
	case len(keys) == 0:
	case slices.ContainsFunc(keys, func(k [32]byte) bool {
		return end.KeyID == keyID(k) && hmac.Equal([]byte(end.Seal), []byte(exportSeal(k, digest)))
	}):
		e.rep.KeyChecked = true
	default:
		e.rep.KeyChecked = true
		e.fault(0, FaultHead, "the file is not sealed with a key of this journal")
	}
}

func (e *exportVerifier) report() ExportReport {
	if !e.ended {
		e.fault(e.n, FaultCut, "the file ends after entry %d, without its last line", e.n)
	}
	complete := e.head != nil && e.head.Complete
	if complete && (e.head.HeadN != e.n || e.head.HeadHash != hex.EncodeToString(e.hash)) {
		e.fault(e.n, FaultCut, "the file ends at entry %d; it says that entry %d is the newest", e.n, e.head.HeadN)
	}
	for _, l := range e.lacking {
		if complete {
			e.lacks(l.n, l.field, l.person, l.operator)
		} else {
			e.rep.Erased++ // the seal tells whether it was there
		}
	}
	e.rep.Reached = complete || e.head != nil && e.o.ExpectedN > e.head.HeadN
	if e.head != nil && !complete && e.o.ExpectedN > 0 && e.o.ExpectedN == e.head.HeadN && e.o.ExpectedHash != e.head.HeadHash {
		e.fault(e.o.ExpectedN, FaultHead, "entry %d is not the one that was noted elsewhere", e.o.ExpectedN)
	}
	out := ExportReport{Report: e.verifier.report(), Complete: complete}
	switch {
	case !out.OK:
	case !out.KeyChecked:
		out.Proves = provesNoSeal
	case complete:
		out.Proves = fmt.Sprintf(provesWhole, out.HeadN)
	default:
		out.Proves = provesPart
	}
	return out
}
