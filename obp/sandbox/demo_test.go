package sandbox

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestDemoWorld(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	w := DemoWorld(now)
	again, _ := json.Marshal(DemoWorld(now))
	first, _ := json.Marshal(w)
	if string(first) != string(again) {
		t.Error("not the same world twice")
	}
	s, err := New(w, Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Banks) != 3 || len(w.Users) < 58 || len(w.Users) > 65 || len(w.Requests) != 40 {
		t.Errorf("%d banks, %d users, %d requests", len(w.Banks), len(w.Users), len(w.Requests))
	}
	ids, users := map[string]bool{}, map[string]*User{}
	unique := func(id string) {
		t.Helper()
		if ids[id] || len(id) != 36 {
			t.Errorf("id %q is missing or not unique", id)
		}
		ids[id] = true
	}
	names, locked, deleted := map[string]bool{}, 0, 0
	for i := range w.Users {
		u := &w.Users[i]
		unique(u.UserID)
		users[u.UserID] = u
		if names[u.Provider+u.Username] {
			t.Errorf("user name %q twice", u.Username)
		}
		names[u.Provider+u.Username] = true
		if u.Deleted {
			deleted++
			if !strings.HasPrefix(u.Username, "DELETED-") || u.Password != "" {
				t.Errorf("deleted user %+v", u)
			}
		}
	}
	bank := func(id string) bool { return s.findBank(id) != nil }
	right := func(what, role, bankID, userID string) {
		t.Helper()
		r, ok := s.roles[role]
		if !ok || r.RequiresBankID != (bankID != "") || bankID != "" && !bank(bankID) || users[userID] == nil {
			t.Errorf("%s %q at %q of %q: no such role, scope or user", what, role, bankID, userID)
		}
	}
	holds := map[string]bool{}
	for _, e := range w.Entitlements {
		unique(e.ID)
		right("entitlement", e.Role, e.BankID, e.UserID)
		holds[e.UserID+e.Role+e.BankID] = true
	}
	held, by, risky := 0, map[string]int{}, 0
	oldest, newest := time.Duration(0), 1000*time.Hour
	for i, q := range w.Requests {
		unique(q.ID)
		right("request", q.Role, q.BankID, q.UserID)
		if holds[q.UserID+q.Role+q.BankID] {
			held++
		}
		switch u := users[q.UserID]; {
		case u.Locked || u.BadLogins > w.Settings.MaxBadLogins:
			locked++
		case u.Deleted:
			by["deleted"]++
		}
		switch q.Role {
		case "CanCreateEntitlementAtAnyBank", "CanDeleteUser", "CanCreateResetPasswordUrl":
			risky++
		}
		by[users[q.UserID].Username]++
		oldest, newest = max(oldest, now.Sub(q.Created)), min(newest, now.Sub(q.Created))
		if i > 0 && q.Created.Before(w.Requests[i-1].Created) {
			t.Error("requests are not in the order they were made")
		}
	}
	if held < 3 || locked < 3 || by["deleted"] < 3 || by["m.petersen"] < 2 || risky < 5 || newest > time.Hour || oldest < 90*day {
		t.Errorf("held %d, locked %d, deleted %d, by one %d, risky %d, ages %v to %v", held, locked, by["deleted"], by["m.petersen"], risky, newest, oldest)
	}
	for _, c := range w.Customers {
		unique(c.ID)
		if !bank(c.BankID) {
			t.Errorf("customer %s of no bank", c.Number)
		}
	}
	for _, l := range w.Links {
		unique(l.ID)
		if users[l.UserID] == nil || !ids[l.CustomerID] {
			t.Errorf("link %+v leads nowhere", l)
		}
	}
	for _, a := range w.Access {
		if users[a.UserID] == nil || !bank(a.BankID) {
			t.Errorf("access %+v leads nowhere", a)
		}
	}
	for _, c := range w.Contexts {
		unique(c.ID)
		if users[c.UserID] == nil {
			t.Errorf("context %+v of nobody", c)
		}
	}
	for _, p := range DemoPeople() {
		if by[p.Username] != 1 || p.Does == "" || p.Name == "" {
			t.Errorf("%s: %d requests, %q", p.Username, by[p.Username], p.Does)
		}
		r := httptest.NewRequest("POST", "/my/logins/direct", nil)
		r.Header.Set("DirectLogin", `username="`+p.Username+`", password="`+p.Password+`", consumer_key="`+DemoConsumerKey+`"`)
		rec := httptest.NewRecorder()
		if s.ServeHTTP(rec, r); rec.Code != 201 {
			t.Errorf("%s cannot sign in: %d %s", p.Username, rec.Code, rec.Body)
		}
	}
}

// TestDemoPeople: each can do what their sentence says, and not what it denies.
func TestDemoPeople(t *testing.T) {
	st := newStage(t)
	felix := "/users/" + id("felix.fresh")
	for _, c := range []struct {
		as, path string
		want     int
	}{
		{"anna.approver", "/entitlement-requests", 200},
		{"ben.second", "/entitlements", 200},
		{"anna.approver", "/banks/" + galway + "/entitlements", 200},
		{"susan.super", "/entitlement-requests", 403},
		{"henry.helpdesk", "/users", 200},
		{"henry.helpdesk", "/banks/" + dulac + "/customers/" + demoID("customer", "DL-0001"), 200},
		{"henry.helpdesk", "/banks/" + nordlicht + "/user_customer_links/users/" + id("felix.fresh"), 200},
		{"henry.helpdesk", felix + "/auth-context", 200},
		{"henry.helpdesk", "/entitlement-requests", 403},
		{"olga.onebank", "/entitlement-requests", 403},
		{"olga.onebank", "/banks/" + nordlicht + "/entitlements", 200},
		{"olga.onebank", "/banks/" + galway + "/entitlements", 403},
		{"audrey.auditor", "/entitlement-requests", 200},
		{"audrey.auditor", felix + "/attributes", 200},
		{"audrey.auditor", "/customers", 200},
		{"felix.fresh", "/users", 403},
		{"felix.fresh", "/my/accounts", 200},
	} {
		st.wants(c.want, "", c.as, "GET", c.path, "")
	}
	grant := `{"bank_id":"` + nordlicht + `","role_name":"CanCreateAtm"}`
	st.wants(201, "", "olga.onebank", "POST", felix+"/entitlements", grant)
	st.wants(403, "", "audrey.auditor", "POST", felix+"/entitlements", grant)
	st.wants(201, "", "susan.super", "POST", felix+"/entitlements", `{"bank_id":"","role_name":"CanReadGlossary"}`)
}
