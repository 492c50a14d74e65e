package handlers

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"obpconsole/obp"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// Acts on attributes of one's own.
const (
	ActAddAttribute    journal.Act = "add_attribute"
	ActChangeAttribute journal.Act = "change_attribute"
)

var attributeTypes = []obp.AttributeType{obp.AttributeString, obp.AttributeInteger, obp.AttributeDouble, obp.AttributeDay}

// attributeCodes are the types' words.
var attributeCodes = map[obp.AttributeType]string{obp.AttributeString: "string", obp.AttributeInteger: "integer", obp.AttributeDouble: "double", obp.AttributeDay: "day"}

// fits tells whether a value is written as its type wants it.
func fits(typ obp.AttributeType, v string) bool {
	switch typ {
	case obp.AttributeString:
		return v != ""
	case obp.AttributeInteger:
		_, err := strconv.ParseInt(v, 10, 64)
		return err == nil
	case obp.AttributeDouble:
		f, err := strconv.ParseFloat(v, 64)
		return err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) && !strings.ContainsAny(v, "xXpP_")
	case obp.AttributeDay:
		_, err := time.Parse(time.DateOnly, v)
		return err == nil
	}
	return false
}

// userAttributes shows the attributes of a person, to be read.
func (s *Server) userAttributes(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathPart(r, "id")
	if err := s.noteUser(r.Context(), c, id); err != nil {
		return err
	}
	u, err := c.api.UserAttributes(r.Context(), id)
	if over := firstOver(err); over != nil {
		return over
	}
	p := templates.AttributesPage{Person: templates.Person{UserID: id, Username: u.Username, Email: u.Email, Provider: u.Provider, Href: templates.User(id)}}
	status := http.StatusOK
	if err != nil {
		p.Problem = s.explained(r, err, "attribute")
		status = p.Problem.Status
	}
	p.Rows = attributeRows(c, u.Attributes, false)
	return s.page(w, r, c, view{status: status, title: templates.Word("page.attributes", "person", templates.NameOf(p.Person)), section: templates.UsersPattern, canon: templates.Attributes(id), waiting: -1, body: templates.AttributesView(p)})
}

func attributeRows(c *caller, list []obp.Attribute, change bool) (out []templates.AttributeRow) {
	for _, a := range list {
		row := templates.AttributeRow{ID: a.ID, Name: a.Name, Type: string(a.Type), Value: a.Value, Since: c.when(a.Inserted)}
		if change {
			row.Change = templates.MyAttribute(a.ID)
		}
		out = append(out, row)
	}
	return out
}

// myAttributes lists one's own and offers another.
func (s *Server) myAttributes(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.myAttributesPage(w, r, c, http.StatusOK, s.takeDraft(r.Context(), r.URL.Path), nil, nil)
}

func (s *Server) myAttributesPage(w http.ResponseWriter, r *http.Request, c *caller, status int, in url.Values, errs map[string]string, failed *templates.Problem) error {
	list, err := c.api.MyAttributes(r.Context())
	if over := firstOver(err); over != nil {
		return over
	}
	p := templates.AttributesPage{Mine: true, Rows: attributeRows(c, list, true)}
	if err != nil {
		p.Problem = s.explained(r, err, "attribute")
		status = p.Problem.Status
	}
	f := attributeForm(in, errs, failed)
	f.Title, f.Button, f.Action, f.Embedded = templates.Word("attribute.add"), templates.Word("attribute.add"), templates.MyAttributesPattern, true
	f.Lead = []string{templates.Word("attribute.never_gone")}
	p.Form = &f
	return s.page(w, r, c, view{status: status, title: templates.Word("page.my_attributes"), section: templates.MePattern, canon: templates.MyAttributesPattern, waiting: -1, body: templates.AttributesView(p)})
}

func attributeForm(in url.Values, errs map[string]string, failed *templates.Problem) templates.Form {
	f := templates.Form{Failed: failed, Errors: errs, TestID: "attribute-form", Fields: []templates.Field{{Name: "name", Label: templates.Word("attribute.name"), Value: in.Get("name")},
		{Name: "type", Label: templates.Word("attribute.type"), Kind: "select"}, {Name: "value", Label: templates.Word("attribute.value"), Hint: templates.Word("attribute.value_hint"), Value: in.Get("value")}}}
	for _, t := range attributeTypes {
		f.Fields[1].Options = append(f.Fields[1].Options, templates.Option{Value: string(t), Text: templates.Word("attribute.type_" + attributeCodes[t]), Selected: in.Get("type") == string(t)})
	}
	return f
}

// attributeInput reads and checks a form's attribute.
func attributeInput(in url.Values) (name string, typ obp.AttributeType, value string, errs map[string]string) {
	errs = map[string]string{}
	name, typ, value = strings.TrimSpace(in.Get("name")), obp.AttributeType(in.Get("type")), strings.TrimSpace(in.Get("value"))
	if name == "" || utf8.RuneCountInString(name) > maxContext {
		errs["name"] = templates.Word("context.missing")
	}
	switch {
	case !slices.Contains(attributeTypes, typ):
		errs["type"] = templates.Word("field.choose")
	case !fits(typ, value) || utf8.RuneCountInString(value) > maxContext:
		errs["value"] = templates.Word("attribute.bad_" + attributeCodes[typ])
	}
	return name, typ, value, errs
}

