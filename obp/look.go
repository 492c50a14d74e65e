package obp

import (
	"context"
	"crypto/tls"
	"net/http"
	"time"
)

// Look is what a server tells without a sign-in, beside its body too.
type Look struct {
	Root     Root
	Status   int           // of HTTP; 0: there was no answer
	Type     string        // Content-Type
	TLS      string        // such as "TLS 1.3"; empty over plain http
	CertEnds time.Time     // when the server's certificate runs out; zero over plain http
	Dated    bool          // the answer had a date, and Ahead is known
	Ahead    time.Duration // how far the server's clock is ahead of ours, to about a second
}

// Look asks the server what it is: GET /root, no role, no sign-in. The error is
// Root's; what could be seen is given with it.
func (c *Client) Look(ctx context.Context) (Look, error) {
	var l Look
	q := get("/root")
	start := time.Now()
	q.peek = func(r *http.Response) {
		l.Status, l.Type = r.StatusCode, clip(r.Header.Get("Content-Type"), 100)
		if t := r.TLS; t != nil {
			l.TLS = tls.VersionName(t.Version)
			if len(t.PeerCertificates) > 0 {
				l.CertEnds = t.PeerCertificates[0].NotAfter
			}
		}
		// The header tells whole seconds; ours is the middle of the call.
		if at, err := http.ParseTime(r.Header.Get("Date")); err == nil {
			l.Dated, l.Ahead = true, at.Add(time.Second/2).Sub(start.Add(time.Since(start)/2))
		}
	}
	var err error
	l.Root, err = one[Root](ctx, c.As(Credential{}), q)
	return l, err
}

// ResetLinks says whether the server makes password reset links, its setting
// ResetPasswordUrlEnabled: POST /management/user/reset-password-url with a body
// that OBP refuses after it looked at that setting, so nothing is made.
// CanCreateResetPasswordUrl.
func (a *API) ResetLinks(ctx context.Context) (bool, error) {
	q := post(nil, "/management/user/reset-password-url")
	err := a.send(ctx, q)
	switch e, _ := AsError(err); {
	case err == nil:
		return false, q.refuse(KindJunk, "a link was made out of nothing")
	case e == nil:
		return false, err
	case e.kind == KindSwitchedOff:
		return false, nil
	case e.Code == "OBP-10001":
		return true, nil
	}
	return false, err
}
