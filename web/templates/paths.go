package templates

import (
	"net/url"
	"strconv"
	"strings"
)

// Route patterns, each beside the function that builds its address.
const (
	HomePattern       = "/"
	SignInPattern     = "/sign-in"
	SignOutPattern    = "/sign-out"
	StayPattern       = "/session/stay"
	RequestsPattern   = "/requests"
	RequestPattern    = "/requests/{id}"
	ApprovePattern    = "/requests/{id}/approve"
	DeclinePattern    = "/requests/{id}/decline"
	ClosePattern      = "/requests/{id}/close"
	JournalPattern    = "/journal"
	JournalActPattern = "/journal/{id}"
	FinishPattern     = "/journal/{id}/finish"
	ReadingsPattern   = "/readings"
	UndoPattern       = "/journal/{id}/undo"
	BulkPattern       = "/bulk"
	BulkStartPattern  = "/bulk-start"
	BulkOnePattern    = "/bulk/{id}"
	BulkGoPattern     = "/bulk/{id}/continue"
	BulkEndPattern    = "/bulk/{id}/end"
	WithdrawPattern   = "/approvals/{id}/withdraw"
	ExportPattern     = "/exports/journal"
	UsersPattern      = "/users"
	UserPattern       = "/users/{id}"
	MePattern         = "/me"
	AskRolePattern    = "/me/requests"
	ThemePattern      = "/me/preferences"
	HealthPattern     = "/healthz"
	ReadyPattern      = "/readyz"
	StaticPattern     = "/static/*"
	CSPReportPattern  = "/csp-report"
)

// Home is the address of the first page.
func Home() string { return HomePattern }

// SignIn is the address of the sign-in form; next is where to go afterwards,
// why the code of why the last session is over.
func SignIn(next, why string) string {
	v := url.Values{}
	if next != "" && next != "/" {
		v.Set("next", next)
	}
	if why != "" {
		v.Set("why", why)
	}
	return withQuery(SignInPattern, v)
}

// RequestQuery is the filter, order and page of the queue, as it stands in the address.
type RequestQuery struct {
	Person string // user id or part of the user name or e-mail
	Role   string // exact role name
	Bank   string // bank id; "system" for system roles
	Age    string // "day", "week", "month": at least that old
	Sort   string // "age" (default), "-age", "person", "role", "bank"
	Page   int    // from 1
}

// Filtered reports whether any filter restricts the list.
func (q RequestQuery) Filtered() bool {
	return q.Person != "" || q.Role != "" || q.Bank != "" || q.Age != ""
}

// Values gives the query as address parameters, empty ones left out.
func (q RequestQuery) Values() url.Values {
	v := url.Values{}
	set := func(k, s string) {
		if s != "" {
			v.Set(k, s)
		}
	}
	set("person", q.Person)
	set("role", q.Role)
	set("bank", q.Bank)
	set("age", q.Age)
	if q.Sort != "age" {
		set("sort", q.Sort)
	}
	if q.Page > 1 {
		v.Set("page", strconv.Itoa(q.Page))
	}
	return v
}

// Requests is the address of the queue.
func Requests(q RequestQuery) string { return withQuery(RequestsPattern, q.Values()) }

// Request is the address of a decision sheet. The user and bank ids are hints
// that let the page ask OBP side by side; they are checked against the request.
func Request(id, userID, bankID string, q RequestQuery) string {
	return RequestOf(id, userID, bankID, "", q)
}

// RequestOf is Request with a hint of the role as well, so that its holders can
// be asked for beside all else.
func RequestOf(id, userID, bankID, role string, q RequestQuery) string {
	v := q.Values()
	if userID != "" {
		v.Set("u", userID)
		v.Set("b", bankID)
	}
	if role != "" {
		v.Set("r", role)
	}
	return withQuery(RequestsPattern+"/"+url.PathEscape(id), v)
}

// Approve is where the approval form is sent.
func Approve(id string, q RequestQuery) string {
	return withQuery(RequestsPattern+"/"+url.PathEscape(id)+"/approve", q.Values())
}

// Decline is where the decline form is sent.
func Decline(id string, q RequestQuery) string {
	return withQuery(RequestsPattern+"/"+url.PathEscape(id)+"/decline", q.Values())
}

// Close is where a request is closed whose role was granted already.
func Close(id string) string { return RequestsPattern + "/" + url.PathEscape(id) + "/close" }

// JournalQuery is the filter and page of the journal, as it stands in the address.
type JournalQuery struct {
	Text    string // person or operator: user id, or part of a user name
	Act     string
	Role    string
	Bank    string // bank id; "system" for system scope
	Outcome string
	From    string // day, yyyy-mm-dd, in the reader's zone
	To      string // day, inclusive
	Before  int64  // entries older than this number
}

// Filtered reports whether any filter restricts the list.
func (q JournalQuery) Filtered() bool {
	q.Before = 0
	return q != JournalQuery{}
}

// JournalList is the address of the journal.
func JournalList(q JournalQuery) string {
	v := url.Values{}
	for k, s := range map[string]string{"q": q.Text, "act": q.Act, "role": q.Role, "bank": q.Bank, "outcome": q.Outcome, "from": q.From, "to": q.To} {
		if s != "" {
			v.Set(k, s)
		}
	}
	if q.Before > 0 {
		v.Set("before", strconv.FormatInt(q.Before, 10))
	}
	return withQuery(JournalPattern, v)
}

// JournalAct is the address of one act's record.
func JournalAct(actID string) string { return JournalPattern + "/" + url.PathEscape(actID) }

// FinishAct is where an act that was cut off is finished.
func FinishAct(actID string) string { return JournalAct(actID) + "/finish" }

// Readings is a page of the read log; before is 0 for the newest.
func Readings(before int64) string {
	v := url.Values{}
	if before > 0 {
		v.Set("before", strconv.FormatInt(before, 10))
	}
	return withQuery(ReadingsPattern, v)
}

// Undo is the address where an act can be undone.
func Undo(actID string) string { return JournalAct(actID) + "/undo" }

// BulkChosen is where the chosen requests of a list are sent, with its filter.
func BulkChosen(q RequestQuery) string { return withQuery(BulkPattern, q.Values()) }

// BulkStart is where a confirmed bulk begins.
func BulkStart(q RequestQuery) string { return withQuery(BulkStartPattern, q.Values()) }

// Bulk is the address of one bulk's progress.
func Bulk(id string) string { return BulkPattern + "/" + url.PathEscape(id) }

// BulkGo is where a bulk is continued.
func BulkGo(id string) string { return Bulk(id) + "/continue" }

// BulkEnd is where the rest of a bulk is given up.
func BulkEnd(id string) string { return Bulk(id) + "/end" }

// Withdraw is where a first approval is taken back.
func Withdraw(id string) string { return "/approvals/" + url.PathEscape(id) + "/withdraw" }

// User is the address of a person's page.
func User(id string) string { return "/users/" + url.PathEscape(id) }

func withQuery(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + strings.ReplaceAll(v.Encode(), "+", "%20")
}
