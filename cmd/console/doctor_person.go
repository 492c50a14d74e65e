package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"obpconsole/obp"
)

// person signs somebody in, and reads what their roles open.
func (d *diagnosis) person(ctx context.Context, client *obp.Client, who login) {
	if who.name == "" {
		const why = "not checked: nobody to sign in"
		d.add("consumer key", resultUnknown, why, "set OBP_DOCTOR_USER and OBP_DOCTOR_PASSWORD, or give -ask")
		d.add("reset links", resultUnknown, why, "")
		d.add("operations", resultUnknown, why, "")
		return
	}
	cred, err := client.SignIn(ctx, who.name, who.password)
	if err != nil {
		d.notIn(err)
		d.add("reset links", resultUnknown, "not checked, since the sign-in failed", "")
		d.add("operations", resultUnknown, "not checked, since the sign-in failed", "")
		return
	}
	d.SignedIn = who.name
	d.add("consumer key", resultOK, "accepted; "+who.name+" is signed in", "")
	api := client.As(cred)
	held, err := api.MyEntitlements(ctx)
	if err != nil {
		d.add("reset links", resultUnknown, "not checked, since the roles cannot be read", "")
		d.add("operations", resultFailed, "the roles of "+who.name+" cannot be read: "+cause(err), "look at the OBP server's log")
		return
	}
	d.resetLinks(ctx, api, held)
	d.operations(held)
}

// notIn says why the sign-in failed, and what that tells of the key.
func (d *diagnosis) notIn(err error) {
	const check = "consumer key"
	var field *obp.FieldError
	switch kind := obp.KindOf(err); {
	case errors.As(err, &field):
		d.add(check, resultFailed, "not checked: "+field.Error(), "give another OBP_DOCTOR_USER or OBP_DOCTOR_PASSWORD")
	case kind == obp.KindConsumerKey:
		d.add(check, resultFailed, "OBP refuses the consumer key: "+cause(err), "register the console at the server's portal, /consumer-registration, and put the key into OBP_CONSUMER_KEY; an app that was disabled there must be enabled")
	case kind == obp.KindCredentials:
		d.add(check, resultFailed, "the key is accepted, the user name or password is not: "+cause(err), "look at OBP_DOCTOR_USER and OBP_DOCTOR_PASSWORD, and whether the account's e-mail is validated; OBP counts the failed try")
	case kind == obp.KindLocked:
		d.add(check, resultFailed, "the key is accepted, the account is locked: "+cause(err), "unlock the account, or give another OBP_DOCTOR_USER")
	default:
		d.add(check, resultFailed, "the sign-in failed: "+cause(err), "look whether the server allows DirectLogin (allow_direct_login=true), and at its log")
	}
}

func (d *diagnosis) resetLinks(ctx context.Context, api *obp.API, held []obp.Entitlement) {
	const check, role = "reset links", "CanCreateResetPasswordUrl"
	if !slices.ContainsFunc(held, func(e obp.Entitlement) bool { return e.RoleName == role }) {
		d.add(check, resultUnknown, "not checked: "+d.SignedIn+" lacks the role "+role, "")
		return
	}
	switch on, err := api.ResetLinks(ctx); {
	case err != nil:
		d.add(check, resultUnknown, "not known: "+cause(err), "")
	case on:
		d.add(check, resultOK, "switched on", "")
	default:
		d.add(check, resultWarning, "switched off at the server: nobody can make a password reset link", "set ResetPasswordUrlEnabled=true in the OBP server's properties, when the helpdesk is to make them")
	}
}

// operations says which of the 50 the roles open.
func (d *diagnosis) operations(held []obp.Entitlement) {
	open, some := 0, 0
	for _, o := range obp.Operations() {
		out := operation{ID: o.ID, Call: o.Call(), Allowed: "no"}
		for _, r := range o.Rights {
			out.Roles = append(out.Roles, r.Role)
		}
		everywhere, banks := o.Allowed(held)
		switch {
		case o.ByView:
			out.Allowed = "by_view"
			some++
		case o.PassesOn && !slices.ContainsFunc(held, func(e obp.Entitlement) bool { return e.RoleName == "CanCreateEntitlementAtAnyBank" }):
			out.Allowed = "own_roles"
			some++
		case everywhere:
			out.Allowed = "yes"
			open++
		case len(banks) > 0:
			out.Allowed, out.Banks = "at_banks", banks
			some++
		}
		d.Operations = append(d.Operations, out)
	}
	text := fmt.Sprintf("%d of %d are open to %s, %d more in part, %d need a role", open, len(d.Operations), d.SignedIn, some, len(d.Operations)-open-some)
	if open+some < len(d.Operations) {
		d.add("operations", resultOK, text, "whoever needs more asks for the roles in the console, under Me")
		return
	}
	d.add("operations", resultOK, text, "")
}
