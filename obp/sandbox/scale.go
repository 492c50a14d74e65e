package sandbox

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Scale says how many more of each Grow adds.
type Scale struct {
	Users, Customers, Requests, Entitlements int
	Seed                                     uint64
}

// Grow adds people of no name to a world: the same for the same seed. Each new
// request is of one of all users for a random role, at most one of a kind each.
func Grow(w World, n Scale, now time.Time) World {
	r := rand.New(rand.NewPCG(n.Seed, 2))
	now = now.UTC().Truncate(time.Second)
	w.Users = append(make([]User, 0, len(w.Users)+n.Users), w.Users...)
	for i := range n.Users {
		// one text holds id, name and e-mail, so that a million need little
		text := fmt.Sprintf("%s%s.%s.%07d@scale.example", randomID(r), firstNames[r.IntN(len(firstNames))], lastNames[r.IntN(len(lastNames))], i)
		name := text[36:strings.IndexByte(text, '@')]
		w.Users = append(w.Users, User{UserID: text[:36], Username: name, ProviderID: name, Provider: w.Provider, Email: text[36:], Validated: true,
			Locked: i%997 == 3, BadLogins: tired(i)})
	}
	var rights []role
	if err := json.Unmarshal(rolesJSON, &rights); err != nil {
		panic(fmt.Sprintf("sandbox: roles: %v", err)) // embedded, so tested
	}
	pick := func() (string, string) {
		x := rights[r.IntN(len(rights))]
		if x.RequiresBankID && len(w.Banks) > 0 {
			return x.Name, w.Banks[r.IntN(len(w.Banks))].ID
		}
		return x.Name, ""
	}
	w.Entitlements = append(make([]Entitlement, 0, len(w.Entitlements)+n.Entitlements), w.Entitlements...)
	for range n.Entitlements {
		name, bank := pick()
		w.Entitlements = append(w.Entitlements, Entitlement{ID: randomID(r), Role: name, BankID: bank, UserID: w.Users[r.IntN(len(w.Users))].UserID,
			Created: now.Add(-time.Duration(r.IntN(3*365*24)) * time.Hour)})
	}
	w.Requests = append(make([]Request, 0, len(w.Requests)+n.Requests), w.Requests...)
	for i := range n.Requests {
		name, bank := pick()
		w.Requests = append(w.Requests, Request{ID: randomID(r), Role: name, BankID: bank, UserID: w.Users[r.IntN(len(w.Users))].UserID,
			Created: now.Add(-time.Duration(n.Requests-i) * time.Minute)})
	}
	w.Customers = append(make([]Customer, 0, len(w.Customers)+n.Customers), w.Customers...)
	for i := range n.Customers {
		seen := now.Add(-time.Duration(r.IntN(365*24)) * time.Hour)
		c := Customer{BankID: w.Banks[r.IntN(len(w.Banks))].ID, ID: randomID(r), Number: fmt.Sprintf("S-%07d", i),
			LegalName: firstNames[r.IntN(len(firstNames))] + " " + lastNames[r.IntN(len(lastNames))], BirthDate: "1984-04-23", DependantsDOB: []string{},
			CreditRating: Rating{"OBP", "OBP"}, CreditLimit: Amount{"EUR", "100"}, KYC: i%9 != 0, LastOK: &seen}
		c.Email = strings.ReplaceAll(strings.ToLower(c.LegalName), " ", ".") + "@scale.example"
		w.Customers = append(w.Customers, c)
	}
	return w
}

// tired: every 499th has failed to sign in too often.
func tired(i int) int {
	if i%499 == 7 {
		return 8
	}
	return 0
}

func randomID(r *rand.Rand) string {
	var b [16]byte
	for i := 0; i < 16; i += 8 {
		v := r.Uint64()
		for j := range 8 {
			b[i+j] = byte(v >> (8 * j))
		}
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var t [36]byte
	hex.Encode(t[:8], b[:4])
	hex.Encode(t[9:13], b[4:6])
	hex.Encode(t[14:18], b[6:8])
	hex.Encode(t[19:23], b[8:10])
	hex.Encode(t[24:], b[10:])
	t[8], t[13], t[18], t[23] = '-', '-', '-', '-'
	return string(t[:])
}

var (
	firstNames = strings.Fields("ada ben cleo dora emil finn gina hugo ivy jona kim lea mia nils olga paul quinn rosa sami tess umar vera wim xenia yara zeno")
	lastNames  = strings.Fields("adler brandt castro dubois egger fischer garcia huber ivanov jensen kovac lopez meyer nowak olsen peters quist rossi silva tanaka ueda vogel weber xu young zimmer")
)
