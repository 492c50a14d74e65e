package obp_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"obpconsole/obp"
	"obpconsole/obp/sandbox"
)

const nobody = "00000000-0000-4000-8000-000000000000"

// live is a server with the recorded world: a real one, when OBP_TEST_URL,
// OBP_TEST_CONSUMER_KEY and OBP_TEST_WORLD name it, else the stand-in. People
// and banks are named by their place in the world file alone.
type live struct {
	t      *testing.T
	client *obp.Client
	calls  func() map[string]int64 // nil at a real server
	world  struct {
		ConsumerKey string `json:"consumer_key"`
		Provider    string `json:"provider"`
		Password    string `json:"password"`
		Settings    struct {
			Portal string `json:"portal_hostname"`
		} `json:"server_settings"`
		Users []struct {
			ID       string `json:"user_id"`
			Username string `json:"username"`
			Email    string `json:"email"`
			Password string `json:"password"`
		} `json:"users"`
		Banks []struct {
			ID        string `json:"id"`
			ShortName string `json:"short_name"`
		} `json:"banks"`
		Holders []struct {
			BankID    string `json:"bank_id"`
			AccountID string `json:"account_id"`
			UserID    string `json:"user_id"`
		} `json:"account_holders"`
		Customers []obp.CustomerKey `json:"customers"`
	}
	names, ids []string // of the people
	as         []*obp.API

	bank, short, account, second string // where felix has two accounts
	otherBank                    string
}

func newLive(t *testing.T) *live {
	t.Helper()
	l := &live{t: t}
	path, base := os.Getenv("OBP_TEST_WORLD"), os.Getenv("OBP_TEST_URL")
	if path == "" {
		path = "testdata/world.json"
	}
	text, err := os.ReadFile(path)
	l.ok(err)
	l.ok(json.Unmarshal(text, &l.world))
	key := os.Getenv("OBP_TEST_CONSUMER_KEY")
	if key == "" {
		key = l.world.ConsumerKey
	}
	if base == "" {
		w, err := sandbox.ReadWorld(strings.NewReader(string(text)))
		l.ok(err)
		s, err := sandbox.New(w, sandbox.Options{})
		l.ok(err)
		srv := httptest.NewServer(s)
		t.Cleanup(srv.Close)
		base, l.calls = srv.URL, s.Calls
	}
	l.client, err = obp.New(obp.Config{BaseURL: base, ConsumerKey: key})
	l.ok(err)
	for _, u := range l.world.Users {
		cred, err := l.client.SignIn(t.Context(), u.Username, u.Password)
		l.ok(err)
		l.names, l.ids, l.as = append(l.names, u.Username), append(l.ids, u.ID), append(l.as, l.client.As(cred))
	}
	for _, h := range l.world.Holders {
		switch {
		case h.UserID != l.ids[felixAt]:
			if l.bank != "" && h.BankID != l.bank {
				l.otherBank = h.BankID
			}
		case l.account == "":
			l.bank, l.account = h.BankID, h.AccountID
		case h.BankID == l.bank:
			l.second = h.AccountID
		}
	}
	for _, b := range l.world.Banks {
		if b.ID == l.bank {
			l.short = b.ShortName
		}
	}
	return l
}

// The people by their place in the world file.
const (
	susanAt = iota
	annaAt
	henryAt
	bellaAt
	carlAt
	noraAt
	felixAt
	robertAt
	mariaAt
	obrienAt
)

// fresh is a name that the server has not seen.
func fresh(prefix string) string { return prefix + strconv.FormatInt(time.Now().UnixNano(), 36) }

func (l *live) ok(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *live) kind(err error, want obp.Kind) {
	l.t.Helper()
	if err == nil || obp.KindOf(err) != want {
		l.t.Errorf("got kind %d (%v), want %d", obp.KindOf(err), err, want)
	}
}

func (l *live) true(ok bool, got ...any) {
	l.t.Helper()
	if !ok {
		l.t.Errorf("got %+v", got)
	}
}
