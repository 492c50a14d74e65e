package sandbox

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// DemoPassword signs in every one of DemoPeople.
const DemoPassword = "Demo-Passw0rd!"

// DemoConsumerKey is the key that a console of the demo world signs in with.
const DemoConsumerKey = "demo4console4key4demo4console4key4demo44"

const demoProvider = "https://obp.demo.example"

// DemoPerson is somebody to try the console as.
type DemoPerson struct {
	Username string
	Password string
	Name     string
	Does     string // one sentence
}

// DemoPeople are those of the demo world who can sign in, the first with most rights.
func DemoPeople() []DemoPerson {
	out := []DemoPerson{
		{Username: "anna.approver", Name: "Anna Approver", Does: "Decides on requests for roles, grants and revokes roles at every bank, and reads everybody's."},
		{Username: "ben.second", Name: "Ben Second", Does: "A second approver with the rights of Anna, for what needs two people."},
		{Username: "susan.super", Name: "Susan Super", Does: "Super admin: may grant any role, also to herself, but holds few, so many pages stay shut at first. Administers this console."},
		{Username: "henry.helpdesk", Name: "Henry Helpdesk", Does: "Helps people to sign in: finds users and customers, locks, unlocks and makes reset links."},
		{Username: "olga.onebank", Name: "Olga Onebank", Does: "Grants roles at Nordlicht Bank only; cannot list requests or close them."},
		{Username: "audrey.auditor", Name: "Audrey Auditor", Does: "Reads the whole journal, users, roles, requests, customers and locks, and changes nothing."},
		{Username: "felix.fresh", Name: "Felix Fresh", Does: "New here: holds no role and waits for the answer to one request."},
	}
	for i := range out {
		out[i].Password = DemoPassword
	}
	return out
}

// DemoWorld is a lifelike world of three banks and some sixty people with open
// requests from minutes to months before now. Ids are the same in every run;
// the same now gives the same world.
func DemoWorld(now time.Time) World {
	now = now.UTC().Truncate(time.Second)
	w := World{
		Provider: demoProvider, ConsumerKey: DemoConsumerKey,
		Settings: Settings{MaxBadLogins: 5, PortalHostname: "https://portal.demo.example", AllowDAuth: true, ResetPasswordURL: true},
		Banks:    demoBanks(), SystemViews: defaultSystemViews(),
	}
	for _, p := range demoPeople {
		u := p.user()
		if u.BadLogins > 0 {
			u.BadLoginAt = now.Add(-time.Duration(7*len(w.Users)) * time.Minute)
		}
		w.Users = append(w.Users, u)
	}
	for i, h := range demoHolders {
		for j, r := range h.roles {
			role, bank, _ := strings.Cut(r, "@")
			w.Entitlements = append(w.Entitlements, Entitlement{ID: demoID("entitlement", h.user, r, strconv.Itoa(j)), Role: role, BankID: bank,
				UserID: demoID("user", h.user), Created: now.Add(-time.Duration(9000-100*i-j) * time.Hour)})
		}
	}
	for _, q := range demoRequests {
		role, bank, _ := strings.Cut(q.role, "@")
		w.Requests = append(w.Requests, Request{ID: demoID("request", q.user, q.role), Role: role, BankID: bank,
			UserID: demoID("user", q.user), Created: now.Add(-q.age)})
	}
	byTime := func(a, b time.Time) int { return a.Compare(b) }
	slices.SortStableFunc(w.Entitlements, func(a, b Entitlement) int { return byTime(a.Created, b.Created) })
	slices.SortStableFunc(w.Requests, func(a, b Request) int { return byTime(a.Created, b.Created) })
	demoAccounts(&w)
	demoCustomers(&w, now)
	demoDetails(&w, now)
	return w
}

// demoID is an id that stays the same from run to run.
func demoID(parts ...string) string {
	return uuid.NewSHA1(uuid.NameSpaceDNS, []byte("demo.obp/"+strings.Join(parts, "/"))).String()
}

func demoBanks() []Bank {
	bank := func(id, short, full, bic string) Bank {
		logo, site := "https://"+id+".example/logo.svg", "https://"+id+".example"
		return Bank{ID: id, ShortName: short, FullName: full, Logo: &logo, Website: &site,
			Routings: []Routing{{"OBP", id}, {"BIC", bic}}}
	}
	return []Bank{
		bank(nordlicht, "Nordlicht", "Nordlicht Bank AG", "NOLIDEHHXXX"),
		bank(dulac, "Du Lac", "Banque du Lac Léman & Cie", "BDLCCHGGXXX"),
		bank(galway, "Galway", "Galway Bay Credit & Savings", "GBCSIE2DXXX"),
	}
}

const (
	nordlicht = "nordlicht.bank"
	dulac     = "dulac.banque"
	galway    = "galway.savings"
)
