package templates

import "github.com/a-h/templ"

func (f AskForm) attributes(field string, hint bool) templ.Attributes {
	return describing(field, f.Errors[field], hint, firstError([]string{"role", "bank"}, f.Errors) == field)
}

func (m MePage) attributes(field string, hint bool) templ.Attributes {
	return describing(field, m.Errors[field], hint, firstError([]string{"theme", "zone", "rows"}, m.Errors) == field)
}
