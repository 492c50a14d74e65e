package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"obpconsole/obp/sandbox"
)

// One id leads through the whole chain: a request keeps the one that a trusted
// proxy gave it, in the answer, the log, the journal's lines and every call to
// OBP; OBP's Correlation-Id of the write stands beside it, and on the page of a
// refusal.
func TestCorrelation(t *testing.T) {
	o := newBehind(t)
	file := filepath.Join(t.TempDir(), "lines")
	p := start(t, o.env(t.TempDir(), "LOG_FORMAT=json", "JOURNAL_LINES="+file, "TRUSTED_PROXIES=127.0.0.1", "HIGH_RISK_ROLES=none"), "serve")
	post := func(path, cookie, id string, form url.Values) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequest("POST", p.url+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("X-Request-Id", id)
		r.Header.Set("Cookie", cookie)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return do(t, r)
	}
	cookie := signIn(t, p.url, "anna.approver", recordedPassword)
	q := o.world.Requests[0]
	page := "/requests/" + q.ID

	refused, approved := uuid.NewString(), uuid.NewString()
	grant := "POST /obp/v5.0.0/users/" + q.UserID + "/entitlements"
	if err := o.SetFault("POST /users/{USER_ID}/entitlements", sandbox.Fault{Times: 1, Status: 400, Message: "OBP-30205: This entitlement is a Bank Role. Please set bank_id to a valid bank id."}); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"reason": {"needed for the work"}}
	resp, body := post(page+"/approve", cookie, refused, form)
	if resp.Header.Get("X-Request-Id") != refused {
		t.Errorf("the answer: %v, %s", resp.Header, resp.Status)
	}
	shown := ids(t, p, refused, "POST /users/{USER_ID}/entitlements")
	if shown == "" || !strings.Contains(body, shown) || !strings.Contains(body, refused) {
		t.Errorf("OBP's id %q or ours is not on the page: %s %s", shown, resp.Status, body)
	}
	if resp, body := post(page+"/approve", cookie, approved, form); resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s\n%s", resp.Status, body)
	}
	for call, want := range map[string][]string{grant: {refused, approved}, "DELETE /obp/v5.0.0/entitlement-requests/" + q.ID: {approved}} {
		if got := o.ids[call]; strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s came with %q, want %q", call, got, want)
		}
	}
	for call, list := range o.ids {
		for _, id := range list {
			if uuid.Validate(id) != nil {
				t.Errorf("%s came with X-Request-ID %q", call, id)
			}
		}
	}
	p.terminate()
	p.stopped()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{ // kind and step of the approval -> OBP's id
		"intent ": "", "step granted": ids(t, p, approved, "POST /users/{USER_ID}/entitlements"),
		"outcome ": ids(t, p, approved, "DELETE /entitlement-requests/{ENTITLEMENT_REQUEST_ID}")}
	act, found := "", 0
	for _, l := range linesOf(t, string(b)) {
		if l.RequestID == approved && l.Act == "approve" {
			act = l.ActID
		}
		if l.ActID != act || act == "" {
			if l.RequestID == refused && l.Outcome == "failed" && l.CorrelationID != shown {
				t.Errorf("the refusal: %+v", l)
			}
			continue
		}
		key := string(l.Kind) + " " + l.Step
		if id, ok := want[key]; !ok || l.CorrelationID != id || key != "intent " && uuid.Validate(id) != nil {
			t.Errorf("%s has %q, want %q", key, l.CorrelationID, id)
		}
		found++
	}
	if found != 3 {
		t.Errorf("%d lines of the approval:\n%s", found, b)
	}
}

// ids is OBP's Correlation-Id in the log line of a call that was made for a
// request, and checks that the request has a line of its own.
func ids(t *testing.T, p *process, request, operation string) (correlation string) {
	t.Helper()
	p.errs.wait(t, `"request_id":"`+request+`","operator"`) // it comes after the answer
	own := 0
	for line := range strings.Lines(p.errs.String()) {
		var l struct{ Msg, Operation, Request_id, Correlation_id string }
		if json.Unmarshal([]byte(line), &l) != nil || l.Request_id != request {
			continue
		}
		switch {
		case l.Msg == "request":
			own++
		case l.Msg == "obp call" && l.Operation == operation:
			correlation = l.Correlation_id
		}
	}
	if own != 1 {
		t.Errorf("%d lines of the request %s", own, request)
	}
	return correlation
}
