package sandbox

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

//go:embed system_views.json
var systemViewsJSON []byte

// defaultSystemViews are those that a new server makes.
func defaultSystemViews() (vs []SystemView) {
	if err := json.Unmarshal(systemViewsJSON, &vs); err != nil {
		panic(fmt.Sprintf("sandbox: system views: %v", err)) // embedded, so tested
	}
	return vs
}

// ownerViews are what a holder has on an account of theirs.
var ownerViews = []string{"ManageCustomViews", "owner", "ReadAccountsBerlinGroup", "ReadBalancesBerlinGroup", "ReadTransactionsBerlinGroup"}

func demoAccounts(w *World) {
	for i, a := range []struct {
		bank, holder, id, label, currency, product string
		cents                                      int64
		others                                     string // user=view, ...
	}{
		{nordlicht, "anna.approver", "nl-giro-4711", "Gehaltskonto", "EUR", "GIRO", 248_317, "ben.second=auditor audrey.auditor=auditor"},
		{nordlicht, "felix.fresh", "nl-giro-5120", "Girokonto Felix", "EUR", "GIRO", 91_204, "henry.helpdesk=accountant"},
		{nordlicht, "felix.fresh", "nl-spar-5121", "Für die große Reise", "EUR", "SPAR", 1_250_000, ""},
		{nordlicht, "m.petersen", "nl-giro-2001", "Haushalt", "EUR", "GIRO", -4_210, ""},
		{nordlicht, "j.hansen", "nl-giro-2002", "Hansen & Söhne GmbH", "EUR", "BUSINESS", 18_204_455, "k.lueders=accountant audrey.auditor=auditor m.petersen=standard"},
		{nordlicht, "مريم.الحداد", "nl-giro-2003", "حساب التوفير", "EUR", "SPAR", 702_010, ""},
		{nordlicht, "olga.onebank", "nl-giro-2004", "Olga", "EUR", "GIRO", 55_500, ""},
		{dulac, "amelie.rochat", "dl-courant-01", "Compte courant", "CHF", "COURANT", 1_040_250, "luc.favre=accountant"},
		{dulac, "francois.noel", "dl-courant-02", "Épargne études", "CHF", "EPARGNE", 3_300_000, ""},
		{dulac, "ben.second", "dl-courant-03", "Ben CHF", "CHF", "COURANT", 12_075, "anna.approver=owner"},
		{galway, "o'hara@example.com", "gs-current-77", "Tara", "EUR", "CURRENT", 9_914_120, "sean.walsh=auditor"},
		{galway, "niamh.osullivan", "gs-current-78", "Joint household", "EUR", "CURRENT", 64_998, "aoife.byrne=owner"},
		{galway, "susan.super", "gs-current-79", "Susan", "EUR", "CURRENT", 1, ""},
	} {
		w.Accounts = append(w.Accounts, Account{BankID: a.bank, ID: a.id, Number: fmt.Sprintf("%010d", 7_019_698_864+int64(i)*137_911), Label: a.label,
			Currency: a.currency, Balance: a.cents, Product: a.product, BranchID: a.bank[:2] + "-main"})
		w.Holders = append(w.Holders, AccountHolder{a.bank, a.id, demoID("user", a.holder)})
		for _, v := range ownerViews {
			w.Access = append(w.Access, AccountAccess{a.bank, a.id, v, demoID("user", a.holder)})
		}
		for _, o := range strings.Fields(a.others) {
			user, view, _ := strings.Cut(o, "=")
			w.Access = append(w.Access, AccountAccess{a.bank, a.id, view, demoID("user", user)})
		}
	}
}

