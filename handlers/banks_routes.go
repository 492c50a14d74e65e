package handlers

import (
	"context"

	"obpconsole/web/templates"
)

// bankRoutes are the routes of accounts, views, customers, links, contexts,
// attributes, one's own access, operators and the server.
func (s *Server) bankRoutes() []route {
	endPage, end := s.operatorAct(ActEndSession, func(ctx context.Context, o *onOperator) error { return s.Sessions.End(ctx, o.sessionID) })
	barPage, bar := s.operatorAct(ActBar, func(ctx context.Context, o *onOperator) error { return s.Sessions.Bar(ctx, o.person.UserID) })
	unbarPage, unbar := s.operatorAct(ActUnbar, func(ctx context.Context, o *onOperator) error { return s.Sessions.Unbar(ctx, o.person.UserID) })
	return []route{
		get(templates.AccountsPattern, s.accounts),
		get(templates.AccountPattern, s.account),
		get(templates.AccessPattern, s.personAccess),
		get(templates.GrantViewPattern, s.grantViewPage),
		post(templates.GrantViewPattern, s.grantView),
		get(templates.RevokeViewPattern, s.revokeViewPage),
		post(templates.RevokeViewPattern, s.revokeView),
		get(templates.MyViewsPattern, s.myViewsPage),
		post(templates.MyViewsPattern, s.replaceMine),
		get(templates.DAuthAccessPattern, s.dauthAccessPage),
		post(templates.DAuthAccessPattern, s.dauthAccess),
		get(templates.CustomersPattern, s.customers),
		post(templates.FindCustomerPattern, s.findCustomer),
		post(templates.ExportCustomersPattern, s.exportCustomers),
		get(templates.CustomerPattern, s.customer),
		get(templates.LinkUserPattern, s.linkUserPage),
		post(templates.LinkUserPattern, s.linkUser),
		get(templates.UnlinkPattern, s.unlinkPage),
		post(templates.UnlinkPattern, s.unlink),
		get(templates.LinksPattern, s.userLinks),
		post(templates.LinksPattern, s.linkCustomer),
		get(templates.LinkManyPattern, s.linkManyPage),
		post(templates.LinkManyPattern, s.linkMany),
		post(templates.LinkManyStartPattern, s.linkManyStart),
		get(templates.LinkManyOnePattern, s.linkManyProgress),
		post(templates.LinkManyGoPattern, s.linkManyContinue),
		post(templates.LinkManyEndPattern, s.linkManyEnd),
		get(templates.ContextsPattern, s.contextsPage),
		post(templates.ContextsPattern, s.addContext),
		get(templates.DropContextsPattern, s.dropContextsPage),
		post(templates.DropContextsPattern, s.dropContexts),
		get(templates.DropContextPattern, s.dropContextPage),
		post(templates.DropContextPattern, s.dropContext),
		get(templates.AttributesPattern, s.userAttributes),
		get(templates.MyAttributesPattern, s.myAttributes),
		post(templates.MyAttributesPattern, s.addAttribute),
		get(templates.MyAttributePattern, s.myAttribute),
		post(templates.MyAttributePattern, s.changeAttribute),
		get(templates.MyAccessPattern, s.myAccess),
		post(templates.EndOthersPattern, s.endOthers),
		get(templates.ChallengePattern, s.challengePage),
		post(templates.ChallengePattern, s.startChallenge),
		get(templates.AnswerPattern, s.answerPage),
		post(templates.AnswerPattern, s.answerChallenge),
		get(templates.OperatorsPattern, s.adminOnly(s.operators)),
		get(templates.EndSessionPattern, endPage), post(templates.EndSessionPattern, end),
		get(templates.BarPattern, barPage), post(templates.BarPattern, bar),
		get(templates.UnbarPattern, unbarPage), post(templates.UnbarPattern, unbar),
		get(templates.ServerPattern, s.adminOnly(s.serverPage)),
	}
}
