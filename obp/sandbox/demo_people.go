package sandbox

import "strings"

// person of the demo world. State is empty or one of locked, failed (locked by
// failed sign-ins), deleted, unvalidated, super, login (may sign in).
type demoUser struct {
	username, first, last, email, state string
	provider                            string // empty: the server's own
}

const (
	demoStaffLogin = "https://login.nordlicht.bank.example"
	demoDAuth      = "dauth.0x7Ab1C2d3E4f5061728394a5b6c7d8e9F0a1b2c3d"
)

func (p demoUser) user() User {
	u := User{UserID: demoID("user", p.username), Username: p.username, ProviderID: p.username, Provider: p.provider,
		Email: p.email, FirstName: p.first, LastName: p.last, Validated: p.state != "unvalidated"}
	if u.Provider == "" {
		u.Provider = demoProvider
	}
	for s := range strings.SplitSeq(p.state, " ") {
		switch s {
		case "login":
			u.Password = DemoPassword
		case "super":
			u.SuperAdmin = true
		case "locked":
			u.Locked = true
		case "failed":
			u.BadLogins = 7
		case "almost":
			u.BadLogins = 3
		case "deleted": // as the server scrambles it
			id := strings.ToUpper(strings.ReplaceAll(demoID("gone", p.username), "-", ""))
			u.Username, u.Deleted, u.FirstName, u.LastName = "DELETED-"+id[:16], true, "DELETED-"+id[16:], "DELETED-"+id[16:]
			u.ProviderID, u.Email = u.Username, strings.ToLower(id[:10])+"@example.com"
		}
	}
	return u
}

