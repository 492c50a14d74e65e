package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// page reads limit and offset; an empty value counts as absent.
func page(r *request) (limit, offset int, no *refusal) {
	limit = 50
	q := r.URL.Query()
	if v := q.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return 0, 0, refuse(400, "OBP-10016: Incorrect filter Parameters in URL.  <- OBP-10025: wrong value for obp_limit parameter. Please send a positive integer (=>1)!")
		}
		limit = n
	}
	if v := q.Get("offset"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return 0, 0, refuse(400, "OBP-10016: Incorrect filter Parameters in URL.  <- OBP-10024: wrong value for obp_offset parameter. Please send a positive integer (=>0)!")
		}
		offset = n
	}
	if v := strings.ToUpper(q.Get("sort_direction")); v != "" && v != "ASC" && v != "DESC" {
		return 0, 0, refuse(400, "OBP-10016: Incorrect filter Parameters in URL.  <- OBP-10023: obp_sort_direction parameter can only take two values: DESC or ASC!")
	}
	for _, k := range []string{"from_date", "to_date"} {
		if v := q.Get(k); v != "" && !readable(v) {
			return 0, 0, refuse(400, "OBP-10016: Incorrect filter Parameters in URL.  <- OBP-10026: Failed to parse date string. Please use this format yyyy-MM-dd'T'HH:mm:ss.SSS'Z'!")
		}
	}
	return limit, offset, nil
}

// readable tells whether a date has the server's format, with Z or a numeric zone.
func readable(v string) bool {
	_, z := time.Parse("2006-01-02T15:04:05.000Z07:00", v)
	_, n := time.Parse("2006-01-02T15:04:05.000-0700", v)
	return z == nil || n == nil
}

// users pages first and filters by lock afterwards, as the server does; the
// lock filter knows failed sign-ins only.
func (s *Server) users(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetAnyUser"); no != nil {
		return 0, nil, no
	}
	limit, offset, no := page(r)
	if no != nil {
		return 0, nil, no
	}
	q := r.URL.Query()
	deleted := strings.ToLower(q.Get("is_deleted"))
	if deleted != "" && deleted != "true" && deleted != "false" {
		return 0, nil, refuse(400, "OBP-10016: Incorrect filter Parameters in URL.  <- OBP-10036: is_deleted parameter can only take two values: TRUE or FALSE!")
	}
	r.items = fmt.Sprintf("items=%d-%d", offset, limit)
	rows := []userJSON{}
	for _, u := range s.people.page(deleted == "true", offset, limit) {
		failed := s.failedOut(u)
		switch state := strings.ToLower(q.Get("locked_status")); {
		case state == "locked" && !failed, state == "active" && failed:
			continue
		}
		rows = append(rows, s.whole(u, s.personInList(u)))
	}
	return 200, map[string]any{"users": rows}, nil
}
