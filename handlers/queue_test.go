package handlers

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"obpconsole/obp"
	"obpconsole/web/templates"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func request(id, user, role, bank string, age time.Duration) obp.EntitlementRequest {
	return obp.EntitlementRequest{EntitlementRequestID: id, RoleName: role, BankID: bank, Created: noon.Add(-age),
		User: obp.User{UserID: "u-" + user, Username: user, Email: user + "@Example.com"}}
}

func someRequests() []obp.EntitlementRequest {
	const day = 24 * time.Hour
	return []obp.EntitlementRequest{
		request("r1", "felix", "CanCreateBranch", "b1", time.Minute),
		request("r2", "robert", "CanCreateAtm", "b2", 10*day),
		request("r3", "felix", "CanGetAnyUser", "", 40*day),
		request("r4", "maria", "CanCreateBranch", "b1", 2*day),
		request("r5", "Anna", "CanCreateBank", "", 2*day),
	}
}

func ids(rs []obp.EntitlementRequest) string {
	s := ""
	for _, r := range rs {
		s += r.EntitlementRequestID + " "
	}
	return s
}

func TestQueueFiltersAndSorts(t *testing.T) {
	for _, c := range []struct {
		name string
		q    templates.RequestQuery
		want string
	}{
		{"oldest first", templates.RequestQuery{}, "r3 r2 r4 r5 r1 "},
		{"newest first", templates.RequestQuery{Sort: "-age"}, "r1 r4 r5 r2 r3 "},
		{"by person, letter case aside", templates.RequestQuery{Sort: "person"}, "r5 r3 r1 r4 r2 "},
		{"by role", templates.RequestQuery{Sort: "role"}, "r2 r5 r4 r1 r3 "},
		{"by bank", templates.RequestQuery{Sort: "bank"}, "r3 r5 r4 r1 r2 "},
		{"person by part of the name", templates.RequestQuery{Person: "FEL"}, "r3 r1 "},
		{"person by e-mail", templates.RequestQuery{Person: "maria@example"}, "r4 "},
		{"person by id", templates.RequestQuery{Person: "u-robert"}, "r2 "},
		{"role", templates.RequestQuery{Role: "CanCreateBranch"}, "r4 r1 "},
		{"bank", templates.RequestQuery{Bank: "b1"}, "r4 r1 "},
		{"system", templates.RequestQuery{Bank: "system"}, "r3 r5 "},
		{"a week old", templates.RequestQuery{Age: "week"}, "r3 r2 "},
		{"none", templates.RequestQuery{Role: "CanFly"}, ""},
	} {
		got := buildQueue(someRequests(), c.q, 25, noon)
		if ids(got.Rows) != c.want {
			t.Errorf("%s: got %s, want %s", c.name, ids(got.Rows), c.want)
		}
		if got.Open != 5 || got.Found != len(got.Rows) || got.Asked["u-felix"] != 2 {
			t.Errorf("%s: counts %d open, %d found, %v", c.name, got.Open, got.Found, got.Asked)
		}
	}
}

func TestQueuePages(t *testing.T) {
	var all []obp.EntitlementRequest
	for i := range 53 {
		all = append(all, request(fmt.Sprintf("r%02d", i), "felix", "CanCreateBranch", "b1", time.Hour))
	}
	for _, c := range []struct{ ask, page, rows int }{{0, 1, 25}, {1, 1, 25}, {3, 3, 3}, {99, 3, 3}, {-5, 1, 25}} {
		got := buildQueue(all, templates.RequestQuery{Page: c.ask}, 25, noon)
		if d := cmp.Diff([]int{c.page, c.rows, 53, 3}, []int{got.Page, len(got.Rows), got.Found, got.Pages}); d != "" {
			t.Errorf("page %d: %s", c.ask, d)
		}
	}
	if got := buildQueue(nil, templates.RequestQuery{Page: 2}, 25, noon); got.Page != 1 || got.Pages != 1 || got.Found != 0 || !got.Oldest.IsZero() {
		t.Errorf("none: %+v", got)
	}
}

// After a decision the next request of the same filter opens, also when the
// decided one is gone from the list.
func TestNextRequest(t *testing.T) {
	all := someRequests()
	for _, c := range []struct {
		name, after, want string
		q                 templates.RequestQuery
		place, of         int
	}{
		{"middle", "r2", "r4", templates.RequestQuery{}, 2, 4},
		{"first", "r3", "r2", templates.RequestQuery{}, 1, 4},
		{"last begins again", "r1", "r3", templates.RequestQuery{}, 1, 4},
		{"within the filter", "r4", "r1", templates.RequestQuery{Bank: "b1"}, 1, 1},
	} {
		var gone []obp.EntitlementRequest
		var after obp.EntitlementRequest
		for _, r := range all {
			if r.EntitlementRequestID == c.after {
				after = r
			} else {
				gone = append(gone, r)
			}
		}
		for _, list := range [][]obp.EntitlementRequest{all, gone} {
			r, place, of, ok := next(list, c.q, after, noon)
			if !ok || r.EntitlementRequestID != c.want || place != c.place || of != c.of {
				t.Errorf("%s: got %s, %d of %d, %v", c.name, r.EntitlementRequestID, place, of, ok)
			}
		}
	}
	if _, _, _, ok := next(all[1:2], templates.RequestQuery{}, all[1], noon); ok {
		t.Error("nothing is left after the only one")
	}
}

func BenchmarkQueue(b *testing.B) {
	var all []obp.EntitlementRequest
	for i := range 1000 {
		all = append(all, request(fmt.Sprint(i), fmt.Sprint("user", i%60), "CanCreateBranch", "b1", time.Duration(i)*time.Hour))
	}
	b.ReportAllocs()
	for b.Loop() {
		buildQueue(all, templates.RequestQuery{Bank: "b1"}, 25, noon)
	}
}
