package main

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"obpconsole/handlers"
	"obpconsole/session"
	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// console is the wired program: its pages, and what is closed after them.
type console struct {
	pages    *handlers.Server
	store    session.Store
	journal  *journal.Journal
	endLines func() error // of the journal
	metrics  *metrics     // nil: off
	watched  *state
}

// extras are what the demo has beside its settings.
type extras struct {
	inMemory bool // sessions are forgotten at the end
	errs     io.Writer
	people   []templates.DemoPerson
	password string
}

// wire builds the console out of checked settings. Everything is made here and
// nowhere else.
func wire(ctx context.Context, c Config, x extras, log *slog.Logger) (_ *console, err error) {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(c.OBPBaseURL)
	if err != nil {
		return nil, err
	}
	if c.DatabaseURL == "" {
		if err := openDataDir(c.DataDir, log); err != nil {
			return nil, err
		}
	}
	in := func(file string) string { return filepath.Join(c.DataDir, file) }
	sessionKey, err := keyOr(c.SessionKey, "SESSION_KEY", in(sessionKeyFile), log)
	if err != nil {
		return nil, err
	}
	journalKey, err := keyOr(c.JournalKey, "JOURNAL_KEY", in(journalKeyFile), log)
	if err != nil {
		return nil, err
	}
	w := &console{}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.store, err = openSessions(ctx, c, x); err != nil {
		return nil, err
	}
	var lines io.Writer
	if lines, w.endLines, err = journalLines(c, x.errs, log); err != nil {
		return nil, err
	}
	w.journal, err = journal.Open(ctx, journal.Options{Path: in(journalFile), Postgres: c.DatabaseURL, Key: journalKey,
		PreviousKeys: c.JournalKeyPrevious, Environment: c.EnvironmentLabel, Logger: log, Lapse: c.ApprovalLapse, Lines: lines})
	if err != nil {
		return nil, err
	}
	if c.MetricsAddress != "" {
		w.metrics = newMetrics()
	}
	client, shown, err := newClient(c, log, watchCalls(log, w.metrics))
	if err != nil {
		return nil, err
	}
	sessions, err := session.New(session.Options{Store: w.store, Key: sessionKey, PreviousKeys: c.SessionKeyPrevious,
		Idle: c.IdleTimeout, Lifetime: c.SessionLifetime, WarnBefore: min(2*time.Minute, c.IdleTimeout/2), Logger: log})
	if err != nil {
		return nil, err
	}
	if len(c.SessionKeyPrevious) > 0 {
		if err := sessions.ResealFactors(ctx); err != nil {
			return nil, err
		}
	}
	if len(c.ResetHosts) == 0 {
		c.ResetHosts = []string{base.Host}
	}
	linkKey, err := hkdf.Key(sha256.New, journalKey[:], nil, "obpconsole reset link", 32)
	if err != nil {
		return nil, err
	}
	w.watched = &state{obp: client, sessions: sessions, journal: w.journal, young: c.OBPTimeout, log: log, now: time.Now,
		certs: map[string]*certificate{"obp_client": shown}}
	if c.DatabaseURL == "" {
		w.watched.dir = c.DataDir
	}
	w.pages, err = handlers.New(handlers.Deps{OBP: client, Sessions: sessions, Journal: w.journal, Log: log, Observe: w.metrics.requests(), Stores: storesOf(c, x),
		Settings: handlers.Settings{
			PublicURL: c.PublicURL, Server: base.Host, Environment: c.EnvironmentLabel, EnvironmentColor: c.EnvironmentColor,
			SignIn: c.SignInAllowed, HighRisk: c.HighRiskRoles, HeldApart: c.HeldApart, SecondFactor: c.SecondFactor == "totp", SecondPerson: c.SecondPerson == "high-risk", EmergencyGrants: c.EmergencyGrants == "on", PuppetDays: puppetDays(c), SamePerson: c.SamePerson, ReasonCodes: c.ReasonCodes,
			Rights:        handlers.Rights{Auditors: c.Auditors, Readers: c.JournalReaders, BankReaders: c.JournalBankReaders, Admins: c.ConsoleAdmins},
			ProofOrdinary: c.ProofOrdinary, ProofDangerous: c.ProofDangerous, ChallengeTime: c.ChallengeTime, ResetHosts: c.ResetHosts, ResetsByOperator: c.ResetsByOperator, ResetsForPerson: c.ResetsForPerson, LinkKey: [32]byte(linkKey), MaxBadLogins: c.MaxBadLogins,
			Zone: zone, OBPTimeout: c.OBPTimeout, TrustedProxies: c.TrustedProxies,
			Demo: x.people, DemoPassword: x.password, RowsPerPage: c.RowsPerPage,
		}})
	if err != nil {
		return nil, err
	}
	return w, nil
}

func (w *console) close() error {
	var errs []error
	if w.store != nil {
		errs = append(errs, w.store.Close())
	}
	if w.journal != nil {
		errs = append(errs, w.journal.Close())
	}
	if w.endLines != nil {
		errs = append(errs, w.endLines())
	}
	return errors.Join(errs...)
}

