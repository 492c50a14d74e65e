package handlers

import (
	"net/http"
	"strconv"
	"unicode/utf8"

	"obpconsole/session/journal"
	"obpconsole/web/templates"
)

// broken gives the rules that stand against the decision, without those that
// only a field of the form can meet.
func (s *Server) broken(c *caller, d *deciding) []Rule {
	if d.act != journal.ActApprove {
		return nil
	}
	in := d.in
	in.Tick, in.Reason = true, "-"
	rules := s.Settings.SamePerson.mayApprove(c.identity(), identityOf(d.rd.req.User), d.rd.state(), in)
	if why := s.leftOut(c, d.act, *d.rd.req); len(rules) == 0 && d.bulk != nil && why != "" {
		rules = []Rule{Rule(why)} // it was a row when the bulk was chosen
	}
	return rules
}

// badFields says by field what is missing or too long.
func (s *Server) badFields(d *deciding) map[string]string {
	errs := map[string]string{}
	in := d.in
	in.HighRisk = s.riskyFor(*d.rd.req)
	var rules []Rule
	if d.act == journal.ActApprove {
		rules = SamePerson(nil).mayApprove(Identity{UserID: "decider"}, Identity{UserID: "requester"}, d.rd.state(), in)
	} else {
		rules = in.mayDecline()
	}
	for _, rule := range rules {
		switch rule {
		case RuleReasonRequired, RuleTextRequired:
			errs["reason"] = templates.Word("rule." + string(rule))
		case RuleLockedNeedsTick, RuleUnknownTick:
			errs["tick"] = templates.Word("rule." + string(rule))
		}
	}
	if utf8.RuneCountInString(d.in.Reason) > maxReason {
		errs["reason"] = templates.Word("field.too_long", "n", strconv.Itoa(maxReason))
	}
	if utf8.RuneCountInString(d.ticket) > maxTicket {
		errs["ticket"] = templates.Word("field.too_long", "n", strconv.Itoa(maxTicket))
	}
	if d.in.ReasonCode != "" && !s.knownCode(d.in.ReasonCode) {
		errs["reason_code"] = templates.Word("field.unknown_code")
	}
	return errs
}

func (s *Server) knownCode(code string) bool {
	for _, rc := range s.Settings.ReasonCodes {
		if rc.Code == code {
			return true
		}
	}
	return false
}

// again shows the same form with what was typed and what is wrong with it.
func (s *Server) again(w http.ResponseWriter, r *http.Request, c *caller, d *deciding, status int, errs map[string]string) error {
	f := s.decideForm(c, d.typed)
	f.Errors, f.Asked = errs, string(d.act)
	sheet, err := s.sheetView(r.Context(), c, d.rd, d.q, f)
	if err != nil {
		return err
	}
	return s.sheetPage(w, r, c, status, d.rd, sheet)
}
