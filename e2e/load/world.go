package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	consumerKey = "loadconsumerkey0123456789abcdefghijklmno"
	password    = "Str0ng!Passw0rd"
)

// operator is the user name of an approver.
func operator(i int) string { return fmt.Sprintf("operator.%04d", i) }

// world is a bank, n people who each ask for a role, and approvers.
func world(n, operators int) []byte {
	type object = map[string]any
	id := func(kind, n int) string { return fmt.Sprintf("%08d-0000-4000-8000-%012d", kind, n) }
	at := time.Now().UTC().Add(-72 * time.Hour)
	const provider = "http://127.0.0.1:8090"
	person := func(n int, name string) object {
		return object{"user_id": id(1, n), "username": name, "provider_id": name, "provider": provider,
			"email": name + "@example.com", "validated": true, "password": password}
	}
	var users, held, asked []object
	for i := range operators {
		users = append(users, person(n+i, operator(i)))
		for k, role := range []string{"CanGetAnyUser", "CanGetEntitlementRequestsAtAnyBank", "CanDeleteEntitlementRequestsAtAnyBank",
			"CanCreateEntitlementAtAnyBank", "CanGetEntitlementsForAnyUserAtAnyBank"} {
			held = append(held, object{"entitlement_id": id(2, 10*i+k), "role_name": role, "bank_id": "", "user_id": id(1, n+i), "created": at})
		}
	}
	for i := range n {
		users = append(users, person(i, fmt.Sprintf("person.%03d", i)))
		asked = append(asked, object{"entitlement_request_id": id(3, i), "role_name": "CanCreateBranch", "bank_id": "load.bank",
			"user_id": id(1, i), "created": at.Add(time.Duration(i) * time.Minute)})
	}
	b, err := json.Marshal(object{"provider": provider, "consumer_key": consumerKey, "users": users,
		"banks":        []object{{"id": "load.bank", "short_name": "Load", "full_name": "Bank under load", "bank_routings": []object{}, "attributes": []object{}}},
		"entitlements": held, "entitlement_requests": asked})
	if err != nil {
		panic(err) // plain values always marshal
	}
	return b
}

// obpToken signs in at the stand-in itself.
func obpToken(address string) (string, error) {
	r, err := http.NewRequest(http.MethodPost, address+"/my/logins/direct", nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("DirectLogin", fmt.Sprintf("username=%s, password=%s, consumer_key=%s", operator(0), password, consumerKey))
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var out struct{ Token string }
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || out.Token == "" {
		return "", fmt.Errorf("the stand-in gave no token: %s", res.Status)
	}
	return out.Token, nil
}
