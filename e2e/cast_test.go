package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
)

// Everybody and every bank is named by the world file alone: that of
// OBP_TEST_WORLD, else the recorded one. People play by their place in it.
var (
	worldFile = cmp.Or(os.Getenv("OBP_TEST_WORLD"), "../obp/testdata/world.json")
	played    = mustRead(worldFile)

	consumerKey      = cmp.Or(os.Getenv("OBP_TEST_CONSUMER_KEY"), played.ConsumerKey)
	bankOne, bankTwo = played.twoBanks()

	// The people of every world. anna and bella may decide; nora may not;
	// susan is the server's super admin, and in no journey.
	susan = played.Users[0].Username
	anna  = played.Users[1].Username
	bella = played.Users[3].Username
	nora  = played.Users[5].Username
	felix = played.Users[6].Username
	maria = played.Users[8].Username
	orla  = played.Users[9].Username

	password = secretOf(anna)
)

// cast is a world file with what only the choice of banks needs.
type cast struct {
	world
	Holders []struct {
		BankID string `json:"bank_id"`
	} `json:"account_holders"`
}

func mustRead(file string) cast {
	c, err := readCast(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e: the world file:", err)
		os.Exit(1)
	}
	return c
}

func readCast(file string) (c cast, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("%s: %w", file, err)
	}
	if len(c.Users) < 10 {
		return c, fmt.Errorf("%s: %d people; the journeys take ten, in the order of obp/testdata/world.json", file, len(c.Users))
	}
	for _, u := range c.Users[:10] {
		if u.UserID == "" || u.Username == "" || u.Password == "" {
			return c, fmt.Errorf("%s: %q lacks user_id, username or password", file, u.Username)
		}
	}
	if one, two := c.twoBanks(); one == "" || two == "" {
		return c, fmt.Errorf("%s: account_holders name no two banks", file)
	}
	return c, nil
}

// twoBanks are those where people have accounts, in their order.
func (c cast) twoBanks() (one, two string) {
	for _, h := range c.Holders {
		switch {
		case one == "":
			one = h.BankID
		case two == "" && h.BankID != one:
			two = h.BankID
		}
	}
	return one, two
}

func (w *world) bank(id string) bank {
	i := slices.IndexFunc(w.Banks, func(b bank) bool { return b.ID == id })
	if i < 0 {
		panic("no bank " + id)
	}
	return w.Banks[i]
}

// secretOf is a person's password.
func secretOf(name string) string {
	for _, u := range played.Users {
		if u.Username == name {
			return u.Password
		}
	}
	return played.Users[1].Password // somebody whom a journey made
}

// portal is where the server's reset links lead to.
func portal() *url.URL {
	u, err := url.Parse(played.Settings.PortalHostname)
	if err != nil {
		panic(err)
	}
	return u
}
