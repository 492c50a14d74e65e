package templates

// The addresses of second factors.
const (
	SignInCodePattern    = "/sign-in/code"
	MyFactorPattern      = "/me/second-factor"
	BeginFactorPattern   = "/me/second-factor/begin"
	ConfirmFactorPattern = "/me/second-factor/confirm"
	RemoveFactorPattern  = "/me/second-factor/remove"
	ResetFactorPattern   = "/operators/reset-factor"
)

// ResetFactor is where an administrator takes a person's second factor away.
func ResetFactor(userID string) string { return queried(ResetFactorPattern, "user", userID) }