// serveConsole listens, wires, says where it listens, calls then, and serves
// until ctx ends. Start and stop stand in the journal.
func serveConsole(ctx context.Context, c Config, x extras, l net.Listener, then func(), out io.Writer, log *slog.Logger) (err error) {
	defer l.Close()
	if c.PublicURL == ownURL(c, c.ListenAddr) { // the default: the port may be a free one
		c.PublicURL = ownURL(c, realAddr(c.ListenAddr, l.Addr()))
	}
	l = boundConnections(l, c.MaxConnections, maxUnfinished)
	own, err := ownCertificate(c, log)
	if err != nil {
		return err
	}
	if own != nil {
		l = own.overTLS(l)
	}
	w, err := wire(ctx, c, x, log)
	if err != nil {
		return err
	}
	w.watched.certs["console"] = own
	endMetrics, err := w.serveMetrics(ctx, c.MetricsAddress, log)
	if err != nil {
		return errors.Join(err, w.close())
	}
	defer func() { err = errors.Join(err, endMetrics()) }()
	facts := map[string]string{"version": versionText(), "obp": c.OBPBaseURL, "obp_version": c.OBPAPIVersion}
	if err := w.note(ctx, journal.ActStart, facts); err != nil {
		return errors.Join(err, w.close())
	}
	if err := w.journal.DropTurns(ctx); err != nil { // those of a process that died
		return errors.Join(err, w.close())
	}
	if _, err := w.journal.SettingsSince(ctx, safetySettings(c)); err != nil {
		return errors.Join(err, w.close())
	}
	log.Info("started", "version", versionText(), "obp", c.OBPBaseURL, "public_url", c.PublicURL, "stores", storesText(c))
	s := boundedServer(w.pages, c, log)
	fmt.Fprintf(out, "listening on %s\n", ownURL(c, l.Addr().String()))
	then()
	watching, endWatch := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() { defer close(watched); w.pages.WatchJournal(watching) }()
	err = serveUntil(ctx, s, l, func() {
		log.Info("stopping")
		w.pages.Stop()
	})
	endWatch()
	<-watched
	err = errors.Join(err, w.note(context.WithoutCancel(ctx), journal.ActStop, map[string]string{"version": versionText()}), w.close())
	log.Info("stopped")
	return err
}

// safetySettings are those whose change is recorded at the start, old and new:
// what decides who may do what, and how far the record can be trusted.
func safetySettings(c Config) map[string]string {
	list := func(v []string) string { return strings.Join(slices.Sorted(slices.Values(v)), ",") }
	var groups []string
	for _, g := range c.SamePerson {
		groups = append(groups, strings.Join(g, "="))
	}
	var pairs []string
	for _, p := range c.HeldApart {
		pairs = append(pairs, p[0]+"+"+p[1])
	}
	return map[string]string{
		"OBP_BASE_URL": c.OBPBaseURL, "RESET_HOSTS": list(c.ResetHosts), "RESETS_BY_OPERATOR": strconv.Itoa(c.ResetsByOperator), "RESETS_FOR_PERSON": strconv.Itoa(c.ResetsForPerson), "OBP_MAX_BAD_LOGINS": strconv.Itoa(c.MaxBadLogins), "HIGH_RISK_ROLES": list(c.HighRiskRoles), "HELD_APART": list(pairs), "SECOND_FACTOR": c.SecondFactor, "SECOND_PERSON": c.SecondPerson, "EMERGENCY_GRANTS": c.EmergencyGrants, "PUPPET_DAYS": strconv.Itoa(c.PuppetDays),
		"APPROVAL_LAPSE": c.ApprovalLapse.String(), "PROOF_ORDINARY": c.ProofOrdinary.String(), "PROOF_DANGEROUS": c.ProofDangerous.String(), "SAME_PERSON": list(groups), "SIGN_IN_ALLOWED": c.SignInAllowed.String(),
		"IDLE_TIMEOUT": c.IdleTimeout.String(), "SESSION_LIFETIME": c.SessionLifetime.String(), "AUDITORS": list(c.Auditors),
		"JOURNAL_READERS": list(c.JournalReaders), "JOURNAL_BANK_READERS": list(c.JournalBankReaders), "CONSOLE_ADMINS": list(c.ConsoleAdmins),
	}
}

// puppetDays keeps 0, which switches the rule off, apart from the default.
func puppetDays(c Config) int {
	if c.PuppetDays == 0 {
		return -1
	}
	return c.PuppetDays
}

// note records an act of the console itself.
func (w *console) note(ctx context.Context, a journal.Act, details map[string]string) error {
	_, err := w.journal.Record(ctx, journal.Entry{Act: a, Details: details}, journal.Result{Outcome: journal.OutcomeDone})
	return err
}

// realAddr is the wanted address with the port that was taken.
func realAddr(wanted string, got net.Addr) string {
	host, _, err := net.SplitHostPort(wanted)
	_, port, err2 := net.SplitHostPort(got.String())
	if err != nil || err2 != nil {
		return got.String()
	}
	return net.JoinHostPort(host, port)
}
