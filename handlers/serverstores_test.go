package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"obpconsole/session/journal"
)

// made is how many calls OBP has got.
func made(g *rig) (n int64) {
	for _, x := range g.obp.Calls() {
		n += x
	}
	return n
}

// The server page says where the console keeps what and how its stores are, in
// words without an address, and asks OBP no more for it.
func TestServerPageTellsStores(t *testing.T) {
	g := adminRig(t, func(d *Deps) {
		d.Stores = Stores{Sessions: StoreRedis, Lasting: StorePostgres, Limits: StoreRedis, Journal: StorePostgres, Nodes: 3, Metrics: true,
			Disk: func() (uint64, uint64, error) { return 1.5e9, 20e9, nil }}
	})
	anna := g.signIn(admin)
	anna.get("/server")
	n, hash := g.journal.Head()
	if _, err := g.journal.Verify(t.Context(), journal.VerifyOptions{}); err != nil {
		t.Fatal(err)
	}
	calls := made(g)
	a := anna.get("/server")
	if got := made(g) - calls; got != 3 {
		t.Errorf("%d calls to OBP", got)
	}
	part := a.id("server-stores")
	for _, want := range []string{"SessionsRedisreachable", "Second factors, who is barred, preferencesPostgreSQLreachable", "JournalPostgreSQLreachable", "Consoles that share them3",
		"Metricsserved", fmt.Sprint("Newest entry of the journal", n), hash[:8], fmt.Sprint("Intact to entry ", n), "1.5 GB of 20.0 GB"} {
		if !strings.Contains(part, want) {
			t.Errorf("%q is not in %s", want, part)
		}
	}
	// A journal that is gone is said, and the page stays.
	if err := g.journal.Close(); err != nil {
		t.Fatal(err)
	}
	a = anna.get("/server")
	if part := a.id("server-stores"); a.StatusCode != http.StatusOK || !strings.Contains(part, "JournalPostgreSQLdoes not answer") || strings.Contains(part, "Intact") || strings.Contains(part, "sql: ") {
		t.Errorf("%d %s", a.StatusCode, part)
	}
}

// Without settings the stores are files and memory; a disk that cannot be read is left out.
func TestServerPageOfFiles(t *testing.T) {
	g := adminRig(t, func(d *Deps) {
		d.Stores = Stores{Sessions: StoreFiles, Lasting: StoreFiles, Journal: StoreFiles, Disk: func() (uint64, uint64, error) { return 0, 0, errors.ErrUnsupported }}
	})
	part := g.signIn(admin).get("/server").id("server-stores")
	for _, want := range []string{"Sessionsfilereachable", "Counts of rate limitsmemory of this consolereachable", "Consoles that share them1", "not served: METRICS_ADDRESS is not set"} {
		if !strings.Contains(part, want) {
			t.Errorf("%q is not in %s", want, part)
		}
	}
	if strings.Contains(part, "GB of") {
		t.Errorf("a disk: %s", part)
	}
}
