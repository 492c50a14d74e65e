package handlers

import "obpconsole/web/templates"

// reviewRoutes are the routes of access reviews and evidence.
func (s *Server) reviewRoutes() []route {
	return []route{
		get(templates.ReviewsPattern, s.reviews),
		post(templates.ReviewsPattern, s.reviewStart),
		get(templates.ReviewPattern, s.review),
		post(templates.ReviewKeepPattern, s.reviewKeep),
		get(templates.ReviewRowPattern, s.reviewRow),
		post(templates.ReviewRowPattern, s.reviewDecide),
		post(templates.ReviewSignPattern, s.reviewSign),
		get(templates.ReviewPrintPattern, s.reviewPrint),
		post(templates.ExportReviewPattern, s.reviewExport),
		get(templates.EvidencePattern, s.evidence),
	}
}
