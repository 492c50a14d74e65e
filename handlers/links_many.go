package handlers

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// sideBySide is how many rows of a table are worked on at once.
const sideBySide = 4

// manyLine is one line of a table of links, and what was found out about it.
type manyLine struct {
	N                int `json:"n"`
	Number, Username string
	code             string // why it is left out, empty: it is good
	err              error
	customer         obp.Customer
	u                obp.User
}

// readLines reads customer numbers and user names: separated by comma,
// semicolon or tab, with or without a line of headings.
func readLines(text string) (out []manyLine, over int) {
	in := tableReader(text)
	for {
		row, err := in.Read()
		if err == io.EOF {
			return out, over
		}
		line, _ := in.FieldPos(0)
		if err != nil {
			out = append(out, manyLine{N: line, code: "unreadable"})
			return out, over
		}
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		if line == 1 && isHeading(row) {
			continue
		}
		if len(out) == maxBulk {
			over++
			continue
		}
		l := manyLine{N: line, Number: row[0]}
		if len(row) > 1 {
			l.Username = row[1]
		}
		if l.Number == "" || l.Username == "" {
			l.code = "incomplete"
		}
		if slices.ContainsFunc(out, func(x manyLine) bool { return x.Number == l.Number && x.Username == l.Username }) {
			l.code = "twice"
		}
		out = append(out, l)
	}
}

// tableReader reads CSV with the separator that the first line has.
func tableReader(text string) *csv.Reader {
	text = strings.TrimPrefix(strings.ToValidUTF8(text, ""), "\ufeff")
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord, in.LazyQuotes, in.TrimLeadingSpace = -1, true, true
	first, _, _ := strings.Cut(text, "\n")
	for _, sep := range "\t;" {
		if strings.ContainsRune(first, sep) {
			in.Comma = sep
			break
		}
	}
	return in
}

func isHeading(row []string) bool {
	return len(row) > 1 && contains(row[0], "customer") && contains(row[1], "user") && !strings.ContainsAny(row[0]+row[1], "0123456789@")
}

// checkLines looks up every customer and person once, a few side by side, and
// then whether they are linked already. It changes nothing.
func (s *Server) checkLines(ctx context.Context, c *caller, bank string, lines []manyLine) error {
	var g errgroup.Group
	g.SetLimit(sideBySide)
	customers := map[string]*lookedUp[obp.Customer]{}
	people := map[string]*lookedUp[obp.User]{}
	for _, l := range lines {
		if l.code == "" {
			lookUpOnce(&g, customers, l.Number, func() (obp.Customer, error) { return c.api.CustomerByNumber(ctx, bank, l.Number) })
			lookUpOnce(&g, people, l.Username, func() (obp.User, error) { return c.api.UserByUsername(ctx, l.Username) })
		}
	}
	_ = g.Wait()
	links := map[string]*lookedUp[[]obp.CustomerLink]{}
	for i := range lines {
		l := &lines[i]
		if l.code != "" {
			continue
		}
		who, whom := customers[l.Number], people[l.Username]
		l.customer, l.u, l.err = who.value, whom.value, cmp.Or(who.err, whom.err)
		switch {
		case who.err != nil:
			l.code = lookCode(who.err, "no_customer")
		case whom.err != nil:
			l.code = lookCode(whom.err, "no_user")
		default:
			lookUpOnce(&g, links, l.customer.CustomerID, func() ([]obp.CustomerLink, error) {
				return c.api.CustomerLinks(ctx, bank, l.customer.CustomerID) // without the role for it OBP says so on linking
			})
		}
		if over := firstOver(l.err); over != nil {
			return over
		}
	}
	_ = g.Wait()
	for i := range lines {
		l := &lines[i]
		if l.code != "" {
			continue
		}
		x := links[l.customer.CustomerID]
		if over := firstOver(x.err); over != nil {
			return over
		}
		if x.err == nil && slices.ContainsFunc(x.value, func(k obp.CustomerLink) bool { return k.UserID == l.u.UserID }) {
			l.code = "linked_already"
		}
	}
	return nil
}

// lookedUp is what a look-up gave.
type lookedUp[T any] struct {
	value T
	err   error
}

// lookUpOnce begins a look-up that was not begun for the key before.
func lookUpOnce[T any](g *errgroup.Group, known map[string]*lookedUp[T], key string, look func() (T, error)) {
	if known[key] != nil {
		return
	}
	x := &lookedUp[T]{}
	known[key] = x
	g.Go(func() error { x.value, x.err = look(); return nil })
}

// lookCode says in a word why a look-up gave nothing.
func lookCode(err error, absent string) string {
	switch obp.KindOf(err) {
	case obp.KindNotFound, obp.KindInvalid:
		return absent
	case obp.KindMissingRole:
		return "not_allowed"
	}
	return "not_read"
}

