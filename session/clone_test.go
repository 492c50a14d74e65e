package session

import (
	"net/url"
	"reflect"
	"testing"
)

// What Current gives shares nothing with what is kept: a page that changes its
// copy changes nobody else's. A new field that is shared fails here first.
func TestCloneSharesNothing(t *testing.T) {
	s := stored{State: State{Roles: []RoleHint{{Name: "CanA"}}, Flash: &Flash{Key: "k", Args: map[string]string{"a": "1"}}, Draft: map[string]url.Values{"p": {"f": {"x"}}}, Drafts: []DraftKey{{Key: "p"}}}}
	c := s.clone()
	c.Roles[0].Name, c.Flash.Key, c.Flash.Args["a"], c.Draft["p"]["f"][0] = "-", "-", "-", "-"
	c.Draft["p"]["g"], c.Draft["q"], c.Drafts[0].Key = []string{"-"}, url.Values{}, "-"
	if s.Roles[0].Name != "CanA" || s.Flash.Key != "k" || s.Flash.Args["a"] != "1" || len(s.Draft) != 1 || len(s.Draft["p"]) != 1 || s.Draft["p"]["f"][0] != "x" || s.Drafts[0].Key != "p" {
		t.Errorf("the copy is shared: %+v", s.State)
	}
	known := map[string]bool{"Roles": true, "Flash": true, "Draft": true, "Drafts": true}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[stored]()) {
		switch f.Type.Kind() {
		case reflect.Map, reflect.Slice, reflect.Pointer, reflect.Interface, reflect.Chan, reflect.Func:
			if !known[f.Name] {
				t.Errorf("%s is not copied by clone", f.Name)
			}
		}
	}
	if c := (stored{}).clone(); c.Roles != nil || c.Flash != nil || c.Draft != nil || c.Drafts != nil {
		t.Error("nothing became something")
	}
}
