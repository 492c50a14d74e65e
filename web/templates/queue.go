package templates

// countWords says how many requests there are, and how many of them are
// selected; or why there are none to count.
func countWords(q Queue) string {
	var s string
	switch {
	case q.Problem != nil:
		return q.Problem.Title
	case q.Query.Filtered():
		s = Word("queue.found", "found", num(q.Found), "open", num(q.Open))
	case q.Open == 0:
		return Word("queue.none")
	default:
		s = WordN("queue.count", q.Open)
	}
	if q.Found > 0 && q.Oldest.Age != "" {
		s += " " + Word("queue.oldest", "age", q.Oldest.Age)
	}
	return s
}

// queueSays is what a screen reader is told of a list that has changed.
func queueSays(q Queue) string {
	if q.Pages < 2 {
		return countWords(q)
	}
	return countWords(q) + " " + Word("bit.range", "from", num(q.From), "to", num(q.To), "of", num(q.Found))
}

// sortLink gives the address that sorts by a key. Chosen again, age turns round.
func sortLink(q RequestQuery, key string) string {
	q.Page = 0
	if key == "age" && (q.Sort == "" || q.Sort == "age") {
		key = "-age"
	}
	q.Sort = key
	return Requests(q)
}

// sorted tells a screen reader how a column is sorted, empty when it is not.
func sorted(q RequestQuery, key string) string {
	switch {
	case q.Sort == key || key == "age" && q.Sort == "":
		return "ascending"
	case key == "age" && q.Sort == "-age":
		return "descending"
	}
	return ""
}

func pageLink(q Queue, page int) string {
	query := q.Query
	query.Page = page
	return Requests(query)
}

func unfiltered(q RequestQuery) string { return Requests(RequestQuery{Sort: q.Sort}) }
