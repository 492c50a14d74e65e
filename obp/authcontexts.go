package obp

import (
	"context"
	"slices"
	"time"
)

// AuthContext is a key and value by which the core system knows a person.
type AuthContext struct {
	ID         string    `json:"user_auth_context_id"`
	UserID     string    `json:"user_id"`
	Key        string    `json:"key"` // not unique
	Value      string    `json:"value"`
	TimeStamp  time.Time `json:"time_stamp"`
	ConsumerID string    `json:"consumer_id"`
}

func (c AuthContext) id() string { return c.ID }

type keyValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

const contexts = "/users/{USER_ID}/auth-context"

// AuthContexts are a person's: GET /users/{USER_ID}/auth-context,
// CanGetUserAuthContext. KindNotFound (OBP-20005): no such person.
func (a *API) AuthContexts(ctx context.Context, userID string) ([]AuthContext, error) {
	var l struct {
		Contexts []AuthContext `json:"user_auth_contexts"`
	}
	return list(ctx, a, get(contexts, userID), &l, &l.Contexts)
}

// CreateAuthContext adds one and refreshes the person's accounts: POST
// /users/{USER_ID}/auth-context, CanCreateUserAuthContext. The same key again
// makes a second row.
func (a *API) CreateAuthContext(ctx context.Context, userID, key, value string) (AuthContext, error) {
	return one[AuthContext](ctx, a, post(keyValue{key, value}, contexts, userID))
}

// DeleteAuthContexts removes all of a person's, success too when there were
// none: DELETE /users/{USER_ID}/auth-context, CanDeleteUserAuthContext. It does
// not refresh the accounts: RefreshUser does.
func (a *API) DeleteAuthContexts(ctx context.Context, userID string) error {
	return a.must(ctx, del(contexts, userID))
}

// DeleteAuthContext removes one and refreshes the person's accounts: DELETE
// /users/{USER_ID}/auth-context/{USER_AUTH_CONTEXT_ID},
// CanDeleteUserAuthContext. OBP would delete anybody's by that id, so it is
// looked for among own, the person's AuthContexts as just read. KindNotFound:
// it is not there, and nothing is sent.
func (a *API) DeleteAuthContext(ctx context.Context, userID string, own []AuthContext, contextID string) error {
	q := del(contexts+"/{USER_AUTH_CONTEXT_ID}", userID, contextID)
	if !slices.ContainsFunc(own, func(c AuthContext) bool { return c.ID == contextID && c.UserID == userID }) {
		return q.refuse(KindNotFound, "the person has no such auth context")
	}
	return a.must(ctx, q)
}

// ChallengeStatus is how far an auth context update is.
type ChallengeStatus string

// The statuses.
const (
	ChallengeInitiated ChallengeStatus = "INITIATED"
	ChallengeAccepted  ChallengeStatus = "ACCEPTED"
	ChallengeRejected  ChallengeStatus = "REJECTED"
)

// SCAMethod is how a one-time password goes to a customer.
type SCAMethod string

// The methods. SMS sends nothing with OBP's built-in connector.
const (
	SCAEmail SCAMethod = "EMAIL"
	SCASMS   SCAMethod = "SMS"
)

// Challenge is an auth context update that waits for, or got, its answer.
type Challenge struct {
	ID         string          `json:"user_auth_context_update_id"`
	UserID     string          `json:"user_id"`
	Key        string          `json:"key"`
	Value      string          `json:"value"`
	Status     ChallengeStatus `json:"status"`
	ConsumerID string          `json:"consumer_id"`
}

func (c Challenge) id() string {
	switch c.Status {
	case ChallengeInitiated, ChallengeAccepted, ChallengeRejected:
		return c.ID
	}
	return ""
}

const updates = "/banks/{BANK_ID}/users/current/auth-context-updates"

// StartChallenge asks for an auth context of the caller's own and sends a
// one-time password to the customer: POST
// /banks/{BANK_ID}/users/current/auth-context-updates/{SCA_METHOD}, no role.
// KindNotFound: no such bank, or customer (OBP-30002); KindInvalid: OBP-35034
// method, OBP-30088 key. It can be answered for ten minutes.
func (a *API) StartChallenge(ctx context.Context, bankID string, method SCAMethod, key, value string) (Challenge, error) {
	return one[Challenge](ctx, a, post(keyValue{key, value}, updates+"/{SCA_METHOD}", bankID, string(method)))
}

// AnswerChallenge answers with the one-time password: POST
// /banks/{BANK_ID}/users/current/auth-context-updates/{AUTH_CONTEXT_UPDATE_ID}/challenge,
// no role. A wrong answer is no error: look at Status. The first answer is
// final; again on an accepted one adds another auth context. With the key
// CUSTOMER_NUMBER OBP links the person to the customer whatever the answer.
// KindNotFound (OBP-30057): no such update.
func (a *API) AnswerChallenge(ctx context.Context, bankID, challengeID, answer string) (Challenge, error) {
	return one[Challenge](ctx, a, post(struct {
		Answer string `json:"answer"`
	}{answer}, updates+"/{AUTH_CONTEXT_UPDATE_ID}/challenge", bankID, challengeID))
}
