package obp

import "context"

// Reachable tells whether OBP answers at all: GET /root, no role, no sign-in.
// It is nil for any answer of OBP's form, a refusal too.
func (c *Client) Reachable(ctx context.Context) error {
	_, err := c.As(Credential{}).Root(ctx)
	switch KindOf(err) {
	case KindUnreachable, KindUnavailable, KindTimeout, KindJunk:
		return err
	}
	return nil
}