func demoCustomers(w *World, now time.Time) {
	for i, c := range []struct {
		bank, number, name, title, born, mobile, email string
		status, work, education, limit                 string
		kyc                                            bool
		users                                          string // who is linked, blank-separated
	}{
		{nordlicht, "NL-100001", "Felix Fresh", "", "1996-02-29", "+49 431 5550101", "felix.fresh@demo.example", "single", "student", "Bachelor", "500", true, "felix.fresh"},
		{nordlicht, "NL-100002", "Anna Approver", "Dr.", "1979-11-03", "+49 431 5550102", "anna.approver@demo.example", "married", "employee", "Doctorate", "12000", true, "anna.approver"},
		{nordlicht, "NL-100003", "Hansen & Söhne GmbH", "", "1951-01-01", "+49 431 5550103", "buero@hansen-soehne.example", "", "business", "", "250000", true, "j.hansen k.lueders m.petersen"},
		{nordlicht, "NL-100004", "Käthe Lüders", "Frau", "1968-06-17", "+49 431 5550104", "käthe.lüders@nordlicht.bank.example", "widowed", "employee", "Apprenticeship", "3000", true, "k.lueders"},
		{nordlicht, "NL-100005", "مريم الحداد", "", "1990-09-21", "+49 431 5550105", "maryam.alhaddad@nordlicht.bank.example", "married", "self-employed", "Master", "4000", false, "مريم.الحداد"},
		{nordlicht, "NL-100006", "Beate Wolff", "", "1985-12-31", "+49 431 5550106", "beate.wolff@nordlicht.bank.example", "divorced", "employee", "Master", "2000", true, "b.wolff"},
		{nordlicht, "NL-100007", "Wiebke Clausen", "", "1993-04-05", "", "", "single", "unemployed", "", "0", false, "w.clausen"},
		{dulac, "DL-0001", "Amélie Rochat", "Mme", "1982-07-14", "+41 22 5550111", "amélie.rochat@dulac.banque.example", "married", "employee", "Master", "20000", true, "amelie.rochat"},
		{dulac, "DL-0002", "François Noël", "M.", "1974-12-25", "+41 22 5550112", "françois.noël@dulac.banque.example", "married", "employee", "Bachelor", "15000", true, "francois.noel"},
		{dulac, "DL-0003", "Marie-Louise de La Tour du Pin Chambly de La Charce-Verclause", "Comtesse", "1941-05-08", "+41 22 5550113",
			"marie-louise.de-la-tour-du-pin-chambly-de-la-charce-verclause@correspondance.dulac.banque.example", "widowed", "retired", "", "1000000", true,
			"marie-louise.de-la-tour-du-pin-chambly-de-la-charce-verclause"},
		{dulac, "DL-0004", "Олена Шевченко", "", "1999-08-24", "+41 22 5550114", "olena.shevchenko@payments.example", "single", "worker", "Master", "1500", false, ""},
		{galway, "GS-501", "Scarlett O’Hara", "Ms", "1988-03-17", "+353 91 5550121", "o'hara@example.com", "divorced", "landowner", "", "75000", true, "o'hara@example.com"},
		{galway, "GS-502", "Niamh O’Sullivan", "", "1991-10-31", "+353 91 5550122", "niamh.o'sullivan@galway.savings.example", "married", "employee", "Master", "9000", true, "niamh.osullivan aoife.byrne"},
		{galway, "GS-503", "Declan Murphy", "Mr", "1970-01-15", "+353 91 5550123", "declan.murphy@galway.savings.example", "single", "worker", "Leaving Cert", "1200", true, "d.murphy"},
		{galway, "GS-504", "Dervla Murphy", "", "1972-01-15", "+353 91 5550124", "dervla.murphy@galway.savings.example", "single", "worker", "Leaving Cert", "1200", true, "D.Murphy"},
	} {
		id, ok := demoID("customer", c.number), now.Add(-time.Duration(i*53+5)*time.Hour)
		w.Customers = append(w.Customers, Customer{BankID: c.bank, ID: id, Number: c.number, LegalName: c.name, Mobile: c.mobile, Email: c.email,
			BirthDate: c.born, Relationship: c.status, Dependants: i % 3, DependantsDOB: []string{}, CreditRating: Rating{"OBP", "OBP"},
			CreditLimit: Amount{"EUR", c.limit}, Education: c.education, Employment: c.work, KYC: c.kyc, LastOK: &ok, Title: c.title, BranchID: c.bank[:2] + "-main"})
		for _, u := range strings.Fields(c.users) {
			w.Links = append(w.Links, CustomerLink{ID: demoID("link", c.number, u), CustomerID: id, UserID: demoID("user", u),
				Inserted: now.Add(-time.Duration(1000+i*77) * time.Hour), Active: true})
		}
	}
}

// demoDetails are attributes and auth contexts.
func demoDetails(w *World, now time.Time) {
	for i, a := range []struct{ user, name, kind, value string }{
		{"felix.fresh", "language", "STRING", "de"},
		{"felix.fresh", "onboarding_day", "DATE_WITH_DAY", now.Add(-2 * day).Format(time.DateOnly)},
		{"anna.approver", "language", "STRING", "en"},
		{"anna.approver", "desk", "INTEGER", "417"},
		{"henry.helpdesk", "shift_hours", "DOUBLE", "7.5"},
		{"m.petersen", "branch", "STRING", "Kiel-Holtenau"},
		{"o'hara@example.com", "motto", "STRING", "After all, tomorrow is another day!"},
		{"مريم.الحداد", "اللغة", "STRING", "العربية"},
	} {
		w.Attributes = append(w.Attributes, UserAttribute{ID: demoID("attribute", a.user, a.name), Name: a.name, Type: a.kind, Value: a.value,
			Inserted: now.Add(-time.Duration(40-i) * day), UserID: demoID("user", a.user)})
	}
	for i, c := range []struct{ user, key, value string }{
		{"felix.fresh", "CUSTOMER_NUMBER", "NL-100001"},
		{"anna.approver", "CUSTOMER_NUMBER", "NL-100002"},
		{"anna.approver", "TOKEN_SERIAL", "HW-88-1203"},
		{"j.hansen", "CUSTOMER_NUMBER", "NL-100003"},
		{"o'hara@example.com", "CUSTOMER_NUMBER", "GS-501"},
		{"niamh.osullivan", "CUSTOMER_NUMBER", "GS-502"},
		{"niamh.osullivan", "PASSPORT", "PX-4471002"},
	} {
		w.Contexts = append(w.Contexts, AuthContext{ID: demoID("context", c.user, c.key), UserID: demoID("user", c.user), Key: c.key, Value: c.value,
			Created: now.Add(-time.Duration(60-i) * day), ConsumerID: demoID("consumer")})
	}
}
