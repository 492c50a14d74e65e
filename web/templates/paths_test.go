package templates

import "testing"

func TestPathsEscapeEveryPart(t *testing.T) {
	for _, c := range []struct{ name, got, want string }{
		{"user", User("a/b ?#%"), "/users/a%2Fb%20%3F%23%25"},
		{"queue without filter", Requests(RequestQuery{Sort: "age", Page: 1}), "/requests"},
		{"queue", Requests(RequestQuery{Person: "o'hara & co", Bank: "rec.bank.one", Page: 2}), "/requests?bank=rec.bank.one&page=2&person=o%27hara%20%26%20co"},
		{"sheet with hints", Request("r1", "u 1", "", RequestQuery{}), "/requests/r1?b=&u=u%201"},
		{"approve", Approve("../x", RequestQuery{}), "/requests/..%2Fx/approve"},
		{"sign in", SignIn("/requests?page=2", ""), "/sign-in?next=%2Frequests%3Fpage%3D2"},
		{"sign in, no next", SignIn("/", ""), "/sign-in"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, c.got, c.want)
		}
	}
}
