package sandbox

import "strings"

// store is the part of the world that changes.
type store struct {
	people       *people
	entitlements *table[Entitlement]   // by user, by bank
	requests     *table[Request]       // by user
	access       *table[AccountAccess] // by user, by account
	links        *table[CustomerLink]  // by user, by customer
	attributes   *table[UserAttribute] // by user
	contexts     *table[AuthContext]   // by user
	customers    *table[Customer]      // by bank, by bank and number
	accounts     *table[Account]       // by bank
	updates      map[string]*contextUpdate
	invitations  []invitation

	byDate map[byDateKey][]*Customer
}

// key of rows that are known by several things at once.
func key(parts ...string) string { return strings.Join(parts, "\x00") }

func newStore(w *World) store {
	return store{
		people:       newPeople(w.Users),
		entitlements: newTable(w.Entitlements, func(e *Entitlement) (string, [2]string) { return e.ID, [2]string{e.UserID, e.BankID} }),
		requests:     newTable(w.Requests, func(q *Request) (string, [2]string) { return q.ID, [2]string{q.UserID} }),
		access: newTable(w.Access, func(a *AccountAccess) (string, [2]string) {
			return key(a.BankID, a.AccountID, a.ViewID, a.UserID), [2]string{a.UserID, key(a.BankID, a.AccountID)}
		}),
		links:      newTable(w.Links, func(l *CustomerLink) (string, [2]string) { return l.ID, [2]string{l.UserID, l.CustomerID} }),
		attributes: newTable(w.Attributes, func(a *UserAttribute) (string, [2]string) { return a.ID, [2]string{} }),
		contexts:   newTable(w.Contexts, func(c *AuthContext) (string, [2]string) { return c.ID, [2]string{c.UserID} }),
		customers:  newTable(w.Customers, func(c *Customer) (string, [2]string) { return c.ID, [2]string{c.BankID, key(c.BankID, c.Number)} }),
		accounts:   newTable(w.Accounts, func(a *Account) (string, [2]string) { return key(a.BankID, a.ID), [2]string{a.BankID} }),
		updates:    map[string]*contextUpdate{},
	}
}

func (s *Server) userID(id string) *User { return s.people.id(id) }

// local finds a user of the server's own.
func (s *Server) local(username string) *User { return s.people.find(s.world.Provider, username) }

func (s *Server) customerID(id string) *Customer { return s.customers.get(id) }

func (s *Server) customerNumber(bank, number string) *Customer {
	for c := range s.customers.of(1, key(bank, number)) {
		return c
	}
	return nil
}
