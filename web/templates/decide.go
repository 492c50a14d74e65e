package templates

import "github.com/a-h/templ"

// decideFields are the fields of a decision in the order of the form.
var decideFields = []string{"reason", "reason_code", "ticket", "tick"}

// firstError names the first field that has one.
func firstError(order []string, errors map[string]string) string {
	for _, f := range order {
		if errors[f] != "" {
			return f
		}
	}
	return ""
}

// describing ties a field to its error and hint, and moves the focus to it
// when its error is the first.
func describing(id, err string, hint, first bool) templ.Attributes {
	a := templ.Attributes{}
	if d := described(id, err, hint); d != "" {
		a["aria-describedby"] = d
	}
	if err != "" {
		a["aria-invalid"] = "true"
	}
	if first {
		a["autofocus"] = true
	}
	return a
}

// attributes of a field of the decision.
func (f DecideForm) attributes(field string, hint bool) templ.Attributes {
	return describing(field, f.Errors[field], hint, firstError(decideFields, f.Errors) == field)
}

// reasonHint says when the reason's text is needed.
func reasonHint(f DecideForm) string {
	switch {
	case f.TextRequired:
		return Word("sheet.reason_text")
	case len(f.Codes) > 0:
		return Word("sheet.reason_decline")
	}
	return Word("sheet.reason_any")
}
