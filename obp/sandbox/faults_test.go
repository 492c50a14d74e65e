package sandbox

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestFaultAnswers(t *testing.T) {
	type row struct {
		name, fault  string
		status       int // 0: the connection ends
		body         string
		html, unread bool // unread: the body ends early
		applied      int
	}
	rows := []row{
		{name: "status", fault: `"status":500,"message":"OBP-50005: An unspecified or internal error occurred."`, status: 500,
			body: `{"code":500,"message":"OBP-50005: An unspecified or internal error occurred."}`},
		{name: "status applied", fault: `"status":503,"message":"busy","applied":true`, status: 503, body: `{"code":503,"message":"busy"}`, applied: 1},
		{name: "false", fault: `"false":true`, status: 200, body: `false`},
		{name: "html", fault: `"junk":"html"`, status: 200, body: junk["html"].body, html: true},
		{name: "empty applied", fault: `"junk":"empty","applied":true`, status: 200, applied: 1},
		{name: "broken", fault: `"junk":"broken","status":201`, status: 201, body: junk["broken"].body},
		{name: "type applied", fault: `"junk":"type","applied":true`, status: 200, body: junk["type"].body, applied: 1},
		{name: "cut before", fault: `"cut":"before"`},
		{name: "cut after", fault: `"cut":"after"`, applied: 1},
		{name: "cut middle", fault: `"cut":"middle"`, status: 201, unread: true, applied: 1},
		{name: "delay", fault: `"delay_ms":1`, status: 201, applied: 1},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			b := newBench(t)
			b.control("POST", "faults", `{"op":"`+grantOp+`",`+r.fault+`,"times":1}`, 204)
			a := b.grant()
			if (a.err != nil) != (r.status == 0 || r.unread) || a.status != r.status || r.body != "" && a.body != r.body {
				t.Errorf("%d %q %v", a.status, a.body, a.err)
			}
			if r.html != strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
				t.Errorf("Content-Type %q", a.header.Get("Content-Type"))
			}
			if n := b.granted(); n != r.applied {
				t.Errorf("granted %d times, wanted %d", n, r.applied)
			}
			want := 201
			if r.applied > 0 {
				want = 400 // already held
			}
			if a := b.grant(); a.status != want {
				t.Errorf("after the fault was used up: %d %s", a.status, a.body)
			}
			if n := b.s.Calls()["POST "+prefix+"/users/{USER_ID}/entitlements"]; n != 2 {
				t.Errorf("%d calls counted", n)
			}
		})
	}
}

func TestFaultsInTurn(t *testing.T) {
	b := newBench(t)
	if err := b.s.SetFault("GET /obp/v5.0.0/entitlement-requests", Fault{Skip: 1, Times: 2, Status: 429, Header: map[string]string{"Retry-After": "7"}}, Fault{Status: 503, Times: 1}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{200, 429, 429, 503, 200} {
		a := b.send(t.Context(), "GET", "/entitlement-requests", "")
		if a.status != want || (want == 429) != (a.header.Get("Retry-After") == "7") {
			t.Errorf("call %d: %d, wanted %d", i, a.status, want)
		}
	}
	if left := b.control("GET", "faults", "", 200); left != "{}\n" {
		t.Errorf("faults left: %s", left)
	}
	b.control("POST", "faults", `{"op":"`+listOp+`","status":500,"times":1,"then":[{"junk":"html"}]}`, 204)
	if got := b.s.Faults()[listOp]; len(got) != 2 || got[0].Status != 500 || got[1].Junk != "html" {
		t.Errorf("faults: %+v", got)
	}
	b.control("DELETE", "faults", "", 204)
	if a := b.send(t.Context(), "GET", "/entitlement-requests", ""); a.status != 200 {
		t.Errorf("after clearing: %d", a.status)
	}
	for _, bad := range []string{`{}`, `{"op":"GET /nowhere","cut":"before"}`, `{"op":"` + listOp + `","cut":"sideways"}`, `{"op":"` + listOp + `","kut":"before"}`, `{"op":"` + listOp + `","times":-1}`} {
		b.control("POST", "faults", bad, 400)
	}
}

func TestWorldOverHTTP(t *testing.T) {
	b := newBench(t)
	text := b.control("GET", "world", "", 200)
	if strings.Contains(text, "Passw0rd") {
		t.Error("the world tells passwords")
	}
	var w World
	if err := json.Unmarshal([]byte(text), &w); err != nil || len(w.Users) == 0 || len(w.Entitlements) == 0 || len(w.Requests) == 0 {
		t.Errorf("%d users, %d entitlements, %d requests, %v", len(w.Users), len(w.Entitlements), len(w.Requests), err)
	}
	b.control("GET", "otp/none", "", 404)
	if !bytes.Contains([]byte(text), []byte(b.nora)) {
		t.Error("nora is missing")
	}
	if got := b.s.Operations(); len(got) < 80 || !slices.Contains(got, closeOp) {
		t.Errorf("operations: %v", got)
	}
}
