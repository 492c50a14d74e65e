package templates

import (
	"net/url"
	"strconv"
)

// Route patterns of access reviews and evidence, each beside the function that
// builds its address.
const (
	ReviewsPattern      = "/reviews"
	ReviewPattern       = "/reviews/{id}"
	ReviewKeepPattern   = "/reviews/{id}/keep"
	ReviewRowPattern    = "/reviews/{id}/rows/{pos}"
	ReviewSignPattern   = "/reviews/{id}/sign"
	ReviewPrintPattern  = "/reviews/{id}/print"
	ExportReviewPattern = "/exports/review"
	EvidencePattern     = "/users/{id}/evidence"
)

// ReviewQuery is the filter and page of the rows of a review.
type ReviewQuery struct {
	Text string // part of a user name or of a role, or a user id
	Show string // "" open rows, "new" open rows that are new and not through this console, "flagged" open rows with a flag, "all"
	Page int
}

// Values gives the query as address parameters.
func (q ReviewQuery) Values() url.Values { return values(q.Page, "q", q.Text, "show", q.Show) }

// Review is the address of one access review.
func Review(id string, q ReviewQuery) string {
	return withQuery(ReviewsPattern+"/"+url.PathEscape(id), q.Values())
}

// ReviewKeep is where chosen rows are kept.
func ReviewKeep(id string, q ReviewQuery) string {
	return withQuery(ReviewsPattern+"/"+url.PathEscape(id)+"/keep", q.Values())
}

// ReviewRowAt is where one row is decided.
func ReviewRowAt(id string, pos int, q ReviewQuery) string {
	return withQuery(ReviewsPattern+"/"+url.PathEscape(id)+"/rows/"+strconv.Itoa(pos), q.Values())
}

// ReviewSign is where a review is signed off.
func ReviewSign(id string) string { return ReviewsPattern + "/" + url.PathEscape(id) + "/sign" }

// ReviewPrint is a review's result as a page to print.
func ReviewPrint(id string) string { return ReviewsPattern + "/" + url.PathEscape(id) + "/print" }

// Evidence is the record of a person's role at a scope, as a page to print.
func Evidence(userID, role, bankID string) string {
	return withQuery(User(userID)+"/evidence", values(0, "role", role, "bank", bankID))
}
