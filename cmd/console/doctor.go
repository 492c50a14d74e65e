package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"
)

const doctorText = `Looks at the OBP server and the stores of the settings, says what is wrong and
what to do about it, and changes nothing. It reads the same environment
variables as 'console serve', and two of its own:

  OBP_DOCTOR_USER, OBP_DOCTOR_PASSWORD
      (the password may stand in a file: OBP_DOCTOR_PASSWORD_FILE)
      Somebody who signs in to see whether the consumer key is accepted and
      which operations their roles open. Without them, or -ask, that is left
      out, and said.

Exit code 0: nothing is wrong; 1: something is; 2: a setting cannot be used.

`

// Results of a check.
const (
	resultOK      = "ok"
	resultWarning = "warning" // it works, and somebody should know
	resultFailed  = "failed"
	resultUnknown = "unknown" // could not be checked
)

// finding is the result of one check.
type finding struct {
	Check  string `json:"check"`
	Result string `json:"result"`
	Found  string `json:"found"`
	Do     string `json:"do,omitempty"` // what to do about it
}

// operation says whether one of OBP's operations is open to who signed in.
type operation struct {
	ID      string   `json:"operation"`
	Call    string   `json:"call"`
	Allowed string   `json:"allowed"`         // yes, no, at_banks, by_view, own_roles
	Banks   []string `json:"banks,omitempty"` // of at_banks
	Roles   []string `json:"roles,omitempty"` // any one of them opens it
}

// diagnosis is all that the doctor found, as -json prints it.
type diagnosis struct {
	OK         bool        `json:"ok"`
	Server     string      `json:"server"`
	Version    string      `json:"server_version,omitempty"`
	SignedIn   string      `json:"signed_in,omitempty"`
	Checks     []finding   `json:"checks"`
	Operations []operation `json:"operations,omitempty"`
}

// login is who signs in for the doctor; empty: nobody.
type login struct{ name, password string }

// doctorCommand checks the server and the stores: "console doctor".
func doctorCommand(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	set := flags("doctor", doctorText)
	asJSON := set.Bool("json", false, "print JSON instead of a table")
	ask := set.Bool("ask", false, "ask on the terminal for a user name and a password")
	if code, done := parse(set, args, out, errs); done {
		return code
	}
	c, err := readConfig(environ(getenv))
	if err != nil {
		return exitCode(err, errs, "doctor")
	}
	password, err := secretOf(getenv, "OBP_DOCTOR_PASSWORD")
	if err != nil {
		fmt.Fprintf(errs, "console doctor: %v\n", err)
		return exitUsage
	}
	who := login{getenv("OBP_DOCTOR_USER"), password}
	if *ask {
		if who, err = askLogin(os.Stdin, errs); err != nil {
			fmt.Fprintf(errs, "console doctor: -ask: %v\n", err)
			return exitUsage
		}
	}
	if (who.name == "") != (who.password == "") {
		fmt.Fprintln(errs, "console doctor: OBP_DOCTOR_USER and OBP_DOCTOR_PASSWORD: wanted both or none")
		return exitUsage
	}
	d, err := examine(ctx, c, who)
	if err != nil {
		return exitCode(err, errs, "doctor")
	}
	if *asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		err = enc.Encode(d)
	} else {
		err = d.table(out)
	}
	if err != nil {
		return exitCode(err, errs, "doctor")
	}
	if !d.OK {
		return exitFailed
	}
	return 0
}

// askLogin asks on a terminal; the password is not shown.
func askLogin(in *os.File, errs io.Writer) (who login, err error) {
	if !term.IsTerminal(int(in.Fd())) {
		return who, errors.New("wanted a terminal; else set OBP_DOCTOR_USER and OBP_DOCTOR_PASSWORD")
	}
	fmt.Fprint(errs, "OBP user name: ")
	name, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		return who, err
	}
	fmt.Fprint(errs, "Password: ")
	secret, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(errs)
	return login{strings.TrimRight(name, "\r\n"), string(secret)}, err
}

// examine makes every check.
func examine(ctx context.Context, c Config, who login) (*diagnosis, error) {
	client, _, err := newClient(c, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		return nil, err
	}
	d := &diagnosis{Server: c.OBPBaseURL}
	if d.server(ctx, c, client) {
		d.person(ctx, client, who)
	} else {
		for _, check := range []string{"consumer key", "reset links", "operations"} {
			d.add(check, resultUnknown, "not checked, since the server does not answer as OBP", "")
		}
	}
	d.stores(ctx, c)
	d.OK = true
	for _, f := range d.Checks {
		d.OK = d.OK && f.Result != resultFailed
	}
	return d, nil
}

func (d *diagnosis) add(check, result, found, do string) {
	d.Checks = append(d.Checks, finding{check, result, found, do})
}

// table prints the diagnosis for a person.
func (d *diagnosis) table(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "OBP server %s\n\n", d.Server)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, f := range d.Checks {
		fmt.Fprintf(t, "%s\t%s\t%s\n", f.Result, f.Check, f.Found)
		if f.Do != "" {
			fmt.Fprintf(t, "\t\t-> %s\n", f.Do)
		}
	}
	_ = t.Flush() // into memory
	if len(d.Operations) > 0 {
		fmt.Fprintf(&b, "\nWhat the roles of %s open:\n\n", d.SignedIn)
		t = tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, o := range d.Operations {
			fmt.Fprintf(t, "%s\t%s\n", o.Call, o.words())
		}
		_ = t.Flush()
	}
	b.WriteString("\n")
	if d.OK {
		b.WriteString("nothing is wrong\n")
	} else {
		b.WriteString("something is wrong; the lines with -> say what to do\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// words tell a person whether an operation is open.
func (o operation) words() string {
	switch o.Allowed {
	case "at_banks":
		return "yes, at " + strings.Join(o.Banks, ", ")
	case "by_view":
		return "with a view on the account"
	case "own_roles":
		return "for roles of one's own"
	case "no":
		return "no: " + strings.Join(o.Roles, " or ")
	}
	return "yes"
}
