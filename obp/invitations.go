package obp

import "context"

// Invitation asks somebody to sign up. OBP mails the link; nobody else sees it.
type Invitation struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
	Company   string `json:"company"`
	Country   string `json:"country"`
	Purpose   string `json:"purpose"` // PurposeDeveloper or PurposeCustomer
	Status    string `json:"status"`  // CREATED, later changed by the sign-up; DELETED with the person
}

// The purposes of an invitation.
const (
	PurposeDeveloper = "DEVELOPER"
	PurposeCustomer  = "CUSTOMER"
)

func (i Invitation) id() string { return i.Status }

// Invite stores an invitation and mails its link: POST
// /banks/{BANK_ID}/user-invitation, CanCreateUserInvitation at that bank.
// KindNotFound (OBP-30001): no such bank. KindInvalid: OBP-10035 purpose,
// OBP-37081 it could not be stored.
func (a *API) Invite(ctx context.Context, bankID string, i Invitation) (Invitation, error) {
	return one[Invitation](ctx, a, post(struct {
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
		Email     string `json:"email"`
		Company   string `json:"company"`
		Country   string `json:"country"`
		Purpose   string `json:"purpose"`
	}{i.FirstName, i.LastName, i.Email, i.Company, i.Country, i.Purpose}, "/banks/{BANK_ID}/user-invitation", bankID))
}

// Invitations are a bank's, all at once and without ids: GET
// /banks/{BANK_ID}/user-invitations, CanGetUserInvitation at that bank.
// KindNotFound (OBP-30001): no such bank.
func (a *API) Invitations(ctx context.Context, bankID string) ([]Invitation, error) {
	var l struct {
		Invitations []Invitation `json:"user_invitations"`
	}
	return list(ctx, a, get("/banks/{BANK_ID}/user-invitations", bankID), &l, &l.Invitations)
}
