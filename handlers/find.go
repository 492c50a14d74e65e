package handlers

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// Bounds of one search: characters that are read, and look-ups that are sent.
const (
	maxFind    = 4000
	maxLookups = 9
)

// lookup is one question to OBP about who somebody is.
type lookup struct {
	by   string // "id", "name" or "email"
	text string
}

var (
	findID     = regexp.MustCompile(`\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b`)
	findEmail  = regexp.MustCompile(`[^\s"'<>(),;:=\[\]{}|]+@[^\s"'<>(),;:=\[\]{}|@]+\.[\p{L}\p{N}-]+`)
	findNamed  = regexp.MustCompile(`(?i)\b(user_?id|user_?name|user|login|e?mail)["']?\s*[=:]\s*(?:"([^"]{1,200})"|'([^']{1,200})'|([^\s"',;(){}\[\]]{1,200}))`)
	likeID     = regexp.MustCompile(`^[A-Za-z0-9._-]{1,36}$`)
	likeEmail  = regexp.MustCompile(`^\S+@\S+$`)
	noLookupIn = "\x00\r\n\t"
)

// lookups are the questions that a text is worth: what it is as a whole, or, of
// a line that somebody pasted, what it names.
func lookups(text string) []lookup {
	text = strings.TrimSpace(strings.ToValidUTF8(text, ""))
	if r := []rune(text); len(r) > maxFind {
		text = string(r[:maxFind])
	}
	var out []lookup
	add := func(by, s string) {
		s = strings.TrimSpace(s)
		l := lookup{by, s}
		if s != "" && s != "." && s != ".." && len(s) <= 255 && !slices.Contains(out, l) && len(out) < maxLookups {
			out = append(out, l)
		}
	}
	one := text != "" && len(text) <= 100 && !strings.ContainsAny(text, noLookupIn)
	if one && likeEmail.MatchString(text) {
		add("email", text)
	}
	if one && likeID.MatchString(text) {
		add("id", text)
	}
	if one {
		add("name", text)
	}
	if !one || strings.ContainsAny(text, " =:,;") {
		addNamed(text, add)
	}
	return out
}

// addNamed finds ids, addresses and names inside a line.
func addNamed(text string, add func(by, s string)) {
	for _, id := range findID.FindAllString(text, 4) {
		add("id", id)
	}
	for _, mail := range findEmail.FindAllString(text, 4) {
		add("email", mail)
		add("name", mail)
	}
	for _, m := range findNamed.FindAllStringSubmatch(text, 8) {
		v := m[2] + m[3] + m[4]
		switch key := strings.ReplaceAll(strings.ToLower(m[1]), "_", ""); {
		case key == "userid":
			add("id", v)
		case strings.HasSuffix(key, "mail"):
			add("email", v)
		default:
			add("name", v)
		}
	}
}

// customerNumber is a text that can be one.
var customerNumber = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,49}$`)

// findByCustomer looks for the people linked to the customer of a number at a
// bank: POST /banks/{BANK_ID}/customers/customer-number, CanGetCustomer, and
// then GET .../correlated-users, CanGetCorrelatedUsersInfo. Their state and
// roles do not come with them.
func (s *Server) findByCustomer(ctx context.Context, c *caller, bankID, text string) (found []obp.User, tried []string, err error) {
	text = strings.TrimSpace(text)
	if bankID == "" || !customerNumber.MatchString(text) {
		return nil, nil, nil
	}
	tried = []string{templates.Word("find.by_customer", "text", text, "bank", bankID)}
	cust, err := c.api.CustomerByNumber(ctx, bankID, text)
	if obp.KindOf(err) == obp.KindNotFound {
		return nil, tried, nil
	}
	if obp.KindOf(err) == obp.KindMissingRole { // the bank came with the address; whom the other look-ups find stands
		return nil, []string{templates.Word("find.no_customer", "bank", bankID)}, nil
	}
	if err != nil {
		return nil, tried, err
	}
	linked, err := c.api.CorrelatedUsers(ctx, bankID, cust.CustomerID)
	for _, u := range linked.Users {
		found = append(found, obp.User{UserID: u.UserID, Username: u.Username, Email: u.Email, Provider: u.Provider, ProviderID: u.ProviderID})
	}
	return found, tried, err
}

// findPerson looks for people by a user id, a user name, an e-mail, or a line
// pasted from a log that holds one. The look-ups run side by side, in one hop:
// GET /users/user_id, /users/username and /users/email, CanGetAnyUser. found
// has each person once, tried says in words what was looked for. OBP finds
// nobody by a person's name, and by user name only those who sign in at the
// server itself. Nobody found is no error; err is the first failure of OBP's,
// and people that the other look-ups found come beside it.
func (s *Server) findPerson(ctx context.Context, c *caller, text string) (found []obp.User, tried []string, err error) {
	asked := lookups(text)
	answers, errs := make([][]obp.User, len(asked)), make([]error, len(asked))
	var g errgroup.Group
	for i, l := range asked {
		tried = append(tried, templates.Word("find.by_"+l.by, "text", l.text))
		g.Go(func() error { answers[i], errs[i] = look(ctx, c.api, l); return nil })
	}
	_ = g.Wait()
	for i, people := range answers {
		for _, u := range people {
			if !slices.ContainsFunc(found, func(f obp.User) bool { return f.UserID == u.UserID }) {
				found = append(found, u)
			}
		}
		if err == nil {
			err = errs[i]
		}
	}
	if over := firstOver(errs...); over != nil {
		err = over
	}
	return found, tried, err
}

func look(ctx context.Context, api *obp.API, l lookup) ([]obp.User, error) {
	var u obp.User
	var err error
	switch l.by {
	case "email":
		return api.UsersByEmail(ctx, l.text)
	case "id":
		u, err = api.UserByID(ctx, l.text)
	default:
		u, err = api.UserByUsername(ctx, l.text)
	}
	if e, ok := obp.AsError(err); ok && e.Code != "OBP-10404" && (e.Kind() == obp.KindNotFound || e.Kind() == obp.KindInvalid && e.Status == 0) {
		return nil, nil // nobody, or nothing that could be one and was not sent
	}
	if err != nil {
		return nil, err
	}
	return []obp.User{u}, nil
}
