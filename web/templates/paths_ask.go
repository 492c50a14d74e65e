package templates

import "net/url"

// Route patterns of what is asked about a request, each beside the function
// that builds its address.
const (
	QuestionPattern = "/requests/{id}/question"
	ReplyPattern    = "/me/requests/{id}/reply"
)

// Question is where a question about a request is sent.
func Question(id string, q RequestQuery) string {
	return withQuery(RequestsPattern+"/"+url.PathEscape(id)+"/question", q.Values())
}

// Reply is where the person who asked answers a question.
func Reply(id string) string { return "/me/requests/" + url.PathEscape(id) + "/reply" }
