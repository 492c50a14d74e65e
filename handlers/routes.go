package handlers

import (
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/klauspost/compress/gzhttp"

	"obpconsole/web/static"
	"obpconsole/web/templates"
)

// right names who may use a route. A route without one cannot be registered.
type right string

const (
	rightAnyone   right = "anyone"    // no session is needed
	rightSignedIn right = "signed_in" // the operator's own OBP rights decide the rest
)

// route is one line of the table: method and pattern, who may, what answers.
type route struct {
	method, pattern string
	right           right
	anyone          func(http.ResponseWriter, *http.Request) error
	signedIn        func(http.ResponseWriter, *http.Request, *caller) error
	plainText       bool // its answer holds a secret and is not compressed
}

// secret marks a route whose answer holds a secret: it is not compressed
// together with what was sent (security 42).
func (rt route) secret() route {
	rt.plainText = true
	return rt
}

// table is every route of the console but the static files and the probes.
func (s *Server) table() []route {
	open := func(method, pattern string, h func(http.ResponseWriter, *http.Request) error) route {
		return route{method, pattern, rightAnyone, h, nil, false}
	}
	return slices.Concat([]route{
		open(http.MethodGet, templates.SignInPattern, s.signInPage),
		open(http.MethodPost, templates.SignInPattern, s.signIn),
		open(http.MethodPost, templates.SignOutPattern, s.signOut),
		open(http.MethodPost, templates.CSPReportPattern, s.cspReport),
		post(templates.StayPattern, s.stay),
		get(templates.HomePattern, s.home),
		get(templates.RequestsPattern, s.requests),
		get(templates.RequestPattern, s.request),
		post(templates.ApprovePattern, s.approve),
		post(templates.DeclinePattern, s.decline),
		post(templates.ClosePattern, s.closeGranted),
		get(templates.JournalPattern, s.journal),
		post(templates.ExportPattern, s.exportJournal),
		get(templates.JournalActPattern, s.actPage),
		post(templates.BulkPattern, s.bulkChosen),
		post(templates.BulkStartPattern, s.bulkStart),
		get(templates.BulkOnePattern, s.bulkPage),
		post(templates.BulkGoPattern, s.bulkContinue),
		post(templates.BulkEndPattern, s.bulkEnd),
		post(templates.WithdrawPattern, s.withdraw),
		post(templates.FinishPattern, s.finishAct),
		get(templates.ReadingsPattern, s.readings),
		get(templates.UndoPattern, s.undoPage),
		post(templates.UndoPattern, s.undo),
		get(templates.MePattern, s.me),
		post(templates.AskRolePattern, s.askRole),
		post(templates.ThemePattern, s.savePreferences),
	}, s.userRoutes(), s.roleRoutes(), s.reviewRoutes(), s.askRoutes(), s.bankRoutes(), s.factorRoutes())
}

// get and post are a route that needs an operator.
func get(pattern string, h func(http.ResponseWriter, *http.Request, *caller) error) route {
	return route{http.MethodGet, pattern, rightSignedIn, nil, h, false}
}

func post(pattern string, h func(http.ResponseWriter, *http.Request, *caller) error) route {
	return route{http.MethodPost, pattern, rightSignedIn, nil, h, false}
}

// routes builds the chain: what every answer passes, then the table.
func (s *Server) routes() (http.Handler, error) {
	same, err := sameOrigin(s.Settings.PublicURL, http.HandlerFunc(s.foreignWrite))
	if err != nil {
		return nil, err
	}
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(512), gzhttp.CompressionLevel(2), gzhttp.RandomJitter(32, 0, false))
	if err != nil {
		return nil, err
	}
	m := chi.NewRouter()
	m.Use(observe(watch{s.Log, s.Now, http.HandlerFunc(s.brokenPage), s.Settings.TrustedProxies, s.Observe}), secureHeaders, s.clientIP(), s.smallBodies, same)
	m.Get(templates.HealthPattern, s.healthz)
	m.Get(templates.ReadyPattern, s.readyz)
	m.Handle(templates.StaticPattern, static.Handler())
	m.Get("/favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, static.URL("favicon.svg"), http.StatusMovedPermanently)
	})
	wrap := func(h http.Handler) http.Handler {
		return compress(s.returningVisitor(s.Sessions.Middleware(h)))
	}
	for _, rt := range s.table() {
		h := s.open(rt.anyone)
		if rt.right == rightSignedIn {
			h = s.signedIn(rt.signedIn)
		}
		if rt.plainText {
			h = s.returningVisitor(s.Sessions.Middleware(h))
		} else {
			h = wrap(h)
		}
		m.Method(rt.method, rt.pattern, h)
	}
	m.NotFound(wrap(http.HandlerFunc(s.notFound)).ServeHTTP)
	m.MethodNotAllowed(wrap(http.HandlerFunc(s.wrongMethod)).ServeHTTP)
	return m, nil
}

// clientIP believes X-Forwarded-For only from the configured proxies.
func (s *Server) clientIP() func(http.Handler) http.Handler {
	if len(s.Settings.TrustedProxies) == 0 {
		return middleware.ClientIPFromRemoteAddr
	}
	var prefixes []string
	for _, p := range s.Settings.TrustedProxies {
		prefixes = append(prefixes, p.String())
	}
	return middleware.ClientIPFromXFF(prefixes...)
}
