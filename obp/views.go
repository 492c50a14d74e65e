package obp

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// View is a way to see and use an account.
type View struct {
	ID           string
	ShortName    string // may be empty
	Description  string // may be empty
	MetadataView string // id of the view whose metadata is shared
	IsPublic     bool
	IsSystem     bool     // else a custom view, whose id begins with an underscore
	Alias        string   // "public", "private" or ""
	HideMetadata bool     // hide_metadata_if_alias_used
	CanGrant     []string // ids of system views that a holder may grant; only in AccountViews and SystemView
	CanRevoke    []string // the same for revoking
	Can          []string // names of the can_... flags that are true, sorted
}

func (v View) id() string { return v.ID }

// UnmarshalJSON reads OBP's old and new shapes, with their eighty flags. The
// old one has no is_system: the id tells it.
func (v *View) UnmarshalJSON(b []byte) error {
	var known struct {
		ID           string   `json:"id"`
		ShortName    string   `json:"short_name"`
		Description  string   `json:"description"`
		MetadataView string   `json:"metadata_view"`
		IsPublic     bool     `json:"is_public"`
		IsSystem     *bool    `json:"is_system"`
		Alias        string   `json:"alias"`
		HideMetadata bool     `json:"hide_metadata_if_alias_used"`
		CanGrant     []string `json:"can_grant_access_to_views"`
		CanRevoke    []string `json:"can_revoke_access_to_views"`
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &known); err != nil {
		return err
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	*v = View{ID: known.ID, ShortName: known.ShortName, Description: known.Description, MetadataView: known.MetadataView,
		IsPublic: known.IsPublic, IsSystem: !custom(known.ID), Alias: known.Alias, HideMetadata: known.HideMetadata,
		CanGrant: known.CanGrant, CanRevoke: known.CanRevoke}
	if known.IsSystem != nil {
		v.IsSystem = *known.IsSystem
	}
	for name, value := range all {
		if strings.HasPrefix(name, "can_") && string(value) == "true" {
			v.Can = append(v.Can, name)
		}
	}
	slices.Sort(v.Can)
	return nil
}

func custom(viewID string) bool { return strings.HasPrefix(viewID, "_") }

// viewRef names a view to OBP. The flag must agree with the underscore.
type viewRef struct {
	ViewID   string `json:"view_id"`
	IsSystem bool   `json:"is_system"`
}

func refer(viewID string) viewRef { return viewRef{viewID, !custom(viewID)} }

type viewList struct {
	Views []View `json:"views"`
}

func (a *API) views(ctx context.Context, q call) ([]View, error) {
	var l viewList
	return list(ctx, a, q, &l, &l.Views)
}

// AccountViews are the views that there are for an account, used or not, with
// what a holder of each may grant: GET
// /banks/{BANK_ID}/accounts/{ACCOUNT_ID}/views, no role: a view on the account
// with can_see_available_views_for_bank_account (KindNoView, status 400). An
// unknown account is KindNotFound (OBP-30018).
func (a *API) AccountViews(ctx context.Context, bankID, accountID string) ([]View, error) {
	return a.views(ctx, get("/banks/{BANK_ID}/accounts/{ACCOUNT_ID}/views", bankID, accountID))
}

// SystemViewIDs are the system views of the server: GET /system-views-ids,
// CanGetSystemView.
func (a *API) SystemViewIDs(ctx context.Context) ([]string, error) {
	return a.ids(ctx, get("/system-views-ids"))
}

// ids reads the ids of a list of views or of accounts.
func (a *API) ids(ctx context.Context, q call) ([]string, error) {
	var l struct {
		Views    []onlyID `json:"views"`
		Accounts []onlyID `json:"accounts"`
	}
	rows := &l.Views
	if strings.Contains(q.op, "/account_ids/") {
		rows = &l.Accounts
	}
	found, err := list(ctx, a, q, &l, rows)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(found))
	for i, r := range found {
		out[i] = r.ID
	}
	return out, nil
}

type onlyID struct {
	ID string `json:"id"`
}

func (o onlyID) id() string { return o.ID }

// SystemView is one system view: GET /system-views/{VIEW_ID},
// CanGetSystemView. KindNotFound (OBP-30252, status 400) when there is none.
func (a *API) SystemView(ctx context.Context, viewID string) (View, error) {
	return one[View](ctx, a, get("/system-views/{VIEW_ID}", viewID))
}
