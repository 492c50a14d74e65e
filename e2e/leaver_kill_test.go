package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// The program is killed while it takes away what a leaver holds. In the same
// browser it says what is to go, goes on when that is pressed, and ends with
// the rows in their order: one that the kill met is told by what is true.
func TestLeaverGoesOnAfterAKill(t *testing.T) {
	needs(t, faults)
	for _, c := range []struct {
		name, at string
		cut      bool // the held call is dropped
		counts   string
		met      string // how the row ends that the kill met
	}{
		{"before it was applied", "before", true, "5 done, 1 failed, 0 left out, 0 to go", "failed"},
		{"after it was applied", "after", false, "6 done, 0 failed, 0 left out, 0 to go", "done"},
	} {
		t.Run(c.name, func(t *testing.T) {
			both(t, func(t *testing.T, setup option) {
				w := emptyWorld()
				roles := []string{"CanCreateAtm", "CanCreateBranch", "CanCreateProduct"}
				for _, bank := range []string{bankOne, bankTwo} {
					for _, role := range roles {
						w.hold(felix, role, bank)
					}
				}
				obp := newStandIn(t, w)
				data := "DATA_DIR=" + t.TempDir()
				first := serveAgainst(t, obp.url, data)
				v := visit(t, first.url, setup)
				v.signIn(anna)
				v.open("/users/" + w.user(felix).UserID + "/leaver")
				items := v.get(`[...document.querySelectorAll('[data-testid="leaver-item"]')].map(e => e.querySelector('.s').previousSibling.textContent.trim()).join()`)
				v.fill(id("reason"), "Leaves today")
				how := map[string]any{"hold": c.at, "times": 1}
				if c.cut {
					how["cut"] = "before"
				}
				obp.fault(opRevokeRole, how)
				v.click(id("leaver-go"))
				obp.held(opRevokeRole)
				eventually(t, "the three beside it are done, and the journal says so", func() bool { return revoked(t, data) == 3 })
				first.kill()
				v.until("the browser to notice", func() bool { return !v.busy() })
				obp.release(opRevokeRole)
				v.pardonCut()

				serveAgainst(t, obp.url, data, "LISTEN_ADDR="+strings.TrimPrefix(first.url, "http://"))
				v.open("/")
				v.seeText(id("home-unfinished"), felix)
				v.hold("home with a leaver")
				writes := obp.writes()
				v.follow(func() { v.click(id("home-unfinished") + ` a[href^="/bulk/"]`) })
				v.seeText(id("bulk-counts"), "3 done, 0 failed, 0 left out, 3 to go")
				if n := obp.writes(); n != writes {
					t.Errorf("%d writes reached OBP before it was pressed", n-writes)
				}
				v.hold("leaver that waits")
				v.click(id("bulk-continue") + " button")
				v.seeText(id("bulk-counts"), c.counts)
				v.quiet()
				left := 0
				if c.met == "failed" {
					left = 1
				}
				if n := len(heldBy(obp, felix)); n != left {
					t.Errorf("%d roles are still held", n)
				}
				rows := v.get(`[...document.querySelectorAll('[data-testid="bulk-result"]')].map(e => e.querySelector('small').textContent.split(',')[0].trim()).join()`)
				if rows != items {
					t.Errorf("the rows are %s, chosen were %s", rows, items)
				}
				v.see(`[data-testid="bulk-result"][data-state="` + c.met + `"]`)
				v.open("/")
				if c.met == "done" {
					v.gone(id("home-unfinished"))
				}
				if out, err := verify(data); err != nil || !strings.Contains(out, "intact to entry") {
					t.Errorf("journal verify: %v %s", err, out)
				}
			})
		})
	}
}

// revoked counts the revocations that the journal of a running console has as
// done.
func revoked(t *testing.T, data string) (n int) {
	t.Helper()
	c := exec.Command(binary, "journal", "lines")
	c.Env = []string{data}
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, `"act":"revoke"`) && strings.Contains(line, `"outcome":"done"`) {
			n++
		}
	}
	return n
}

// heldBy is what somebody still holds.
func heldBy(obp *standIn, name string) (out []entitlement) {
	w := obp.world()
	for _, e := range w.Entitlements {
		if e.UserID == w.user(name).UserID {
			out = append(out, e)
		}
	}
	return out
}

// pardonCut forgets what a browser says of a server that was killed.
func (r *record) pardonCut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.complaint {
		if !strings.Contains(c, "net::ERR_") {
			return
		}
	}
	r.complaint = nil
}