func (s *Server) addAttribute(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	name, typ, value, errs := attributeInput(in)
	again := func(status int, p *templates.Problem) error {
		return s.myAttributesPage(w, r, c, status, in, errs, p)
	}
	if len(errs) > 0 {
		return again(http.StatusUnprocessableEntity, nil)
	}
	own, err := c.api.MyAttributes(r.Context()) // names may repeat, so that an added one shows by their number
	if over := firstOver(err); over != nil {
		return over
	}
	if err != nil {
		p := s.explained(r, err, "attribute")
		return again(p.Status, p)
	}
	want := attributeSeen{Name: name, Type: typ, Value: value}
	want.Had = want.in(own)
	return s.perform(w, r, c, deed{entry: attributeEntry(c, ActAddAttribute, "", want), in: in, within: proofOrdinary, topic: "attribute", again: again, flash: "attribute_added", args: map[string]string{"name": name}, to: templates.MyAttributesPattern,
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			made, err := c.api.CreateMyAttribute(ctx, name, typ, value)
			res, cause := readBack(err, func() (bool, error) {
				now, err := c.api.MyAttributes(ctx)
				return want.in(now) > want.Had, err
			})
			if err == nil {
				res.Details = map[string]string{"attribute": made.ID}
			}
			return res, cause
		}})
}

// attributeSeen is what an act wants of an attribute, kept as personal text: by
// it a lost answer is found out.
type attributeSeen struct {
	Name  string            `json:"attribute_name"`
	Type  obp.AttributeType `json:"attribute_type"`
	Value string            `json:"attribute_value"`
	Had   int               `json:"attribute_had"` // how many were so before
}

// in counts the attributes that are as wanted.
func (a attributeSeen) in(list []obp.Attribute) (n int) {
	for _, x := range list {
		if x.Name == a.Name && x.Type == a.Type && x.Value == a.Value {
			n++
		}
	}
	return n
}

func attributeEntry(c *caller, act journal.Act, id string, want attributeSeen) journal.Entry {
	e := c.entryOf(act)
	e.Person, e.Target, e.Details = c.party(), id, map[string]string{"type": string(want.Type)}
	e.Seen, _ = json.Marshal(want)
	return e
}

// attributeTruth reads whether an attribute was added or changed as wanted.
func attributeTruth(ctx context.Context, c *caller, e journal.Entry) (string, error) {
	var want attributeSeen
	if json.Unmarshal(e.Seen, &want) != nil {
		return neverKnown, nil // it was erased
	}
	list, err := attributesOf(ctx, c, e.Person.UserID)
	if e.Act == ActChangeAttribute {
		list = slices.DeleteFunc(slices.Clone(list), func(x obp.Attribute) bool { return x.ID != e.Target })
	}
	return appliedIf(want.in(list) > want.Had), err
}

func attributesOf(ctx context.Context, c *caller, userID string) ([]obp.Attribute, error) {
	if userID == c.me.UserID {
		return c.api.MyAttributes(ctx)
	}
	u, err := c.api.UserAttributes(ctx, userID)
	return u.Attributes, err
}

// myAttribute is the form that changes one of one's own.
func (s *Server) myAttribute(w http.ResponseWriter, r *http.Request, c *caller) error {
	own, i, err := myAttributeOf(r, c)
	if err != nil {
		return err
	}
	return s.myAttributeForm(w, r, c, http.StatusOK, s.takeDraft(r.Context(), r.URL.Path), nil, own, i, nil)
}

// myAttributeOf reads one's own attributes; i is where the one of the address
// stands among them.
func myAttributeOf(r *http.Request, c *caller) (own []obp.Attribute, i int, err error) {
	id := pathPart(r, "attribute")
	own, err = c.api.MyAttributes(r.Context())
	if i = slices.IndexFunc(own, func(a obp.Attribute) bool { return a.ID == id }); err == nil && i < 0 {
		err = errNotYours
	}
	return own, i, err
}

func (s *Server) myAttributeForm(w http.ResponseWriter, r *http.Request, c *caller, status int, in url.Values, errs map[string]string, list []obp.Attribute, i int, failed *templates.Problem) error {
	id := list[i].ID
	if !in.Has("name") {
		in = url.Values{"name": {list[i].Name}, "type": {string(list[i].Type)}, "value": {list[i].Value}}
	}
	f := attributeForm(in, errs, failed)
	f.Title, f.Button, f.Action = templates.Word("attribute.change"), templates.Word("attribute.change"), templates.MyAttribute(id)
	f.Back = templates.Link{Text: templates.Word("page.my_attributes"), Href: templates.MyAttributesPattern}
	return s.page(w, r, c, view{status: status, title: f.Title, section: templates.MePattern, waiting: -1, body: templates.FormView(f)})
}

// changeAttribute changes one of one's own. An id that is another's is never
// sent: OBP would hand it over.
func (s *Server) changeAttribute(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := form(w, r)
	if err != nil {
		return err
	}
	own, i, err := myAttributeOf(r, c)
	if err != nil {
		return err
	}
	id := own[i].ID
	name, typ, value, errs := attributeInput(in)
	again := func(status int, p *templates.Problem) error {
		return s.myAttributeForm(w, r, c, status, in, errs, own, i, p)
	}
	if len(errs) > 0 {
		return again(http.StatusUnprocessableEntity, nil)
	}
	e := attributeEntry(c, ActChangeAttribute, id, attributeSeen{Name: name, Type: typ, Value: value})
	return s.perform(w, r, c, deed{entry: e, in: in, within: proofOrdinary, topic: "attribute", again: again, flash: "attribute_changed", args: map[string]string{"name": name}, to: templates.MyAttributesPattern,
		do: func(ctx context.Context, _ journal.Intent) (journal.Result, error) {
			_, err := c.api.UpdateMyAttribute(ctx, own, id, name, typ, value)
			return readBack(err, func() (bool, error) {
				truth, err := attributeTruth(ctx, c, e)
				return truth == isApplied, err
			})
		}})
}
