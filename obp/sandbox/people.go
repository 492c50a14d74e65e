package sandbox

import "slices"

// people are the users, found by id and by provider and name; listed by whether
// they are deleted, so that a page far behind costs no more than the first.
type people struct {
	rows  []*User // those of the start world stand there until edited
	byID  map[string]int32
	named map[string]map[string]int32 // by provider, by name
	shown [2][]int32                  // positions in order: of those there, of those deleted
}

func newPeople(us []User) *people {
	p := &people{byID: make(map[string]int32, len(us)), named: map[string]map[string]int32{}, rows: make([]*User, 0, len(us))}
	p.shown[0] = make([]int32, 0, len(us))
	for i := range us {
		if p.named[us[i].Provider] == nil {
			p.named[us[i].Provider] = make(map[string]int32, len(us)-i)
		}
		p.put(&us[i])
	}
	return p
}

func (p *people) put(u *User) {
	at := int32(len(p.rows))
	p.rows = append(p.rows, u)
	p.byID[u.UserID] = at
	if p.named[u.Provider] == nil {
		p.named[u.Provider] = map[string]int32{}
	}
	p.named[u.Provider][u.Username] = at
	p.shown[shelf(u.Deleted)] = append(p.shown[shelf(u.Deleted)], at)
}

func shelf(deleted bool) int {
	if deleted {
		return 1
	}
	return 0
}

func (p *people) id(id string) *User {
	if at, ok := p.byID[id]; ok {
		return p.rows[at]
	}
	return nil
}

func (p *people) find(provider, username string) *User {
	if at, ok := p.named[provider][username]; ok {
		return p.rows[at]
	}
	return nil
}

// edit gives a user to write to: the start world keeps its own.
func (p *people) edit(u *User) *User {
	c := *u
	p.rows[p.byID[u.UserID]] = &c
	return &c
}

// scramble gives a user another name and e-mail, and lists them as deleted.
func (p *people) scramble(u *User, username, email string) *User {
	u = p.edit(u)
	at := p.byID[u.UserID]
	delete(p.named[u.Provider], u.Username)
	if !u.Deleted {
		if i, ok := slices.BinarySearch(p.shown[0], at); ok {
			p.shown[0] = slices.Delete(p.shown[0], i, i+1)
		}
		i, _ := slices.BinarySearch(p.shown[1], at)
		p.shown[1] = slices.Insert(p.shown[1], i, at)
	}
	u.Username, u.ProviderID, u.Email, u.Deleted = username, username, email, true
	p.named[u.Provider][u.Username] = at
	return u
}

// page gives up to limit users from offset on.
func (p *people) page(deleted bool, offset, limit int) []*User {
	at := p.shown[shelf(deleted)]
	at = at[min(offset, len(at)):]
	at = at[:min(limit, len(at))]
	out := make([]*User, len(at))
	for i, k := range at {
		out[i] = p.rows[k]
	}
	return out
}

func (p *people) copies() []User {
	out := make([]User, len(p.rows))
	for i, u := range p.rows {
		out[i] = *u
	}
	return out
}
