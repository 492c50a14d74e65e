package sandbox

import "slices"

// people are the users, found by id and by provider and name; listed by whether
// they are deleted, so that a page far behind costs no more than the first.
type people struct {
	rows  []*User
	byID  map[string]int32
	named map[name]int32
	shown [2][]int32 // positions in order: of those there, of those deleted
}

type name struct{ provider, username string }

func newPeople(us []User) *people {
	p := &people{byID: make(map[string]int32, len(us)), named: make(map[name]int32, len(us)), rows: make([]*User, 0, len(us))}
	all := slices.Clone(us) // one block instead of one allocation each
	for i := range all {
		p.put(&all[i])
	}
	return p
}

func (p *people) put(u *User) {
	at := int32(len(p.rows))
	p.rows = append(p.rows, u)
	p.byID[u.UserID] = at
	p.named[name{u.Provider, u.Username}] = at
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
	if at, ok := p.named[name{provider, username}]; ok {
		return p.rows[at]
	}
	return nil
}

// scramble gives a user another name and e-mail, and lists them as deleted.
func (p *people) scramble(u *User, username, email string) {
	at := p.byID[u.UserID]
	delete(p.named, name{u.Provider, u.Username})
	if !u.Deleted {
		if i, ok := slices.BinarySearch(p.shown[0], at); ok {
			p.shown[0] = slices.Delete(p.shown[0], i, i+1)
		}
		i, _ := slices.BinarySearch(p.shown[1], at)
		p.shown[1] = slices.Insert(p.shown[1], i, at)
	}
	u.Username, u.ProviderID, u.Email, u.Deleted = username, username, email, true
	p.named[name{u.Provider, u.Username}] = at
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
