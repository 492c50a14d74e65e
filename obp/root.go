package obp

import "context"

// Root is what a server says about itself.
type Root struct {
	Version               string `json:"version"`
	VersionStatus         string `json:"version_status"`
	GitCommit             string `json:"git_commit"`
	Connector             string `json:"connector"`
	Hostname              string `json:"hostname"`
	LocalIdentityProvider string `json:"local_identity_provider"` // User.Provider of people who sign in at this server
	HostedBy              struct {
		Organisation string `json:"organisation"`
		Email        string `json:"email"`
		Phone        string `json:"phone"`
		Website      string `json:"organisation_website"`
	} `json:"hosted_by"`
}

func (r Root) id() string { return r.Version }

// Root says what the server is: GET /root, no role and no token. A bad token
// is refused all the same.
func (a *API) Root(ctx context.Context) (Root, error) {
	return one[Root](ctx, a, get("/root"))
}

// newer is the version of the few calls that v5.0.0 does not serve.
const newer = "v5.1.0"

// Newer reports whether the server serves v5.1.0, and with it the methods of
// newer.go: GET /obp/v5.1.0/root. An error says that nobody knows.
func (a *API) Newer(ctx context.Context) (bool, error) {
	q := get("/root")
	q.version = newer
	_, err := one[Root](ctx, a, q)
	if e, ok := AsError(err); ok && e.Code == "OBP-10404" {
		return false, nil
	}
	return err == nil, err
}