var demoPeople = []demoUser{
	{username: "susan.super", first: "Susan", last: "Super", email: "susan.super@demo.example", state: "login super"},
	{username: "anna.approver", first: "Anna", last: "Approver", email: "anna.approver@demo.example", state: "login"},
	{username: "ben.second", first: "Ben", last: "Second", email: "ben.second@demo.example", state: "login"},
	{username: "henry.helpdesk", first: "Henry", last: "Helpdesk", email: "henry.helpdesk@demo.example", state: "login"},
	{username: "olga.onebank", first: "Olga", last: "Onebank", email: "olga.onebank@nordlicht.bank.example", state: "login"},
	{username: "audrey.auditor", first: "Audrey", last: "Auditor", email: "audrey.auditor@demo.example", state: "login"},
	{username: "felix.fresh", first: "Felix", last: "Fresh", email: "felix.fresh@demo.example", state: "login"},

	{username: "m.petersen", first: "Maike", last: "Petersen", email: "maike.petersen@nordlicht.bank.example"},
	{username: "j.hansen", first: "Jörn", last: "Hansen", email: "jörn.hansen@nordlicht.bank.example"},
	{username: "k.lueders", first: "Käthe", last: "Lüders", email: "käthe.lüders@nordlicht.bank.example"},
	{username: "t.soerensen", first: "Tjark", last: "Sørensen", email: "tjark@sørensen.example"},
	{username: "b.wolff", first: "Beate", last: "Wolff", email: "beate.wolff@nordlicht.bank.example", state: "locked"},
	{username: "h.matthiessen", first: "Hauke", last: "Matthießen", email: "hauke.matthiessen@nordlicht.bank.example"},
	{username: "s.oezdemir", first: "Şule", last: "Özdemir", email: "sule.oezdemir@nordlicht.bank.example"},
	{username: "d.kowalczyk", first: "Dorota", last: "Kowalczyk", email: "dorota.kowalczyk@nordlicht.bank.example"},
	{username: "n.vu", first: "Ngọc", last: "Vũ", email: "ngoc.vu@nordlicht.bank.example"},
	{username: "r.brandt", first: "Rolf", last: "Brandt", email: "rolf.brandt@nordlicht.bank.example", state: "failed"},
	{username: "i.jensen", first: "Inga", last: "Jensen", email: "inga.jensen@nordlicht.bank.example", state: "almost"},
	{username: "e.thomsen", first: "Eike", last: "Thomsen", email: "eike.thomsen@nordlicht.bank.example"},
	{username: "w.clausen", first: "Wiebke", last: "Clausen", email: "wiebke.clausen@nordlicht.bank.example", state: "deleted"},
	{username: "f.brodersen", first: "Fenja", last: "Brodersen", email: "fenja.brodersen@nordlicht.bank.example"},
	{username: "Hinnerk.Andresen", first: "Hinnerk", last: "Andresen", email: "hinnerk.andresen@nordlicht.bank.example", provider: demoStaffLogin},
	{username: "مريم.الحداد", first: "مريم", last: "الحداد", email: "maryam.alhaddad@nordlicht.bank.example", provider: demoStaffLogin},
	{username: "יעל.כהן", first: "יעל", last: "כהן", email: "yael.cohen@nordlicht.bank.example", provider: demoStaffLogin},

	{username: "amelie.rochat", first: "Amélie", last: "Rochat", email: "amélie.rochat@dulac.banque.example"},
	{username: "luc.favre", first: "Luc", last: "Favre", email: "luc.favre@dulac.banque.example"},
	{username: "chloe.d-aubigne", first: "Chloé", last: "d’Aubigné", email: "chloe.d'aubigne@dulac.banque.example"},
	{username: "francois.noel", first: "François", last: "Noël", email: "françois.noël@dulac.banque.example"},
	{username: "giulia.bernasconi", first: "Giulia", last: "Bernasconi", email: "giulia.bernasconi@dulac.banque.example"},
	{username: "urs.zbinden", first: "Urs", last: "Zbinden", email: "urs.zbinden@dulac.banque.example", state: "locked"},
	{username: "maelle.crettenand", first: "Maëlle", last: "Crettenand", email: "maelle.crettenand@dulac.banque.example"},
	{username: "joao.pereira", first: "João", last: "Pereira", email: "joao.pereira@dulac.banque.example"},
	{username: "nina.hofstetter", first: "Nina", last: "Hofstetter", email: "nina.hofstetter@dulac.banque.example", state: "unvalidated"},
	{username: "p.dupasquier", first: "Pascal", last: "Dupasquier", email: "pascal.dupasquier@dulac.banque.example", state: "deleted"},
	{username: "zoe.martin", first: "Zoé", last: "Martin", email: "zoe.martin@dulac.banque.example"},
	{username: "raphael.blanc", first: "Raphaël", last: "Blanc", email: "raphael.blanc@dulac.banque.example"},
	{username: "marie-louise.de-la-tour-du-pin-chambly-de-la-charce-verclause", first: "Marie-Louise", last: "de La Tour du Pin Chambly de La Charce-Verclause",
		email: "marie-louise.de-la-tour-du-pin-chambly-de-la-charce-verclause@correspondance.dulac.banque.example"},

	{username: "o'hara@example.com", first: "Scarlett", last: "O’Hara", email: "o'hara@example.com"},
	{username: "niamh.osullivan", first: "Niamh", last: "O’Sullivan", email: "niamh.o'sullivan@galway.savings.example"},
	{username: "sean.walsh", first: "Seán", last: "Walsh", email: "seán.walsh@galway.savings.example"},
	{username: "aoife.byrne", first: "Aoife", last: "Byrne", email: "aoife.byrne@galway.savings.example"},
	{username: "padraig.mccarthy", first: "Pádraig", last: "McCarthy", email: "padraig.mccarthy@galway.savings.example"},
	{username: "grainne.kelly", first: "Gráinne", last: "Kelly", email: "grainne.kelly@galway.savings.example"},
	{username: "ciaran.doyle", first: "Ciarán", last: "Doyle", email: "ciaran.doyle@galway.savings.example", state: "locked"},
	{username: "emer.ryan", first: "Emer", last: "Ryan", email: "emer.ryan@galway.savings.example"},
	{username: "tomasz.nowak", first: "Tomasz", last: "Nowak", email: "tomasz.nowak@galway.savings.example"},
	{username: "oisin.lynch", first: "Oisín", last: "Lynch", email: "oisin.lynch@galway.savings.example", state: "deleted"},
	{username: "saoirse.quinn@galway.savings.example", first: "Saoirse", last: "Quinn", email: "saoirse.quinn@galway.savings.example"},
	{username: "d.murphy", first: "Declan", last: "Murphy", email: "declan.murphy@galway.savings.example"},
	{username: "D.Murphy", first: "Dervla", last: "Murphy", email: "dervla.murphy@galway.savings.example"},
	{username: "fionn.gallagher", first: "Fionn", last: "Gallagher", email: "fionn.gallagher@galway.savings.example", state: "failed"},

	{username: "priya.raman", first: "Priya", last: "Raman", email: "priya.raman@fintech-lab.example"},
	{username: "yuki.tanaka", first: "Yuki", last: "Tanaka", email: "yuki.tanaka@fintech-lab.example"},
	{username: "kwame.mensah", first: "Kwame", last: "Mensah", email: "kwame.mensah@fintech-lab.example"},
	{username: "lars.holm", first: "Lars", last: "Holm", email: "lars.holm@payments.example"},
	{username: "ines.carvalho", first: "Inês", last: "Carvalho", email: "ines.carvalho@payments.example"},
	{username: "robot reporting 7", first: "Reporting", last: "Robot", email: "reports+7@payments.example"},
	{username: "anna.approver.private", first: "Anna", last: "Approver", email: "Anna.Approver@demo.example"},
	{username: "0x7Ab1C2d3E4f5061728394a5b6c7d8e9F0a1b2c3d", email: "", provider: demoDAuth},
	{username: "olena.shevchenko", first: "Олена", last: "Шевченко", email: "olena.shevchenko@payments.example"},
	{username: "eleni.papadaki", first: "Ελένη", last: "Παπαδάκη", email: "eleni.papadaki@payments.example"},
}
