package sandbox

import (
	"maps"
	"slices"
	"strings"
)

// What a view lets its users do, as the calls name it: the first list since
// the oldest shape, the second since a newer one.
var (
	viewFlags = strings.Fields(`
		can_add_comment can_add_corporate_location can_add_image can_add_image_url can_add_more_info can_add_open_corporates_url can_add_physical_location
		can_add_private_alias can_add_public_alias can_add_tag can_add_url can_add_where_tag can_delete_comment can_delete_corporate_location can_delete_image
		can_delete_physical_location can_delete_tag can_delete_where_tag can_edit_owner_comment can_see_bank_account_balance can_see_bank_account_bank_name
		can_see_bank_account_currency can_see_bank_account_iban can_see_bank_account_label can_see_bank_account_national_identifier
		can_see_bank_account_number can_see_bank_account_owners can_see_bank_account_swift_bic can_see_bank_account_type can_see_comments
		can_see_corporate_location can_see_image_url can_see_images can_see_more_info can_see_open_corporates_url can_see_other_account_bank_name
		can_see_other_account_iban can_see_other_account_kind can_see_other_account_metadata can_see_other_account_national_identifier
		can_see_other_account_number can_see_other_account_swift_bic can_see_owner_comment can_see_physical_location can_see_private_alias
		can_see_public_alias can_see_tags can_see_transaction_amount can_see_transaction_balance can_see_transaction_currency can_see_transaction_description
		can_see_transaction_finish_date can_see_transaction_metadata can_see_transaction_other_bank_account can_see_transaction_start_date
		can_see_transaction_this_bank_account can_see_transaction_type can_see_url can_see_where_tag`)
	newerViewFlags = strings.Fields(`
		can_add_counterparty can_query_available_funds can_see_bank_routing_scheme can_see_bank_routing_address can_see_bank_account_routing_scheme
		can_see_bank_account_routing_address can_see_other_bank_routing_scheme can_see_other_bank_routing_address can_see_other_account_routing_scheme
		can_see_other_account_routing_address can_add_transaction_request_to_own_account can_add_transaction_request_to_any_account
		can_see_bank_account_credit_limit can_create_direct_debit can_create_standing_order`)
	never = strings.Fields("can_add_transaction_request_to_own_account can_create_direct_debit can_create_standing_order can_query_available_funds can_see_bank_account_credit_limit")
	moves = strings.Fields("can_see_transaction_amount can_see_transaction_balance can_see_transaction_currency can_see_transaction_description can_see_transaction_finish_date can_see_transaction_other_bank_account can_see_transaction_start_date can_see_transaction_this_bank_account")
)

// allows tells whether a system view has a flag.
func allows(view, flag string) bool {
	switch {
	case slices.Contains(never, flag):
		return false
	case view == "ReadTransactionsBerlinGroup":
		return slices.Contains(moves, flag)
	case strings.HasSuffix(view, "BerlinGroup"):
		return false
	case view == "StageOne":
		return flag != "can_add_transaction_request_to_any_account" && flag != "can_see_transaction_description"
	}
	return true
}

// viewOld is the shape of v1.2.1.
func viewOld(v *SystemView) map[string]any {
	m := map[string]any{"id": v.ID, "short_name": orNil(v.Name), "description": orNil(v.Description), "is_public": v.Public,
		"alias": "", "hide_metadata_if_alias_used": false}
	for _, f := range viewFlags {
		m[f] = allows(v.ID, f)
	}
	return m
}

// viewNew is the shape of grants and of one user's permissions.
func viewNew(v *SystemView) map[string]any {
	m := viewOld(v)
	m["metadata_view"], m["is_system"] = v.ID, true
	for _, f := range newerViewFlags {
		m[f] = allows(v.ID, f)
	}
	return m
}

// viewWhole adds which views its users may grant and revoke.
func viewWhole(v *SystemView) map[string]any {
	m := viewNew(v)
	m["can_grant_access_to_views"], m["can_revoke_access_to_views"] = append([]string{}, v.MayGrant...), append([]string{}, v.MayRevoke...)
	return m
}

func viewShort(v *SystemView) map[string]any {
	return map[string]any{"id": v.ID, "short_name": orNil(v.Name), "is_public": v.Public}
}

func viewBasic(v *SystemView) map[string]any {
	m := maps.Clone(viewShort(v))
	m["description"] = orNil(v.Description)
	return m
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func show(vs []*SystemView, shape func(*SystemView) map[string]any) []map[string]any {
	out := make([]map[string]any, len(vs))
	for i, v := range vs {
		out[i] = shape(v)
	}
	return out
}

func (s *Server) systemView(id string) *SystemView {
	for i := range s.world.SystemViews {
		if s.world.SystemViews[i].ID == id {
			return &s.world.SystemViews[i]
		}
	}
	return nil
}

func noSystemView(id string) *refusal {
	return refuse(400, "OBP-30252: System view not found. Please specify a valid value for VIEW_ID. Current ViewId is %s", id)
}

func (s *Server) systemViewIDs(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetSystemView"); no != nil {
		return 0, nil, no
	}
	ids := []map[string]string{}
	for _, v := range s.world.SystemViews {
		ids = append(ids, map[string]string{"id": v.ID})
	}
	return 200, map[string]any{"views": ids}, nil
}

func (s *Server) oneSystemView(r *request) (int, any, *refusal) {
	if no := s.need(r, "CanGetSystemView"); no != nil {
		return 0, nil, no
	}
	v := s.systemView(r.arg("VIEW_ID"))
	if v == nil {
		return 0, nil, noSystemView(r.arg("VIEW_ID"))
	}
	return 200, viewWhole(v), nil
}
