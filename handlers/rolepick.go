package handlers

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

// maxPick is how many roles a form lists beside those that are ticked.
const maxPick = 12

// rolePick lists the roles of a form: those ticked, then those that hold every
// word looked for, in their names before in what they let do.
func (s *Server) rolePick(action string, roles []obp.Role, chosen []string, in url.Values, notes func(role string) []string) templates.RolePick {
	p := templates.RolePick{Action: action, Text: strings.TrimSpace(in.Get("find")), Asked: in.Get("do") == doFind}
	words := strings.Fields(strings.ToLower(p.Text))
	var ticked, found []templates.RoleChoice
	rank := map[string]int{}
	for _, x := range roles {
		row := templates.RoleChoice{Role: s.role(x.Name), Bank: x.RequiresBankID, Ticked: slices.Contains(chosen, x.Name)}
		name := strings.ToLower(row.Role.Name + " " + row.Role.Short)
		switch {
		case row.Ticked:
			ticked = append(ticked, row)
			continue
		case strings.EqualFold(row.Role.Name, p.Text):
			rank[x.Name] = -1
		case all(words, name):
		case all(words, name+" "+strings.ToLower(row.Role.What)):
			rank[x.Name] = 1
		default:
			continue
		}
		found = append(found, row)
	}
	order := func(a, b templates.RoleChoice) int {
		return cmp.Or(rank[a.Role.Name]-rank[b.Role.Name], strings.Compare(strings.ToLower(a.Role.Short), strings.ToLower(b.Role.Short)))
	}
	slices.SortFunc(ticked, order)
	slices.SortFunc(found, order)
	p.Found = len(found)
	p.Rows = append(ticked, found[:min(maxPick, len(found))]...)
	p.More = max(0, len(found)-maxPick)
	for i, x := range p.Rows {
		p.Rows[i].Notes = notes(x.Role.Name)
	}
	return p
}

// doFind is what a form sends to look for roles: nothing is granted.
const doFind = "find"

func all(words []string, in string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(in, w) })
}

// roleNotes says of roles for a person where they are held, and with which they
// must not be held together.
func (s *Server) roleNotes(held []templates.HeldRole, u obp.User) func(string) []string {
	at := map[string][]string{}
	for _, h := range held {
		at[h.Role.Name] = append(at[h.Role.Name], h.Scope.Name)
	}
	return func(role string) (out []string) {
		if other := s.apart(wanting(u, role, "")); other != "" {
			out = append(out, templates.Word("grant.apart", "role", s.role(other).Short))
		}
		if len(at[role]) > 0 {
			out = append(out, templates.Word("grant.held_at", "scopes", strings.Join(at[role], ", ")))
		}
		return out
	}
}