func (s *Server) manyRows(bank string, lines []manyLine) (rows []templates.ManyRow, good int) {
	for _, l := range lines {
		row := templates.ManyRow{Line: l.N, Number: l.Number, Person: l.Username, Customer: l.customer.LegalName, Code: "good",
			State: templates.Badge{Tone: templates.ToneGood, Text: templates.Word("many.good")}}
		if l.customer.CustomerID != "" {
			row.Href = templates.Customer(bank, l.customer.CustomerID)
		}
		if l.code != "" {
			row.State, row.Code, row.Why = templates.Badge{Tone: templates.ToneWarn, Text: templates.Word("many.left_out")}, l.code, templates.Word("many.why_"+l.code)
		} else {
			good++
		}
		rows = append(rows, row)
	}
	return rows, good
}

// linkManyPage is where a table is pasted.
func (s *Server) linkManyPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.stillIn(r.Context(), c); err != nil {
		return err
	}
	in := s.takeDraft(r.Context(), r.URL.Path)
	return s.manyPage(w, r, c, http.StatusOK, in, templates.ManyPage{}, nil)
}

func (s *Server) manyPage(w http.ResponseWriter, r *http.Request, c *caller, status int, in url.Values, p templates.ManyPage, errs map[string]string) error {
	bank := in.Get("bank")
	if bank == "" {
		bank = currentBank(r)
	}
	p.Form = templates.Form{Title: templates.Word("many.form"), Lead: []string{templates.Word("many.what")}, Action: templates.LinkManyPattern, Files: true, Button: templates.Word("many.check"), Errors: errs, TestID: "many-form", Embedded: true,
		Fields: []templates.Field{
			{Name: "bank", Label: templates.Word("banks.bank"), Kind: "select", Options: append([]templates.Option{{}}, s.bankOptions(r.Context(), c, bank)...)},
			{Name: "rows", Label: templates.Word("many.rows"), Hint: templates.Word("many.rows_hint"), Kind: "area", Value: in.Get("rows")},
			{Name: "file", Label: templates.Word("many.file"), Kind: "file", Optional: true}}}
	open, err := s.Journal.OpenBatches(r.Context(), c.me.UserID)
	if err != nil {
		return err
	}
	for _, b := range open {
		if b.Entry.Act == ActLinkMany {
			p.Open = append(p.Open, linkManyAlarm(c, b))
		}
	}
	return s.page(w, r, c, view{status: status, title: templates.Word("many.title"), section: templates.CustomersPattern, waiting: -1, body: templates.ManyView(p)})
}

// linkMany checks a table line by line and shows what would be done.
func (s *Server) linkMany(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := manyInput(w, r)
	if err != nil {
		return err
	}
	return s.manyChecked(w, r, c, http.StatusOK, in, nil)
}

// manyInput reads the form; a file stands for what would be pasted.
func manyInput(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	in, err := form(w, r)
	if err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return in, err
	}
	if err := r.ParseMultipartForm(maxForm); err != nil {
		return nil, badForm(w, err)
	}
	in = r.PostForm
	f, _, err := r.FormFile("file")
	if err != nil {
		return in, nil // none was chosen
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxForm))
	if err == nil && len(b) > 0 {
		in.Set("rows", string(b))
	}
	return in, err
}

// manyLines reads and checks what a form holds; errs says what it lacks.
func (s *Server) manyLines(r *http.Request, c *caller, in url.Values, errs map[string]string) ([]manyLine, error) {
	lines, over := readLines(in.Get("rows"))
	switch {
	case len(lines) == 0:
		errs["rows"] = templates.Word("many.nothing")
	case over > 0:
		errs["rows"] = templates.Word("many.too_many", "n", strconv.Itoa(maxBulk))
	}
	if in.Get("bank") == "" {
		errs["bank"] = templates.Word("customers.find_bank")
	}
	if len(errs) > 0 {
		return nil, nil
	}
	if err := s.Journal.Read(r.Context(), c.me.SessionID, c.me.UserID, readCustomers, in.Get("bank")); err != nil {
		return nil, err
	}
	return lines, s.checkLines(r.Context(), c, in.Get("bank"), lines)
}

func (s *Server) manyChecked(w http.ResponseWriter, r *http.Request, c *caller, status int, in url.Values, reasonErrs map[string]string) error {
	errs := map[string]string{}
	lines, err := s.manyLines(r, c, in, errs)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return s.manyPage(w, r, c, http.StatusUnprocessableEntity, in, templates.ManyPage{}, errs)
	}
	var p templates.ManyPage
	p.Rows, p.Good = s.manyRows(in.Get("bank"), lines)
	if p.Good > 0 {
		f := templates.Form{Title: templates.WordN("many.go", p.Good), Action: templates.LinkManyStartPattern, Button: templates.WordN("many.go", p.Good), TestID: "many-confirm", Embedded: true,
			Fields: []templates.Field{{Name: "bank", Kind: "hidden", Value: in.Get("bank")}, {Name: "rows", Kind: "hidden", Value: in.Get("rows")}}}
		f = s.withReason(c, f, in, reasonErrs)
		p.Confirm = &f
	}
	return s.manyPage(w, r, c, status, in, p, nil)
}
